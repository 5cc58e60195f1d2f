"""Ambiguities: readings that nothing can follow, and contradictions that nobody reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from pixelproof.contract import About, Ambiguity, Contract, Json, Kind, Level, Operation, holds
from pixelproof.documents.document import JsonPath, nearest
from pixelproof.documents.linting.finding import Remark
from pixelproof.documents.linting.given import Given
from pixelproof.documents.linting.registry import error, warning
from pixelproof.documents.linting.requests import complete
from pixelproof.documents.linting.shields import is_bounded
from pixelproof.matrix import Matrix, parameters_of
from pixelproof.money import MoneyError
from pixelproof.pricing import covers, unit_price

#: What is disputed → the readings that rules and mock know; where it is missing, any word is one.
_READINGS: Mapping[About, frozenset[str]] = {
    About.REQUEST: frozenset({"served", "refused"}),
    About.OVERDRAFT: frozenset({"never", "one_request"}),
    About.CHARGED: frozenset({"gross", "net"}),
    About.COST: frozenset({"request", "image"}),
    About.ENVELOPE: frozenset({"number", "text"}),
}
_ABOUT_AN_ERROR = frozenset({About.STATUS, About.ERROR_TYPE})


@error
def undisputed_claim(contract: Contract, given: Given) -> Iterator[Remark]:
    """An ambiguity under a claim that states no contradiction."""
    del given
    for index, point in enumerate(contract.ambiguities):
        claim = contract.claims.get(point.claim)
        if claim is not None and claim.level is not Level.X:
            message = f"{claim.id} is of level {claim.level}, which states one side"
            hint = "name a claim of level X that states the contradiction"
            yield Remark(path=("ambiguities", index, "claim"), message=message, hint=hint)


@warning
def unread_contradiction(contract: Contract, given: Given) -> Iterator[Remark]:
    """A contradiction whose readings no ambiguity names."""
    del given
    read = {point.claim for point in contract.ambiguities}
    for claim in contract.claims.values():
        if claim.level is Level.X and claim.kind is Kind.OBLIGATION and claim.id not in read:
            message = f"{claim.id} states a contradiction, but no ambiguity names its readings"
            hint = "add it to ambiguities with both readings and the one that the mock follows"
            yield Remark(path=("claims", claim.id), message=message, hint=hint, in_claims=True)


@error
def repeated_ambiguity(contract: Contract, given: Given) -> Iterator[Remark]:
    """A second ambiguity under one claim: only the first is ever looked at."""
    del given
    claims = [point.claim for point in contract.ambiguities]
    for index, name in enumerate(claims):
        if name in claims[:index]:
            message = f"{name} has an ambiguity already"
            hint = "give each contradiction a claim of its own"
            yield Remark(path=("ambiguities", index, "claim"), message=message, hint=hint)


@error
def boundless_ambiguity(contract: Contract, given: Given) -> Iterator[Remark]:
    """An ambiguity that does not say which requests, or which error, it is about."""
    del given
    for index, point in enumerate(contract.ambiguities):
        if not is_bounded(point):
            what, key = ("error", "row") if point.about in _ABOUT_AN_ERROR else ("model", "subject")
            message = f"it is about the {point.about} of no {what} in particular"
            yield Remark(path=("ambiguities", index), message=message, hint=f"name the {what} in '{key}'")


@error
def unknown_reading(contract: Contract, given: Given) -> Iterator[Remark]:
    """A reading that no rule knows."""
    del given
    for index, point in enumerate(contract.ambiguities):
        known = _READINGS.get(point.about)
        for name in point.readings:
            path: JsonPath = ("ambiguities", index, "readings", name)
            if known is not None and name not in known:
                message = f"'{name}' is no reading of what is disputed about {point.about}"
                yield Remark(path=path, message=message, hint=nearest(name, known))
            if point.about is About.STATUS and not (name.isdecimal() and len(name) == len("400")):
                yield Remark(path=path, message=f"'{name}' is no HTTP status", hint='write it in quotes, as "400"')


@error
def contrary_mock(contract: Contract, given: Given) -> Iterator[Remark]:
    """A reading for the mock that the rest of the contract contradicts."""
    for index, point in enumerate(contract.ambiguities):
        wrong = _contrary(contract, given, point) if is_bounded(point) else None
        if wrong is not None:
            hint = "let the mock follow the other reading, or correct the entry"
            yield Remark(path=("ambiguities", index, "mock"), message=wrong, hint=hint)


def _contrary(contract: Contract, given: Given, point: Ambiguity) -> str | None:
    row = contract.errors.rows.get(point.row or "")
    if point.about is About.REQUEST and point.mock == "served":
        return next(_refusals(contract, point), None)
    if point.about is About.PRICE:
        return next(_other_prices(contract, given, point), None)
    if point.about is About.OVERDRAFT and point.mock != contract.billing.overdraft:
        return f"the mock reads '{point.mock}', and billing.overdraft is {contract.billing.overdraft}"
    if row is not None and point.about is About.STATUS and point.mock not in map(str, row.statuses):
        return f"the mock reads {point.mock}, which is no status of '{row.name}'"
    if row is not None and point.about is About.ERROR_TYPE and point.mock != row.keys.get("type"):
        return f"the mock reads '{point.mock}', and the type of '{row.name}' is '{row.keys.get('type')}'"
    return None


def _refusals(contract: Contract, point: Ambiguity) -> Iterator[str]:
    for operation in contract.creating():
        parameters = parameters_of(contract, operation.capability or "")
        if not set(point.subject) <= set(parameters):
            continue
        matrix = Matrix(contract, operation.capability or "")
        for values in product(*point.subject.values()):
            named = {name: _typed(contract, name, text) for name, text in zip(point.subject, values, strict=True)}
            found = matrix.violations(complete(contract, operation, named))
            if found:
                yield f"the mock serves {_said(operation, named)}, which the matrix refuses: {found[0].message}"


def _other_prices(contract: Contract, given: Given, point: Ambiguity) -> Iterator[str]:
    currency = contract.billing.currency
    try:
        figure = currency.parse(point.mock)
    except MoneyError:
        return
    for request in given.requests.valid:
        if holds(point.subject, request.values) and any(
            covers(row.when, request.values) for row in contract.billing.prices
        ):
            price = unit_price(contract.billing, request.values).price
            if price != figure:
                yield f"the mock reads {currency.show(figure)}, and {request} costs {currency.show(price)}"


def _typed(contract: Contract, name: str, text: str) -> Json:
    numeric = contract.parameters[name].domain.type == "integer" and text.removeprefix("-").isdecimal()
    return int(text) if numeric else text


def _said(operation: Operation, named: Mapping[str, Json]) -> str:
    return f"{operation.name} with {', '.join(f'{name} {value}' for name, value in named.items())}"
