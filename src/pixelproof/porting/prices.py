"""What the same image costs on both sides, in both currencies, and in one where a rate is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pixelproof import pricing
from pixelproof.contract import ClaimIds, Contract, Json, Support, wording
from pixelproof.money import Currency, Units
from pixelproof.planning.covering import every
from pixelproof.porting.closest import closest
from pixelproof.porting.pairing import ModelPair
from pixelproof.porting.samples import PROMPT, references
from pixelproof.porting.side import Side

#: The two currencies that ``--usd-inr`` brings together.
_DOLLAR, _RUPEE = "USD", "INR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """An amount with its currency, and who says so."""

    units: Units
    currency: Currency
    claim: ClaimIds
    #: True: the page names no price; the figure is our choice.
    assumed: bool

    def times(self, count: int) -> Price:
        """Return the price of so many."""
        return Price(units=Units(self.units * count), currency=self.currency, claim=self.claim, assumed=self.assumed)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePair:
    """One image of a model with given values: what it cost, what it costs, None where it is refused."""

    model: str
    values: Mapping[str, str]
    before: Price
    after: Price | None
    #: Refused values and the nearest ones that ``after`` is the price of; empty where nothing is refused.
    instead: Mapping[str, str]
    #: How many times as much it costs; None where the currencies cannot be compared.
    times: Fraction | None


def price_of(side: Side, body: Mapping[str, Json], usd_inr: Decimal | None = None) -> Price | None:
    """Return the price of a whole request, None when the contract has none. Rupees made of dollars follow the rate."""
    values = side.matrix.effective(body)
    billing = side.contract.billing
    try:
        row = pricing.unit_price(billing, values)
    except pricing.NoPrice:
        return None
    unit, forex = row.price, billing.forex
    if usd_inr is not None and forex is not None and (forex.base, billing.currency.code) == (_DOLLAR, _RUPEE):
        unit = pricing.at_rate(unit, usd_inr, forex.rate)
    assumed = wording.is_assumed(side.contract, row.claim)
    one = Price(units=unit, currency=billing.currency, claim=row.claim, assumed=assumed)
    return one.times(pricing.image_count(values))


def price_pairs(before: Side, after: Side, pair: ModelPair, usd_inr: Decimal | None) -> Iterator[PricePair]:
    """Yield one image for every combination of the values that either price list asks about."""
    if pair.target is None:
        return
    for row in every(_columns(before, after, pair)):
        body: dict[str, Json] = {"prompt": PROMPT, **references(before), **row}
        asked: dict[str, Json] = {**body, "model": pair.before.id}
        sent: dict[str, Json] = {**body, "model": pair.target.id}
        own = None if before.violations(asked) else price_of(before, asked, usd_inr)
        if own is None:
            continue
        instead = _instead(after, pair, row)
        sent |= instead
        there = None if after.violations(sent) else price_of(after, sent, usd_inr)
        compared = times(own, there, usd_inr)
        yield PricePair(model=pair.name, values=row, instead=instead, before=own, after=there, times=compared)


def _instead(after: Side, pair: ModelPair, row: Mapping[str, str]) -> dict[str, str]:
    """Return the nearest allowed value for each one that the second model refuses."""
    found: dict[str, str] = {}
    for name, value in row.items():
        cell = after.cell(pair.target, name) if pair.target is not None else None
        if pair.target is None or cell is None or cell.support is not Support.TAKEN:
            continue
        near = closest(value, cell.domain.enum or (), cell.default)
        if near is not None and after.wrong(pair.target, name, value) is not None:
            found[name] = near
    return found


def times(own: Price, there: Price | None, usd_inr: Decimal | None) -> Fraction | None:
    """Return how many times as much the second price is, None when nobody can say."""
    if there is None or not own.units:
        return None
    worth = _worth(there, own.currency.code, usd_inr)
    return worth / _amount(own) if worth is not None else None


def _worth(price: Price, code: str, usd_inr: Decimal | None) -> Fraction | None:
    if price.currency.code == code:
        return _amount(price)
    if usd_inr is None or {price.currency.code, code} != {_DOLLAR, _RUPEE}:
        return None
    return _amount(price) * Fraction(usd_inr) if code == _RUPEE else _amount(price) / Fraction(usd_inr)


def _amount(price: Price) -> Fraction:
    return Fraction(price.units, 10**price.currency.scale)


def _columns(before: Side, after: Side, pair: ModelPair) -> dict[str, tuple[str, ...]]:
    columns: dict[str, tuple[str, ...]] = {}
    for name in _priced(before.contract) | _priced(after.contract):
        cell = before.cell(pair.before, name)
        if cell is not None and cell.support is Support.TAKEN and cell.domain.enum:
            columns[name] = cell.domain.enum
    return {name: columns[name] for name in before.parameters if name in columns}


def _priced(contract: Contract) -> set[str]:
    return {name for row in contract.billing.prices for name in row.when}
