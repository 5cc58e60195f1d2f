"""The rule about the wallet's own endpoint: whatever its shape, its figures move with the money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from pixelproof.contract import Json
from pixelproof.rules.balance import spent
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, passed, rule, text, unseen
from pixelproof.verdict import Outcome

_Path = tuple[str | int, ...]


@rule
def wallet_moves(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """What the wallet's endpoint shows moves by what left the wallet, in whole or smallest units of the currency."""
    taken = spent(evidence, "before", "after")
    looks = [evidence.of(text(args, name, name)) for name in ("first", "second")]
    if not taken or not evidence.of("main").ok or not all(look.ok for look in looks):
        return unseen("nothing was charged, or one of the looks failed")
    first, second = (dict(_figures(look.response.body if look.response else None)) for look in looks)
    moved = [abs(first[path] - second[path]) for path in first.keys() & second.keys() if first[path] != second[path]]
    currency = evidence.contract.billing.currency
    if any(
        abs(amount - taken) <= evidence.resolution
        for shown in moved
        for amount in (shown, shown.scaleb(currency.scale))
    ):
        return passed()
    got = f"figures that moved by {', '.join(map(str, moved))}" if moved else f"{looks[1].brief()}: no figure moved"
    return failed(f"a figure that moves by {currency.show(taken)}", got, "second")


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
