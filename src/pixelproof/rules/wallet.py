"""The rule about the wallet's own endpoint: whatever its shape, its figures move with the money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pixelproof.contract import Json
from pixelproof.rules.balance import spent
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, passed, rule, text, unseen
from pixelproof.verdict import Outcome

_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    """By how much a figure moved, and how many decimal places it shows."""

    amount: Decimal
    places: int

    def units(self, scale: int) -> Decimal:
        """Return the move in smallest units, when the figure is in whole ones."""
        return self.amount.scaleb(scale)

    def grain(self, scale: int) -> Decimal:
        """Return what the figure's rounding hides, in smallest units; a figure without decimals hides nothing."""
        return Decimal(1).scaleb(scale - self.places) if self.places and self.places < scale else Decimal(0)


@rule
def wallet_moves(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """What the wallet's endpoint shows moves by what left the wallet, in whole or smallest units of the currency."""
    taken = spent(evidence, "before", "after")
    looks = [evidence.of(text(args, name, name)) for name in ("first", "second")]
    if not taken or not evidence.of("main").ok or not all(look.ok for look in looks):
        return unseen("nothing was charged, or one of the looks failed")
    first, second = (dict(_figures(look.response.body if look.response else None)) for look in looks)
    moved = [_move(first[path], second[path]) for path in first.keys() & second.keys() if first[path] != second[path]]
    currency = evidence.contract.billing.currency
    if any(
        abs(amount - taken) <= max(Decimal(evidence.resolution), grain)
        for shown in moved
        for amount, grain in ((shown.amount, Decimal(0)), (shown.units(currency.scale), shown.grain(currency.scale)))
    ):
        return passed()
    by = ", ".join(str(shown.amount) for shown in moved)
    got = f"figures that moved by {by}" if moved else f"{looks[1].brief()}: no figure moved"
    return failed(f"a figure that moves by {currency.show(taken)}", got, "second")


def _move(first: Decimal, second: Decimal) -> _Move:
    places = max(-int(figure.as_tuple().exponent) for figure in (first, second))
    return _Move(amount=abs(first - second), places=max(0, places))


def _figures(value: Json, path: _Path = ()) -> Iterator[tuple[_Path, Decimal]]:
    """Yield every number in a body, and every text that reads as one, with where it stands."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _figures(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _figures(item, (*path, index))
    elif isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            return
        if number.is_finite():
            yield path, number
