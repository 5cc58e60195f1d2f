"""The rule about the wallet's own endpoint: whatever its shape, its figures move with the money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pixelproof.contract import Json
from pixelproof.exchange import Exchange
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
    first, second = (evidence.of(text(args, name, name)) for name in ("first", "second"))
    if not taken or not evidence.of("main").ok or not (first.ok and second.ok):
        return unseen("nothing was charged, or one of the looks failed")
    if _moved_by(evidence, first, second, taken):
        return passed()
    moved, currency = _moves(first, second), evidence.contract.billing.currency
    by = ", ".join(str(shown.amount) for shown in moved)
    got = f"figures that moved by {by}" if moved else f"{second.brief()}: no figure moved"
    return failed(f"a figure that moves by {currency.show(taken)}", got, "second")


@rule
def wallet_of_another_rests(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """What one account pays is no move of the wallet that another is shown."""
    del args
    taken = spent(evidence, "before", "after")
    first, second = (evidence.of(name) for name in ("first", "second"))
    if not taken or not first.ok or not second.ok:
        return unseen("nothing was charged, or one of the looks failed")
    if not _moved_by(evidence, first, second, taken):
        return passed()
    shown = evidence.contract.billing.currency.show(taken)
    return failed("the wallet of this key, at rest", f"a figure that moved by the {shown} of another account", "second")


def _moved_by(evidence: Evidence, first: Exchange, second: Exchange, taken: int) -> bool:
    """Tell whether a figure moved by an amount of smallest units, in those or in whole ones."""
    scale = evidence.contract.billing.currency.scale
    return any(
        abs(amount - taken) <= max(Decimal(evidence.resolution), grain)
        for shown in _moves(first, second)
        for amount, grain in ((shown.amount, Decimal(0)), (shown.units(scale), shown.grain(scale)))
    )


def _moves(first: Exchange, second: Exchange) -> list[_Move]:
    """Return the moves of every figure that differs between two looks."""
    old, new = (dict(_figures(look.response.body if look.response else None)) for look in (first, second))
    return [_move(old[path], new[path]) for path in old.keys() & new.keys() if old[path] != new[path]]


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
