"""How a wallet moved between two readings, for the rules about money."""

from __future__ import annotations

from pixelproof.rules.evidence import Evidence


def spent(evidence: Evidence, before: str, after: str) -> int | None:
    """Return what left the wallet between two readings, None when one of them failed."""
    first, last = evidence.balance(before), evidence.balance(after)
    return None if first is None or last is None else first - last
