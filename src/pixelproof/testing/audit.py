"""Whether the money of an account fits what its requests were answered with: values in, sentences out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from .records import JournalLine, LedgerEntry, Totals

_REFUSED = 400


def audit(totals: Totals, entries: Sequence[LedgerEntry], lines: Iterable[JournalLine]) -> list[str]:
    """Return what is wrong with an account's money, nothing when all is well."""
    known = {line.id: line for line in lines}
    return [*_unbalanced(totals), *_charged_again(entries, known), *_charged_for_nothing(entries, known)]


def _unbalanced(totals: Totals) -> Iterator[str]:
    if not totals.balanced:
        yield (
            f"the ledger does not balance: opening {totals.opening} + top-ups {totals.top_ups}"
            f" + adjustments {totals.adjustments} against balance {totals.balance} + held {totals.held}"
            f" + charged {totals.charged} - refunded {totals.refunded}"
        )


def _charged_again(entries: Iterable[LedgerEntry], known: dict[str, JournalLine]) -> Iterator[str]:
    charges: dict[str, list[Decimal]] = defaultdict(list)
    for entry in entries:
        if entry.kind == "charge" and entry.request_id is not None:
            charges[entry.request_id].append(-entry.amount)
    for request_id, amounts in charges.items():
        if len(amounts) > 1:
            sums = " + ".join(str(amount) for amount in amounts)
            yield f"{_named(request_id, known)} was charged {len(amounts)} times: {sums}"


def _charged_for_nothing(entries: Sequence[LedgerEntry], known: dict[str, JournalLine]) -> Iterator[str]:
    kept: dict[str, Decimal] = defaultdict(Decimal)
    owner = {entry.seq: entry.request_id for entry in entries}
    for entry in entries:
        request_id = entry.request_id if entry.kind == "charge" else owner.get(entry.refers_to or 0)
        if request_id is not None and entry.kind in {"charge", "refund"}:
            kept[request_id] -= entry.amount
    for request_id, amount in kept.items():
        line = known.get(request_id)
        if line is not None and line.status >= _REFUSED and amount:
            yield f"{_named(request_id, known)} was refused, and {amount} was kept for it"


def _named(request_id: str, known: dict[str, JournalLine]) -> str:
    line = known.get(request_id)
    return f"{request_id} ({line.method} {line.path}, {line.status})" if line is not None else request_id
