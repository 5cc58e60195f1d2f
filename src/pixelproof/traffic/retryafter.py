"""The announced wait of a response: seconds, or a date."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pixelproof.exchange import Exchange


def retry_after_s(exchange: Exchange) -> float | None:
    """Return the announced wait of a response in seconds, None when it says nothing usable."""
    value = exchange.response.headers.get("retry-after") if exchange.response else None
    if value is None:
        return None
    if value.isascii() and value.strip().isdigit():
        return float(value)
    until = _http_date(value)
    if until is None:
        return None
    # the server's own clock where it shows one, ours where it does not
    served = _http_date(exchange.response.headers.get("date", "")) if exchange.response else None
    return max(0.0, (until - (served or datetime.now(UTC))).total_seconds())


def _http_date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
