"""How much a run may cost, and what it has cost so far: by the document, by reports, by the wallet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from pixelproof.money import Currency, Units
from pixelproof.problems import BadUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one call costs by the document, and what it costs when a server wrongly serves it."""

    documented: Units = Units(0)
    worst: Units = Units(0)
    #: Images it asks for; one for a request that must be refused.
    images: int = 0


@dataclass(slots=True)
class Purse:
    """One wallet that is looked at: how far it fell, and what was booked against it since the first look."""

    shown: Units | None = None
    fallen: Units = Units(0)
    booked: Units = Units(0)
    in_flight: Units = Units(0)
    #: How much further it fell than was ever booked.
    excess: Units = Units(0)
    #: The least price that it could not pay any more; None while it pays.
    dry_at: Units | None = None

    def pays(self, price: Price) -> bool:
        """Tell whether a call may be asked for: what asks for no image costs nothing, whatever is left."""
        return self.dry_at is None or not price.images or price.documented < self.dry_at


@dataclass(slots=True, kw_only=True)
class Call:
    """One call that may cost money, from just before it is sent."""

    price: Price
    purse: Purse
    #: The larger of its documented price and what the target reported for it.
    booked: Units
    #: Reserved beyond what is booked, while it is in flight.
    reserved: Units = Units(0)
    reported: Units | None = None
    #: False once it is known how it ended.
    open: bool = True


@dataclass(slots=True)
class Budget:
    """A cap and the money behind it: nothing is started that could overshoot it.

    Spent is, call by call, the largest of what is documented, reported and measured. A refund does not
    lower it, so it buys no further calls.
    """

    currency: Currency
    cap: Units | None = None
    most_images: int | None = None
    spent: Units = Units(0)
    documented: Units = Units(0)
    #: None until the target reports a cost, or a wallet was looked at twice.
    reported: Units | None = None
    measured: Units | None = None
    images: int = 0
    in_flight: Units = Units(0)
    #: The most that a call was ever charged for each unit of its price: a target that charges double
    #: is expected to do so again.
    overcharge: Fraction = field(default=Fraction(1))
    #: True when at least one call was not started.
    stopped: bool = False

    def worst(self, price: Price) -> Units:
        """Return the most that a call is known to cost at this target."""
        return Units(ceil(price.worst * self.overcharge))

    def allows(self, prices: Iterable[Price]) -> bool:
        """Tell whether calls may be started together, and remember a refusal."""
        wanted = tuple(prices)
        money = sum(self.worst(price) for price in wanted)
        images = sum(price.images for price in wanted)
        # what costs nothing may always be asked, also when a lying target spent too much already
        dear = self.cap is not None and money > 0 and self.spent + self.in_flight + money > self.cap
        many = self.most_images is not None and images > 0 and self.images + images > self.most_images
        self.stopped = self.stopped or dear or many
        return not (dear or many)

    def start(self, price: Price, purse: Purse) -> Call:
        """Book a call just before it is sent: its documented price, and in flight what more it may cost."""
        call = Call(price=price, purse=purse, booked=price.documented)
        call.reserved = Units(max(0, self.worst(price) - price.documented))
        self.documented = Units(self.documented + price.documented)
        self.spent = Units(self.spent + price.documented)
        self.in_flight = Units(self.in_flight + call.reserved)
        self.images += price.images
        purse.booked = Units(purse.booked + price.documented)
        purse.in_flight = Units(purse.in_flight + call.reserved)
        return call

    def end(self, call: Call, *, served: bool | None, images: int = 0) -> None:
        """Book how a call ended: served, refused, or None when nobody knows, which counts as the worst."""
        if not call.open:
            return
        call.open = False
        self.in_flight = Units(self.in_flight - call.reserved)
        call.purse.in_flight = Units(call.purse.in_flight - call.reserved)
        if served is False:
            self.images -= call.price.images
            return
        self.images += max(0, images - call.price.images)
        self.documented = Units(self.documented + max(0, call.price.worst - call.price.documented))
        self._book(call, call.price.worst)

    def drop(self, call: Call) -> None:
        """Take a call back that nobody took: no connection came about, so nothing was asked for."""
        if not call.open:
            return
        self.end(call, served=False)
        self.documented = Units(self.documented - call.booked)
        self.spent = Units(self.spent - call.booked)
        call.purse.booked = Units(call.purse.booked - call.booked)
        call.booked = Units(0)

    def report(self, call: Call, amount: Units) -> None:
        """Book what the target says that a call cost so far; a smaller figure than before changes nothing."""
        seen = Units(max(amount, call.reported or 0))
        self.reported = Units((self.reported or 0) + seen - (call.reported or 0))
        call.reported = seen
        self._book(call, seen)
        if call.price.worst and seen > call.price.worst:
            self.overcharge = max(self.overcharge, Fraction(seen, call.price.worst))

    def look(self, purse: Purse, amount: Units) -> None:
        """Book what a wallet shows. What it rose, by a refund or by new money, is not given back."""
        if purse.shown is not None:
            fell = max(0, purse.shown - amount)
            purse.fallen = Units(purse.fallen + fell)
            self.measured = Units((self.measured or 0) + fell)
        purse.shown = amount
        excess = purse.fallen - purse.booked - purse.in_flight
        if excess > purse.excess:
            self.spent = Units(self.spent + excess - purse.excess)
            purse.excess = Units(excess)
            if purse.booked > 0:
                self.overcharge = max(self.overcharge, Fraction(purse.fallen, purse.booked))

    def _book(self, call: Call, amount: Units) -> None:
        more = max(0, amount - call.booked)
        call.booked = Units(call.booked + more)
        call.purse.booked = Units(call.purse.booked + more)
        self.spent = Units(self.spent + more)
        self._absorb(call.purse, more)

    def _absorb(self, purse: Purse, more: int) -> None:
        """Take back what a wallet already showed before the target reported it: it is the same money."""
        known = min(more, purse.excess)
        purse.excess = Units(purse.excess - known)
        self.spent = Units(self.spent - known)


def parse_cap(text: str | None, currency: Currency, *, name: str = "--max-cost") -> Units | None:
    """Read ``"0.50 USD"``. Raises BadUsage for another currency or no number."""
    if text is None:
        return None
    amount, _, code = text.strip().partition(" ")
    if code.strip() and code.strip().casefold() != currency.code.casefold():
        what = f"{name} is in {code.strip()}, the contract in {currency.code}"
        raise BadUsage(what, f"one run counts one currency: give the amount in {currency.code}")
    try:
        cap = currency.nearest(amount)
    except ValueError:
        cap = Units(-1)
    if cap < 0:
        raise BadUsage(f"{name} '{text}' is no amount", f'for example "0.50 {currency.code}"')
    return cap
