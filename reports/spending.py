"""What a run spent, in one line: by the document, by what the target reported, by what wallets showed."""

from __future__ import annotations

from pixelproof.record.recording import Record

_WITNESSES = ("documented", "reported", "measured")


def spending(record: Record) -> str:
    """Return the amounts of each witness; older records know the sum alone."""
    cost = (record.end or {}).get("cost")
    if not isinstance(cost, dict):
        return ""
    said = [f"{name} {cost[name] if cost[name] is not None else '—'}" for name in _WITNESSES if name in cost]
    if "images" in cost:
        said.append(f"{cost['images']} images")
    witnesses = f" ({', '.join(said)})" if said else ""
    return f"{cost.get('amount')} {cost.get('currency')} spent{witnesses}"
