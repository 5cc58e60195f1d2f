"""The request half of the OpenAPI document: parameters, and what each model makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pixelproof.contract import (
    MEDIA_LIST,
    Cell,
    ClaimIds,
    Contract,
    CustomSizes,
    Domain,
    Exclusion,
    Json,
    Model,
    Parameter,
    Support,
)
from pixelproof.openapi.reference import reference_parameter, sample_reference

Schema = dict[str, Any]

#: The scene of every example.
_SCENE = "A red bicycle leaning against a white wall"
_NULL: Schema = {"type": "null"}
#: One character that is not blank; the ranges are blank in Python and not in ECMA's regular expressions.
_NOT_BLANK = r"[^\s\u001c-\u001f\u0085]"


def capabilities(contract: Contract) -> tuple[str, ...]:
    """Return what the operations of a contract can make, in its order, once each."""
    return tuple(dict.fromkeys(operation.capability or "" for operation in contract.creating()))


def request_name(contract: Contract, capability: str) -> str:
    """Return the component's name of a capability's requests: ``ImageRequest`` where there is only one."""
    if len(capabilities(contract)) == 1:
        return "ImageRequest"
    return "".join(word.capitalize() for word in capability.split("_")) + "Request"


def request_schema(contract: Contract, capability: str) -> Schema:
    """Return the JSON Schema of a capability's requests: the shape, then one conditional per model."""
    parameters = parameters_of(contract, capability)
    schema: Schema = {"type": "object", "properties": _properties(contract, parameters)}
    required = [name for name, parameter in parameters.items() if parameter.required]
    alternatives = [_spelled(parameters[name]) for name in required if parameters[name].aliases]
    plain = [name for name in required if not parameters[name].aliases]
    if plain:
        schema["required"] = plain
    if contract.unknown_policy is Support.REFUSED:
        schema["additionalProperties"] = False
    conditionals = [_conditional(contract, model, parameters) for model in contract.models.values()]
    if alternatives or conditionals:
        schema["allOf"] = alternatives + conditionals
    return schema


def parameters_of(contract: Contract, capability: str) -> Mapping[str, Parameter]:
    """Return the parameters that requests of a capability have."""
    return {
        name: parameter
        for name, parameter in contract.parameters.items()
        if parameter.capabilities is None or capability in parameter.capabilities
    }


def sample(contract: Contract, parameter: Parameter) -> Json:
    """Return a valid value of a parameter, for examples."""
    domain = parameter.domain
    if parameter.name == "model":
        return next(iter(contract.models))
    if parameter.default is not None:
        return parameter.default
    if contract.media is not None and reference_parameter(domain.type) is not None:
        one = sample_reference(contract.media)
        return [one] if domain.type == MEDIA_LIST else one
    if domain.type == "string":
        return domain.enum[0] if domain.enum else _SCENE[: domain.max_length].ljust(domain.min_length or 0, ".")
    return domain.type == "boolean" or domain.minimum or 0


def domain_schema(domain: Domain) -> Schema:
    """Return the JSON Schema of a domain."""
    reference = reference_parameter(domain.type)
    if reference is not None:
        return reference | ({"maxItems": domain.maximum} if domain.maximum is not None else {})
    schema: Schema = {"type": domain.type}
    if domain.enum is not None:
        schema |= _choices(domain.enum, domain.custom)
    bounds = {
        "minimum": domain.minimum,
        "maximum": domain.maximum,
        "minLength": domain.min_length,
        "maxLength": domain.max_length,
    }
    return schema | {word: bound for word, bound in bounds.items() if bound is not None}


def _choices(listed: tuple[str, ...], custom: CustomSizes | None) -> Schema:
    choices: Schema = {"enum": list(listed)}
    if custom is None:
        return choices
    first = -(-custom.minimum // custom.step) * custom.step
    side = "|".join(str(pixels) for pixels in range(first, custom.maximum + 1, custom.step))
    text = f"Both sides from {custom.minimum} to {custom.maximum} pixels in steps of {custom.step}"
    return {"anyOf": [choices, {"description": text, "pattern": f"^({side})x({side})$"}]}


def _properties(contract: Contract, parameters: Mapping[str, Parameter]) -> Schema:
    properties: Schema = {}
    for name, parameter in parameters.items():
        properties[name] = _property(contract, parameter)
        for alias in parameter.aliases:
            properties[alias] = {"description": f"Another name for {name}", **properties[name]}
    return properties


def _property(contract: Contract, parameter: Parameter) -> Schema:
    domain = parameter.domain
    if parameter.name == "model":
        domain = Domain(type=domain.type, enum=tuple(contract.models))
    schema = domain_schema(_shape(domain))
    if parameter.name == "prompt" and domain.min_length:
        schema["pattern"] = _NOT_BLANK
    if parameter.default is not None and _default_holds(contract, parameter):
        schema["default"] = parameter.default
    schema = schema if parameter.required else _or_null(schema)
    return _with_claims(schema, tuple(claim for ids in parameter.claims.values() for claim in ids))


def _or_null(schema: Schema) -> Schema:
    """Return a schema that also takes null: a null beside an optional parameter leaves it out."""
    if "$ref" in schema:
        return {"anyOf": [schema, _NULL]}
    words: Schema = {}
    if "type" in schema:
        words["type"] = [schema["type"], "null"]
    if "enum" in schema:
        words["enum"] = [*schema["enum"], None]
    if "anyOf" in schema:
        words["anyOf"] = [*schema["anyOf"], _NULL]
    return {**schema, **words}


def _shape(domain: Domain) -> Domain:
    # Bounds belong to the models: one of them may take more than the table says.
    return Domain(type=domain.type, enum=domain.enum, min_length=domain.min_length, custom=domain.custom)


def _default_holds(contract: Contract, parameter: Parameter) -> bool:
    cells = [model.cells[parameter.name] for model in contract.models.values() if parameter.name in model.cells]
    return all(cell.default == parameter.default for cell in cells if cell.support is Support.TAKEN)


def _spelled(parameter: Parameter) -> Schema:
    return {"anyOf": [{"required": [name]} for name in (parameter.name, *parameter.aliases)]}


def _conditional(contract: Contract, model: Model, parameters: Mapping[str, Parameter]) -> Schema:
    named: Schema = {"properties": {"model": {"const": model.id}}, "required": ["model"]}
    # Without `required` the condition also holds when the model is left out: that is the default model.
    if contract.parameters["model"].default == model.id:
        named = {"properties": {"model": {"enum": [model.id, None]}}}
    then: Schema = {"properties": _cells(contract, model, parameters)}
    excluded = [_excluded(model, e) for e in contract.exclusions if _may_meet(model, e, parameters)]
    if excluded:
        then["allOf"] = excluded
    return {"if": named, "then": _with_claims(then, model.claim)}


def _cells(contract: Contract, model: Model, parameters: Mapping[str, Parameter]) -> Schema:
    properties: Schema = {}
    for name, cell in model.cells.items():
        narrowed = _narrowed(contract, parameters[name], cell) if name in parameters else None
        if narrowed is not None:
            for spelling in (name, *parameters[name].aliases):
                properties[spelling] = narrowed
    return properties


def _may_meet(model: Model, exclusion: Exclusion, parameters: Mapping[str, Parameter]) -> bool:
    refused = {name for name, cell in model.cells.items() if cell.support is Support.REFUSED}
    return set(exclusion.when) <= set(parameters) - refused


def _excluded(model: Model, exclusion: Exclusion) -> Schema:
    """Return what a model refuses together; a value that is its default also counts when left out."""
    given = [name for name, values in exclusion.when.items() if _default_of(model, name) not in values]
    met: Schema = {
        name: {"enum": [*_typed(model.cells.get(name), values), *([] if name in given else [None])]}
        for name, values in exclusion.when.items()
    }
    together: Schema = {"properties": met, **({"required": given} if given else {})}
    return _with_claims({"not": together}, exclusion.claim)


def _typed(cell: Cell | None, values: tuple[str, ...]) -> list[Json]:
    # The contract writes every excluded value as text.
    return [int(value) for value in values] if cell is not None and cell.domain.type == "integer" else list(values)


def _default_of(model: Model, name: str) -> str | None:
    cell = model.cells.get(name)
    if cell is None:
        return model.id
    return None if cell.support is not Support.TAKEN or cell.default is None else str(cell.default)


def _narrowed(contract: Contract, parameter: Parameter, cell: Cell) -> Schema | None:
    if cell.support is Support.REFUSED:
        return _with_claims({**_NULL, "description": "Refused"}, cell.claim)
    if cell.support is Support.IGNORED:
        return None
    shape = domain_schema(_shape(parameter.domain))
    schema = {word: value for word, value in domain_schema(cell.domain).items() if shape.get(word) != value}
    if not parameter.required:
        schema = _or_null(schema)
    if cell.default is not None and not _default_holds(contract, parameter):
        schema["default"] = cell.default
    return _with_claims(schema, cell.claim) if schema else None


def _with_claims(schema: Schema, claims: ClaimIds) -> Schema:
    return {**schema, "x-claims": list(dict.fromkeys(claims))} if claims else schema
