"""Names that lead nowhere: models, parameters, values, error rows, operations, scopes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pixelproof.contract import Contract, Domain, ResponseField
from pixelproof.contract.error import FALLBACKS
from pixelproof.documents.document import JsonPath, nearest
from pixelproof.documents.linting.finding import Remark
from pixelproof.documents.linting.given import Given
from pixelproof.documents.linting.registry import error


class Naming(NamedTuple):
    """A map of a contract from parameter names to values, and where it stands."""

    path: JsonPath
    values: Mapping[str, tuple[str, ...]]


def namings(contract: Contract) -> Iterator[Naming]:
    """Yield every map that names parameters and their values."""
    for index, exclusion in enumerate(contract.exclusions):
        yield Naming(("exclusions", index, "when"), exclusion.when)
    for index, row in enumerate(contract.billing.prices):
        yield Naming(("billing", "prices", index, "when"), row.when)
    for index, order in enumerate(contract.billing.order):
        yield Naming(("billing", "order", index, "cheaper"), _listed(order.cheaper))
        yield Naming(("billing", "order", index, "dearer"), _listed(order.dearer))
    for index, point in enumerate(contract.ambiguities):
        yield Naming(("ambiguities", index, "subject"), point.subject)
    yield Naming(("images", "alpha", "when"), contract.images.alpha_when)
    for parameter in contract.parameters.values():
        yield Naming(("parameters", parameter.name, "companions"), _listed(parameter.companions))


def fields(contract: Contract) -> Iterator[tuple[JsonPath, ResponseField]]:
    """Yield every field of the success body, nested ones too, with its path."""
    yield from _below(contract.response.fields, ("response",))


@error
def unknown_parameter(contract: Contract, given: Given) -> Iterator[Remark]:
    """A name that is no parameter of the contract."""
    del given
    for naming in namings(contract):
        known = {*contract.parameters, *(["capability"] if naming.path[:2] == ("billing", "prices") else [])}
        yield from (
            _nowhere((*naming.path, name), name, "parameter", known) for name in naming.values if name not in known
        )
    for index, exclusion in enumerate(contract.exclusions):
        if exclusion.parameter not in contract.parameters:
            yield _nowhere(("exclusions", index, "parameter"), exclusion.parameter, "parameter", contract.parameters)
    ratio = contract.images.ratio_parameter
    if ratio is not None and ratio not in contract.parameters:
        yield _nowhere(("images", "ratio", "parameter"), ratio, "parameter", contract.parameters)
    for path, field in fields(contract):
        if field.echoes is not None and field.echoes not in contract.parameters:
            yield _nowhere((*path, "echoes"), field.echoes, "parameter", contract.parameters)


@error
def unknown_model(contract: Contract, given: Given) -> Iterator[Remark]:
    """A name that is no model of the contract."""
    del given
    for path, name in _named_models(contract):
        if name not in contract.models:
            yield _nowhere(path, name, "model", contract.models)


@error
def circular_route(contract: Contract, given: Given) -> Iterator[Remark]:
    """A model that stands for itself, or for one that stands for another again."""
    del given
    for model in contract.models.values():
        target = contract.models.get(model.routes_to or "")
        if model.like is None and target is not None and (target is model or _routes_on(contract, target.id)):
            message = f"'{model.id}' routes to '{target.id}', which routes on"
            yield Remark(path=("models", model.id, "routes_to"), message=message, hint="name the model that serves")


@error
def unknown_value(contract: Contract, given: Given) -> Iterator[Remark]:
    """A value that the parameter's own schema refuses."""
    del given
    for naming in namings(contract):
        for name, values in naming.values.items():
            for value in values:
                refusal = _refusal(contract, name, value)
                if refusal is not None:
                    yield Remark(path=(*naming.path, name), message=f"{name} is never '{value}'", hint=refusal)


@error
def unknown_capability(contract: Contract, given: Given) -> Iterator[Remark]:
    """A parameter for a capability that no operation has."""
    del given
    known = _capabilities(contract)
    for parameter in contract.parameters.values():
        for name in parameter.capabilities or ():
            if name not in known:
                message = f"no operation has the capability '{name}'"
                path = ("parameters", parameter.name, "capabilities")
                yield Remark(path=path, message=message, hint=nearest(name, known))


@error
def unknown_error_row(contract: Contract, given: Given) -> Iterator[Remark]:
    """An error that the table does not have, and that no other row stands in for."""
    del given
    rows = contract.errors.rows
    for model in (model for model in contract.models.values() if model.like is None):
        path: JsonPath = ("models", model.id)
        named: list[tuple[JsonPath, str]]
        named = [(("parameters", cell.parameter, "error"), cell.error) for cell in model.cells.values()]
        named += [(("errors", row), row) for row in model.errors]
        for below, row in named:
            if row not in rows and row not in FALLBACKS:
                yield _nowhere((*path, *below), row, "row of the error table", rows)
    for index, point in enumerate(contract.ambiguities):
        if point.row is not None and point.row not in rows:
            yield _nowhere(("ambiguities", index, "row"), point.row, "row of the error table", rows)


@error
def unknown_scope(contract: Contract, given: Given) -> Iterator[Remark]:
    """An operation that needs a scope which no key can carry."""
    del given
    for operation in contract.operations.values():
        if operation.scope is not None and operation.scope not in contract.auth.scopes:
            message = f"no key can carry the scope '{operation.scope}'"
            hint = nearest(operation.scope, contract.auth.scopes) if contract.auth.scopes else "list it in auth.scopes"
            yield Remark(path=("operations", operation.name, "scope"), message=message, hint=hint)


@error
def alias_clash(contract: Contract, given: Given) -> Iterator[Remark]:
    """An alias that is the name, or an alias, of another parameter."""
    del given
    owners = {name: name for name in contract.parameters}
    for parameter in contract.parameters.values():
        for alias in parameter.aliases:
            owner = owners.setdefault(alias, parameter.name)
            if owner != parameter.name or alias == parameter.name:
                message = f"'{alias}' is '{owner}' already"
                path = ("parameters", parameter.name, "aliases")
                yield Remark(path=path, message=message, hint="a name can stand for one parameter only")


def admits(domain: Domain, value: str) -> bool:
    """Tell whether a domain has a value that a contract writes as text."""
    if domain.type == "boolean":
        return value in {"true", "false"}
    if domain.type in {"integer", "number"}:
        number = int(value) if value.removeprefix("-").isdecimal() else None
        return number is not None and not (
            (domain.minimum is not None and number < domain.minimum)
            or (domain.maximum is not None and number > domain.maximum)
        )
    if domain.enum is None or value in domain.enum:
        return True
    return domain.custom is not None and domain.custom.covers(value)


def _refusal(contract: Contract, name: str, value: str) -> str | None:
    if name == "capability":
        known = _capabilities(contract)
        return None if value in known else nearest(value, known)
    parameter = contract.parameters.get(name)
    if parameter is None or name == "model" or admits(parameter.domain, value):
        return None
    domain = parameter.domain
    return nearest(value, domain.enum) if domain.enum else f"{domain.type} from {domain.minimum} to {domain.maximum}"


def _named_models(contract: Contract) -> Iterator[tuple[JsonPath, str]]:
    for naming in namings(contract):
        yield from (((*naming.path, "model"), name) for name in naming.values.get("model", ()))
    default = contract.parameters["model"].default
    if default is not None:
        yield ("parameters", "model", "default"), str(default)
    for model in contract.models.values():
        if model.routes_to is not None and model.like is None:
            yield ("models", model.id, "routes_to"), model.routes_to
    for path, field in fields(contract):
        yield from (((*path, "models"), name) for name in field.models or ())


def _routes_on(contract: Contract, model: str) -> bool:
    # a model that equals the router in everything would route too: it is where the route ends
    found = contract.models[model]
    return found.routes_to is not None and found.like is None


def _capabilities(contract: Contract) -> set[str]:
    return {operation.capability for operation in contract.creating() if operation.capability is not None}


def _below(found: Iterable[ResponseField], path: JsonPath) -> Iterator[tuple[JsonPath, ResponseField]]:
    for field in found:
        own: JsonPath = (*path, "fields", field.name)
        yield own, field
        yield from _below(field.fields, own)


def _listed(single: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: (value,) for name, value in single.items()}


def _nowhere(path: JsonPath, name: str, kind: str, known: Iterable[str]) -> Remark:
    return Remark(path=path, message=f"'{name}' is no {kind} of this contract", hint=nearest(name, known))
