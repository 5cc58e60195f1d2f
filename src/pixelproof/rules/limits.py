"""Rules about rate limits and the header that says when to come back."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from pixelproof.contract import Json
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, passed, rule, text, unseen
from pixelproof.verdict import Outcome

_TOO_MANY = 429


@rule
def limit_enforced(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Requests within the limit are served, the first one past it gets 429."""
    within = args.get("within")
    for step in within if isinstance(within, list) else []:
        exchange = evidence.of(str(step))
        if exchange.status == _TOO_MANY:
            return failed("requests within the limit are served", f"{step}: {exchange.brief()}", str(step))
    step = text(args, "over", "over")
    exchange = evidence.of(step)
    if exchange.status == _TOO_MANY:
        return passed()
    return failed(f"429: the limit is {args.get('limit')} a minute", exchange.brief(), step)


@rule
def retry_after_given(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A 429 says when to come back: whole seconds or an HTTP date."""
    step = text(args, "step", "over")
    exchange = evidence.of(step)
    if exchange.status != _TOO_MANY or exchange.response is None:
        return unseen("no 429 came back")
    value = exchange.response.headers.get("retry-after")
    if value is None:
        return failed("a Retry-After header", f"headers {sorted(exchange.response.headers)}", step)
    return passed() if _well_formed(value) else failed("seconds or an HTTP date", repr(value)[:80], step)


@rule
def retry_after_true(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """After the announced wait a request is served again."""
    step = text(args, "step", "after")
    before = evidence.of(text(args, "over", "over"))
    if before.status != _TOO_MANY:
        return unseen("no 429 came back")
    exchange = evidence.of(step)
    if exchange.status != _TOO_MANY:
        return passed()
    announced = before.response.headers.get("retry-after") if before.response else None
    return failed(f"served after the announced {announced} s", exchange.brief(), step)


def _well_formed(value: str) -> bool:
    if value.isascii() and value.strip().isdigit():
        return True
    try:
        parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return False
    return True
