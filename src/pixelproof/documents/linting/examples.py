"""Worked examples: the oracle of the prices, held against them and against their number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pixelproof.contract import Contract, Json, Operation, PriceExample, RefundExample
from pixelproof.documents.document import JsonPath, nearest
from pixelproof.documents.linting.finding import Remark
from pixelproof.documents.linting.given import Given
from pixelproof.documents.linting.registry import error, warning
from pixelproof.documents.linting.requests import complete
from pixelproof.matrix import Matrix
from pixelproof.pricing import NoPrice, covers, image_count, unit_price

_Example = PriceExample | RefundExample


@error
def unknown_operation(contract: Contract, given: Given) -> Iterator[Remark]:
    """An example of an operation that makes no image, or that does not exist."""
    del given
    known = [operation.name for operation in contract.creating()]
    for path, example in _examples(contract):
        if example.operation not in known:
            message = f"'{example.operation}' is no operation that makes images"
            yield Remark(path=(*path, "operation"), message=message, hint=nearest(example.operation, known))


@error
def refused_example(contract: Contract, given: Given) -> Iterator[Remark]:
    """An example of a request that the contract refuses."""
    del given
    for path, example in _examples(contract):
        operation = contract.operations.get(example.operation)
        wrong = _violation(contract, operation, example) if operation else None
        if wrong is not None:
            message = f"this request is refused: {wrong}"
            yield Remark(path=(*path, "request"), message=message, hint="work out a request that is served")


@error
def wrong_example(contract: Contract, given: Given) -> Iterator[Remark]:
    """A charge worked out by hand that the price rows contradict."""
    del given
    show = contract.billing.currency.show
    for index, example in enumerate(contract.billing.examples):
        found = _priced(contract, example)
        if found is not None and found[0] * found[1] != example.charge:
            computed = f"{found[1]} times {show(found[0])} is {show(found[0] * found[1])}"
            message = f"worked out as {show(example.charge)}, but by the price rows {computed}"
            yield Remark(
                path=("billing", "examples", index, "charge"), message=message, hint="one of the two misreads the page"
            )


@error
def wrong_refund(contract: Contract, given: Given) -> Iterator[Remark]:
    """A refund worked out by hand that the price rows contradict."""
    del given
    show = contract.billing.currency.show
    for index, example in enumerate(contract.billing.refund_examples):
        path: JsonPath = ("billing", "refund_examples", index)
        found = _priced(contract, example)
        if found is None:
            continue
        missing = found[1] - example.delivered
        if missing < 0:
            message = f"{example.delivered} delivered of {found[1]} asked for"
            yield Remark(path=(*path, "delivered"), message=message, hint="deliver at most what was asked for")
        elif missing * found[0] != example.refund:
            computed = f"{missing} missing times {show(found[0])} is {show(missing * found[0])}"
            message = f"worked out as {show(example.refund)}, but by the price rows {computed}"
            yield Remark(path=(*path, "refund"), message=message, hint="one of the two misreads the page")


@error
def price_without_example(contract: Contract, given: Given) -> Iterator[Remark]:
    """A price row that requests reach, and no worked example."""
    prices = contract.billing.prices
    charged = {_index(contract, request.values) for request in given.requests.valid}
    worked = {
        _index(contract, values) for example in contract.billing.examples if (values := _values(contract, example))
    }
    for index, row in enumerate(prices):
        if index in charged and index not in worked:
            hint = "work out one charge from the page and add it to billing.examples"
            message = f"no worked example costs {contract.billing.currency.show(row.price)} by this row"
            yield Remark(path=("billing", "prices", index), message=message, hint=hint)


@warning
def refund_without_example(contract: Contract, given: Given) -> Iterator[Remark]:
    """A documented refund that no example works out."""
    del given
    examples = contract.billing.refund_examples
    worked = {
        "partial_refund": any(example.delivered > 0 for example in examples),
        "failed_refund": any(example.delivered == 0 for example in examples),
    }
    for facet, found in worked.items():
        if contract.billing.claimed(facet) and not found:
            kind = "nothing" if facet == "failed_refund" else "a part"
            message = f"no refund example delivers {kind} of what was asked for"
            hint = "work one out from the page and add it to billing.refund_examples"
            yield Remark(path=("billing", "claims", facet), message=message, hint=hint)


@warning
def repeated_example(contract: Contract, given: Given) -> Iterator[Remark]:
    """An example that stands twice."""
    del given
    seen: list[_Example] = []
    for path, example in _examples(contract):
        if example in seen:
            yield Remark(path=path, message="this example stands twice", hint="keep one of them")
        seen.append(example)


def _examples(contract: Contract) -> Iterator[tuple[JsonPath, _Example]]:
    for index, example in enumerate(contract.billing.examples):
        yield ("billing", "examples", index), example
    for index, refund in enumerate(contract.billing.refund_examples):
        yield ("billing", "refund_examples", index), refund


def _violation(contract: Contract, operation: Operation, example: _Example) -> str | None:
    matrix = Matrix(contract, operation.capability or "")
    found = matrix.violations(complete(contract, operation, matrix.canonical(example.request)))
    return found[0].message if found else None


def _values(contract: Contract, example: _Example) -> dict[str, Json] | None:
    operation = contract.operations.get(example.operation)
    return Matrix(contract, operation.capability or "").effective(example.request) if operation else None


def _priced(contract: Contract, example: _Example) -> tuple[int, int] | None:
    """Return the price of one image and how many there are, None where no row covers them."""
    values = _values(contract, example)
    try:
        return (unit_price(contract.billing, values).price, image_count(values)) if values is not None else None
    except NoPrice:
        return None


def _index(contract: Contract, values: Mapping[str, Json]) -> int | None:
    return next((i for i, row in enumerate(contract.billing.prices) if covers(row.when, values)), None)
