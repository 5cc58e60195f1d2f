"""What a request costs: the first price row that covers its effective values, times n."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import floor

from pixelproof.contract import Billing, Contract, Json, PriceRow, When, holds, spelled
from pixelproof.matrix import Matrix
from pixelproof.money import Units


class NoPrice(LookupError):
    """No price row covers a request; ``specs lint`` names such holes."""


def unit_price(billing: Billing, values: Mapping[str, Json]) -> PriceRow:
    """Return the price row of one image for effective request values. Raises NoPrice."""
    for row in billing.prices:
        if covers(row.when, values):
            return row
    message = f"no price row covers {dict(values)!r}"
    raise NoPrice(message)


def covers(when: When, values: Mapping[str, Json]) -> bool:
    """Tell whether effective values lie in a row's ``when``."""
    return holds(when, values)


def charge(contract: Contract, matrix: Matrix, body: Mapping[str, Json]) -> Units:
    """Return the whole charge of a request in the contract's smallest unit."""
    values = matrix.effective(body)
    return Units(unit_price(contract.billing, values).price * image_count(values))


def at_rate(price: Units, rate: Decimal, reference: Decimal) -> Units:
    """Return a price that holds at ``reference``, moved in proportion to ``rate``: exact, then rounded half up."""
    moved = Fraction(price) * Fraction(rate) / Fraction(reference)
    return Units(floor(moved + Fraction(1, 2)))


def image_count(values: Mapping[str, Json]) -> int:
    """Return how many images effective values ask for."""
    n = values.get("n", 1)
    return int(n) if isinstance(n, int | float) else 1


def compile_prices(billing: Billing) -> Callable[[Mapping[str, Json]], Units]:
    """Return a unit-price function that remembers each combination it has seen."""
    names = tuple(sorted({name for row in billing.prices for name in row.when}))
    seen: dict[tuple[Json, ...], Units] = {}

    def price(values: Mapping[str, Json]) -> Units:
        key = tuple(spelled(values.get(name)) for name in names)
        found = seen.get(key)
        if found is None:
            found = seen[key] = unit_price(billing, values).price
        return found

    return price
