"""Price rows against the requests that there are: holes, and rows that nothing reaches."""

from __future__ import annotations

from collections.abc import Iterator

from pixelproof.contract import Contract, Json, PriceOrder, holds
from pixelproof.documents.document import JsonPath
from pixelproof.documents.linting.finding import Remark
from pixelproof.documents.linting.given import Given
from pixelproof.documents.linting.registry import error, warning
from pixelproof.documents.linting.requests import Request, complete
from pixelproof.matrix import Matrix
from pixelproof.pricing import NoPrice, covers, unit_price

_PRICES: JsonPath = ("billing", "prices")


@warning
def no_prices(contract: Contract, given: Given) -> Iterator[Remark]:
    """A contract without a price: its mock cannot charge."""
    del given
    if not contract.billing.prices:
        hint = 'where the page names none, write one row with the price "0"'
        yield Remark(path=("billing",), message="there is no price, so no request can be served", hint=hint)


@error
def unpriced_request(contract: Contract, given: Given) -> Iterator[Remark]:
    """Requests that are valid and that no price row covers."""
    if not contract.billing.prices or not given.requests.whole:
        return
    holes: dict[str, list[Request]] = {}
    for request in given.requests.valid:
        if not any(covers(row.when, request.values) for row in contract.billing.prices):
            holes.setdefault(request.model, []).append(request)
    for model, found in holes.items():
        more = f", nor {len(found) - 1} more requests like it" if len(found) > 1 else ""
        message = f"no price row covers {found[0]}{more}"
        yield Remark(path=("models", model), message=message, hint="add a row to billing.prices")


@error
def unreached_price(contract: Contract, given: Given) -> Iterator[Remark]:
    """A price row that no valid request reaches, whatever stands before it."""
    if not given.requests.whole:
        return
    for index, row in enumerate(contract.billing.prices):
        if not any(covers(row.when, request.values) for request in given.requests.valid):
            hint = "hold its 'when' against the values that its models take, or leave the row out"
            yield Remark(path=(*_PRICES, index), message="no valid request reaches this price", hint=hint)


@error
def shadowed_price(contract: Contract, given: Given) -> Iterator[Remark]:
    """A price row whose requests are all taken by rows before it."""
    if not given.requests.whole:
        return
    prices = contract.billing.prices
    for index, row in enumerate(prices):
        mine = [request for request in given.requests.valid if covers(row.when, request.values)]
        taken = [_first(contract, request) for request in mine]
        if mine and index not in taken:
            lines = sorted({given.document.line((*_PRICES, first)) for first in taken})
            before = ", ".join(str(line) for line in lines)
            message = f"the rows before it (line {before}) take every request of this price"
            yield Remark(path=(*_PRICES, index), message=message, hint="move it up, or leave it out")


@error
def price_outside_range(contract: Contract, given: Given) -> Iterator[Remark]:
    """A price below or above the range that its own row gives."""
    del given
    for index, row in enumerate(contract.billing.prices):
        least = row.price if row.least is None else row.least
        most = row.price if row.most is None else row.most
        if not least <= row.price <= most:
            show = contract.billing.currency.show
            message = f"{show(row.price)} does not lie from {show(least)} to {show(most)}"
            yield Remark(path=(*_PRICES, index, "price"), message=message, hint="correct the price or its range")


@error
def negative_price(contract: Contract, given: Given) -> Iterator[Remark]:
    """A price that would pay the customer."""
    del given
    for index, row in enumerate(contract.billing.prices):
        if row.price < 0:
            message = f"{contract.billing.currency.show(row.price)} is less than nothing"
            yield Remark(path=(*_PRICES, index, "price"), message=message, hint="write what an image costs")


@error
def wrong_order(contract: Contract, given: Given) -> Iterator[Remark]:
    """A documented order of prices that the price rows contradict."""
    for index, order in enumerate(contract.billing.order):
        for request, cheaper, dearer in _twins(contract, given, order):
            times = order.times
            if dearer <= cheaper or (times is not None and dearer != cheaper * times):
                show = contract.billing.currency.show
                wanted = f"{times} times as much" if times is not None else "more"
                message = f"{request} costs {show(cheaper)}, its dearer twin {show(dearer)}, which is not {wanted}"
                hint = "correct the price rows, or the order"
                yield Remark(path=("billing", "order", index), message=message, hint=hint)
                break


@warning
def idle_order(contract: Contract, given: Given) -> Iterator[Remark]:
    """An order of prices between requests that have no valid twins."""
    for index, order in enumerate(contract.billing.order):
        if given.requests.whole and not any(_twins(contract, given, order)):
            message = "no two valid requests differ like this"
            yield Remark(path=("billing", "order", index), message=message, hint="correct the values of the two sides")


@warning
def poor_opening(contract: Contract, given: Given) -> Iterator[Remark]:
    """An opening balance that does not pay for one image."""
    del given
    dearest = max((row.price for row in contract.billing.prices), default=0)
    if contract.billing.opening < dearest:
        show = contract.billing.currency.show
        message = f"a fresh account has {show(contract.billing.opening)}, and the dearest image costs {show(dearest)}"
        yield Remark(path=("billing", "opening"), message=message, hint="give accounts of the mock more")


@error
def worthless_rate(contract: Contract, given: Given) -> Iterator[Remark]:
    """An exchange rate of nothing, or of a currency to itself."""
    del given
    forex = contract.billing.forex
    if forex is not None and forex.rate <= 0:
        message = f"the rate {forex.rate} makes every price nothing"
        yield Remark(path=("billing", "forex", "rate"), message=message, hint="write what one unit of the base costs")
    if forex is not None and forex.base == contract.billing.currency.code:
        message = f"{forex.base} is the currency of the prices itself"
        yield Remark(path=("billing", "forex", "base"), message=message, hint="name the other currency")


def _first(contract: Contract, request: Request) -> int:
    return next(index for index, row in enumerate(contract.billing.prices) if covers(row.when, request.values))


def _twins(contract: Contract, given: Given, order: PriceOrder) -> Iterator[tuple[Request, int, int]]:
    for request in given.requests.valid:
        if not holds({name: (value,) for name, value in order.cheaper.items()}, request.values):
            continue
        matrix = Matrix(contract, request.operation.capability or "")
        twin: dict[str, Json] = {**request.named, **order.dearer}
        if matrix.violations(complete(contract, request.operation, twin)):
            continue
        try:
            dearer = unit_price(contract.billing, matrix.effective(twin)).price
            yield request, unit_price(contract.billing, request.values).price, dearer
        except NoPrice:
            continue
