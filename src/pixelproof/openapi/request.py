"""The request half of the OpenAPI document: parameters, and what each model makes of them."""

from __future__ import annotations

from typing import Any

from pixelproof.contract import Cell, ClaimIds, Contract, Domain, Json, Model, Parameter, Support

Schema = dict[str, Any]

#: The scene of every example.
_SCENE = "A red bicycle leaning against a white wall"


def request_schema(contract: Contract) -> Schema:
    """Return the JSON Schema of an image request: the shape, then one conditional per model."""
    schema: Schema = {"type": "object", "properties": _properties(contract)}
    required = [name for name, parameter in contract.parameters.items() if parameter.required]
    alternatives = [_spelled(contract.parameters[name]) for name in required if contract.parameters[name].aliases]
    plain = [name for name in required if not contract.parameters[name].aliases]
    if plain:
        schema["required"] = plain
    if contract.unknown_policy is Support.REFUSED:
        schema["additionalProperties"] = False
    conditionals = [_conditional(contract, model) for model in contract.models.values()]
    if alternatives or conditionals:
        schema["allOf"] = alternatives + conditionals
    return schema


def sample(contract: Contract, parameter: Parameter) -> Json:
    """Return a valid value of a parameter, for examples."""
    domain = parameter.domain
    if parameter.name == "model":
        return next(iter(contract.models))
    if parameter.default is not None:
        return parameter.default
    if domain.type == "string":
        return domain.enum[0] if domain.enum else _SCENE[: domain.max_length].ljust(domain.min_length or 0, ".")
    return domain.type == "boolean" or domain.minimum or 0


def domain_schema(domain: Domain) -> Schema:
    """Return the JSON Schema of a domain."""
    schema: Schema = {"type": domain.type}
    if domain.enum is not None:
        schema["enum"] = list(domain.enum)
    bounds = {
        "minimum": domain.minimum,
        "maximum": domain.maximum,
        "minLength": domain.min_length,
        "maxLength": domain.max_length,
    }
    return schema | {word: bound for word, bound in bounds.items() if bound is not None}


def _properties(contract: Contract) -> Schema:
    properties: Schema = {}
    for name, parameter in contract.parameters.items():
        properties[name] = _property(contract, parameter)
        for alias in parameter.aliases:
            properties[alias] = {"description": f"Another name for {name}", **properties[name]}
    return properties


def _property(contract: Contract, parameter: Parameter) -> Schema:
    domain = parameter.domain
    if parameter.name == "model":
        domain = Domain(type=domain.type, enum=tuple(contract.models))
    schema = domain_schema(_shape(domain))
    if parameter.default is not None and _default_holds(contract, parameter):
        schema["default"] = parameter.default
    return _with_claims(schema, tuple(claim for ids in parameter.claims.values() for claim in ids))


def _shape(domain: Domain) -> Domain:
    # Bounds belong to the models: one of them may take more than the table says.
    return Domain(type=domain.type, enum=domain.enum, min_length=domain.min_length)


def _default_holds(contract: Contract, parameter: Parameter) -> bool:
    cells = [model.cells[parameter.name] for model in contract.models.values() if parameter.name in model.cells]
    return all(cell.default == parameter.default for cell in cells if cell.support is Support.TAKEN)


def _spelled(parameter: Parameter) -> Schema:
    return {"anyOf": [{"required": [name]} for name in (parameter.name, *parameter.aliases)]}


def _conditional(contract: Contract, model: Model) -> Schema:
    named: Schema = {"properties": {"model": {"const": model.id}}}
    # Without `required` the condition also holds when the model is left out: that is the default model.
    if contract.parameters["model"].default != model.id:
        named["required"] = ["model"]
    properties: Schema = {}
    for name, cell in model.cells.items():
        narrowed = _narrowed(contract, contract.parameters[name], cell)
        if narrowed is not None:
            for spelling in (name, *contract.parameters[name].aliases):
                properties[spelling] = narrowed
    return {"if": named, "then": _with_claims({"properties": properties}, model.claim)}


def _narrowed(contract: Contract, parameter: Parameter, cell: Cell) -> Schema | bool | None:
    if cell.support is Support.REFUSED:
        return False
    if cell.support is Support.IGNORED:
        return None
    shape = domain_schema(_shape(parameter.domain))
    schema = {word: value for word, value in domain_schema(cell.domain).items() if shape.get(word) != value}
    if cell.default is not None and not _default_holds(contract, parameter):
        schema["default"] = cell.default
    return _with_claims(schema, cell.claim) if schema else None


def _with_claims(schema: Schema, claims: ClaimIds) -> Schema:
    return {**schema, "x-claims": list(dict.fromkeys(claims))} if claims else schema
