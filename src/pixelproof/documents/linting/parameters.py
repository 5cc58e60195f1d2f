"""Values that nobody can send: the matrix against the parameter table."""

from __future__ import annotations

from collections.abc import Iterator

from pixelproof.contract import Cell, Contract, Domain, Json, Model, Parameter, Support
from pixelproof.documents.document import JsonPath, nearest
from pixelproof.documents.linting.finding import Remark
from pixelproof.documents.linting.given import Given
from pixelproof.documents.linting.names import admits
from pixelproof.documents.linting.registry import error, warning
from pixelproof.matrix import excludes

_NUMBERS = frozenset({"integer", "number", "media_list"})


@error
def foreign_value(contract: Contract, given: Given) -> Iterator[Remark]:
    """A value of a model that the parameter's own schema refuses."""
    del given
    for path, parameter, cell in _cells(contract):
        own = parameter.domain
        for value in cell.domain.enum or ():
            if not admits(own, value) and own.enum is not None:
                message = f"{parameter.name} '{value}' is refused by the parameter's own schema"
                hint = f"{nearest(value, own.enum)} Else add it to parameters.{parameter.name}.schema.enum"
                yield Remark(path=(*path, "enum"), message=message, hint=hint)
        for key, wide in _wider(own, cell.domain):
            message = f"{parameter.name}: {wide} lies beyond the parameter's own {key}"
            hint = f"narrow it, or widen parameters.{parameter.name}.schema"
            yield Remark(path=(*path, key), message=message, hint=hint)


@error
def empty_range(contract: Contract, given: Given) -> Iterator[Remark]:
    """Bounds between which there is nothing."""
    del given
    schemas = [(("parameters", name, "schema"), p.domain) for name, p in contract.parameters.items()]
    cells = [(path, cell.domain) for path, _, cell in _cells(contract)]
    for path, domain in (*schemas, *cells):
        for upper, least, most in _spans(domain):
            if least > most:
                message = f"there is nothing from {least} to {most}"
                yield Remark(path=(*path, upper), message=message, hint="swap or correct the bounds")


@error
def bad_default(contract: Contract, given: Given) -> Iterator[Remark]:
    """A default that the schema it stands in for refuses."""
    for name, parameter in contract.parameters.items():
        if name != "model" and parameter.default is not None and not _fits(parameter.domain, parameter.default):
            yield _bad_default(("parameters", name, "default"), name, parameter.default, parameter.domain)
    for path, parameter, cell in _cells(contract):
        written = _at(given, (*path, "default"))
        default = cell.default if written is None else written
        if cell.support is Support.TAKEN and default is not None and not _fits(cell.domain, default):
            yield _bad_default((*path, "default"), parameter.name, default, cell.domain)


@warning
def idle_bound(contract: Contract, given: Given) -> Iterator[Remark]:
    """A bound that means nothing for the type of its parameter."""
    del given
    for name, parameter in contract.parameters.items():
        domain = parameter.domain
        bounds = {
            "enum": domain.enum is not None and domain.type != "string",
            "minLength": domain.min_length is not None and domain.type != "string",
            "maxLength": domain.max_length is not None and domain.type != "string",
            "custom": domain.custom is not None and domain.enum is None,
            "minimum": domain.minimum is not None and domain.type not in _NUMBERS,
            "maximum": domain.maximum is not None and domain.type not in _NUMBERS,
        }
        for key in (key for key, idle in bounds.items() if idle):
            message = f"'{key}' means nothing for {name} of type {domain.type}"
            path = ("parameters", name, "schema", key)
            yield Remark(path=path, message=message, hint="correct the type, or leave it out")


@warning
def unused_parameter(contract: Contract, given: Given) -> Iterator[Remark]:
    """A parameter that no model takes."""
    del given
    for name in contract.parameters:
        cells = [model.cells[name] for model in contract.models.values() if name in model.cells]
        if cells and all(cell.support is not Support.TAKEN for cell in cells):
            message = f"no model takes '{name}'"
            hint = "leave it out, or let one of the models take it"
            yield Remark(path=("parameters", name), message=message, hint=hint)


@warning
def unheard_requirement(contract: Contract, given: Given) -> Iterator[Remark]:
    """A parameter that is required and that a model ignores."""
    del given
    for path, parameter, cell in _cells(contract):
        if parameter.required and cell.support is Support.IGNORED:
            message = f"'{parameter.name}' is required, and ignored here"
            yield Remark(path=(*path, "support"), message=message, hint="drop 'required', or let the model take it")


@warning
def idle_exclusion(contract: Contract, given: Given) -> Iterator[Remark]:
    """An exclusion that no request meets which would be served otherwise."""
    if not given.requests.whole:
        return
    for index, exclusion in enumerate(contract.exclusions):
        if not any(excludes(exclusion, request.values) for request in given.requests.admitted):
            message = "no request that is possible otherwise meets this"
            yield Remark(path=("exclusions", index), message=message, hint="correct its values, or leave it out")


@warning
def repeated_exclusion(contract: Contract, given: Given) -> Iterator[Remark]:
    """An exclusion that stands twice."""
    del given
    whens = [exclusion.when for exclusion in contract.exclusions]
    for index, when in enumerate(whens):
        if when in whens[:index]:
            yield Remark(path=("exclusions", index), message="this exclusion stands twice", hint="keep one of them")


def _cells(contract: Contract) -> Iterator[tuple[JsonPath, Parameter, Cell]]:
    for model in _written(contract):
        for name, cell in model.cells.items():
            yield ("models", model.id, "parameters", name), contract.parameters[name], cell


def _written(contract: Contract) -> Iterator[Model]:
    return (model for model in contract.models.values() if model.like is None)


def _wider(own: Domain, cell: Domain) -> Iterator[tuple[str, int]]:
    pairs = (
        ("minimum", cell.minimum, own.minimum, -1),
        ("maximum", cell.maximum, own.maximum, 1),
        ("minLength", cell.min_length, own.min_length, -1),
        ("maxLength", cell.max_length, own.max_length, 1),
    )
    for key, narrow, wide, sign in pairs:
        if narrow is not None and wide is not None and narrow * sign > wide * sign:
            yield key, narrow


def _spans(domain: Domain) -> Iterator[tuple[str, int, int]]:
    if domain.minimum is not None and domain.maximum is not None:
        yield "maximum", domain.minimum, domain.maximum
    if domain.min_length is not None and domain.max_length is not None:
        yield "maxLength", domain.min_length, domain.max_length
    if domain.custom is not None:
        first = -(-domain.custom.minimum // domain.custom.step) * domain.custom.step
        yield "custom", first, domain.custom.maximum


def _fits(domain: Domain, value: Json) -> bool:
    kinds = {"string": str, "boolean": bool, "integer": int}
    wanted = kinds.get(domain.type)
    if wanted is None:
        return True
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        return False
    return admits(domain, str(value).lower() if isinstance(value, bool) else str(value)) and _long_enough(domain, value)


def _long_enough(domain: Domain, value: Json) -> bool:
    if not isinstance(value, str):
        return True
    return (domain.min_length or 0) <= len(value) <= (len(value) if domain.max_length is None else domain.max_length)


def _at(given: Given, path: JsonPath) -> Json:
    found: Json = dict(given.document.value)
    for part in path:
        found = found.get(str(part)) if isinstance(found, dict) else None
    return found


def _bad_default(path: JsonPath, name: str, default: Json, domain: Domain) -> Remark:
    hint = nearest(str(default), domain.enum) if domain.enum else f"{domain.type} within the bounds of the schema"
    return Remark(path=path, message=f"the default of {name} is '{default}', which its schema refuses", hint=hint)
