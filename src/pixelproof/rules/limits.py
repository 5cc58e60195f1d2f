"""Rules about limits, of requests and of their length, and about the headers that tell of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise

from pixelproof.contract import Json
from pixelproof.exchange import Exchange
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, names, passed, rule, text, unseen
from pixelproof.verdict import Outcome

_TOO_MANY, _TOO_LARGE = 429, 413
#: The window that is documented, and how near its end nothing is said any more.
_MINUTE_S, _SLACK_S = 60, 5
#: No number of seconds until a reset is longer; nothing longer is turned into a number.
_DIGITS = 6
#: A wait that is longer is none of a limit by the minute: it is in other units, or an instant.
_HOUR_S = 3600


@rule
def limit_enforced(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Requests within the limit are served, the first one past it gets 429."""
    within = {step: evidence.of(step) for step in names(args, "within")}
    for step, exchange in within.items():
        if exchange.status == _TOO_MANY:
            return failed("requests within the limit are served", f"{step}: {exchange.brief()}", step)
    step = text(args, "over", "over")
    exchange = evidence.of(step)
    if exchange.status == _TOO_MANY:
        return passed()
    if not all(counted.ok for counted in within.values()):
        return unseen("what the limit counts was not served, so there was something left of it")
    first = next(iter(within.values()), exchange)
    if evidence.real_time and _minute(first) != _minute(exchange):
        return unseen("a minute of the clock ended between the requests; run it again")
    return failed(f"429: the limit is {args.get('limit')} {text(args, 'window', 'a minute')}", exchange.brief(), step)


@rule
def window_still_full(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A full window that rolls stays full until its first request is a minute old."""
    within = [evidence.of(str(step)) for step in names(args, "within")]
    early = evidence.of("early")
    if not within or not all(exchange.ok for exchange in within) or evidence.of("over").status != _TOO_MANY:
        return unseen("the window was not full")
    if early.status == _TOO_MANY:
        return passed()
    # on a target's own clock a slow answer may have let the minute pass
    if _age_s(within[0], early) + early.elapsed_s >= _MINUTE_S - _SLACK_S:
        return unseen("the minute was over by then")
    return failed("429: the minute of the first request is not over", early.brief(), "early")


@rule
def rate_headers_given(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Every response, errors too, says in whole numbers how much of the limit is left, and until when."""
    step = text(args, "step")
    exchange, names = evidence.of(step), evidence.contract.rate_headers
    if exchange.response is None or names is None:
        return unseen("no answer came")
    for name in (names.limit, names.remaining, names.reset):
        value = exchange.response.headers.get(name.lower())
        if value is None:
            return failed(f"a header {name}", f"{exchange.status} without it", step)
        if not _whole(value):
            return failed(f"{name} as a whole number", repr(value)[:60], step)
    until = exchange.response.headers[names.reset.lower()].strip()
    if len(until) > _DIGITS or int(until) > _MINUTE_S + _SLACK_S:
        return failed(f"{names.reset} in seconds, of a minute", until[:60], step)
    return passed()


@rule
def limit_shown(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """The headers show the limit that holds for the key, and no more left of it than can be."""
    step, limit, used = text(args, "step"), args.get("limit"), args.get("used")
    exchange, names = evidence.of(step), evidence.contract.rate_headers
    if not exchange.ok or exchange.response is None or names is None:
        return unseen("the request was not served")
    shown, left = (exchange.response.headers.get(name.lower(), "") for name in (names.limit, names.remaining))
    if not (_whole(shown) and _whole(left) and isinstance(limit, int) and isinstance(used, int)):
        return unseen("no such header came")
    if int(shown) != limit:
        return failed(f"{names.limit} {limit}", shown, step)
    if int(left) > limit - used:
        return failed(f"{names.remaining} {limit - used} at most: {used} of {limit} used", left, step)
    return passed()


@rule
def remaining_falls(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """What is left of a limit falls with every request that counts."""
    names = evidence.contract.rate_headers
    steps = args.get("steps")
    seen: list[int] = []
    for step in steps if isinstance(steps, list) else []:
        response = evidence.of(str(step)).response
        value = response.headers.get(names.remaining.lower()) if response and names else None
        if value is None or not _whole(value):
            return unseen("no such header came")
        seen.append(int(value))
    if all(later < earlier for earlier, later in pairwise(seen)):
        return passed()
    return failed("fewer left after every request", " → ".join(map(str, seen)))


@rule
def counted_apart(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """What one key uses up is not taken from the quota of another kind of key."""
    steps = args.get("steps")
    for step in steps if isinstance(steps, list) else []:
        exchange = evidence.of(str(step))
        if exchange.status == _TOO_MANY:
            return failed("served: live and test keys have quotas of their own", exchange.brief(), str(step))
        if not exchange.ok:
            return unseen(f"{step}: {exchange.brief()}")
    return passed()


@rule
def at_most_in_flight(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Of requests sent together no more are served than may be in flight; the others get 429."""
    steps, limit = args.get("steps"), args.get("limit")
    exchanges = [evidence.of(str(step)) for step in (steps if isinstance(steps, list) else [])]
    statuses = [exchange.status for exchange in exchanges]
    served = sum(exchange.ok for exchange in exchanges)
    turned = statuses.count(_TOO_MANY)
    if isinstance(limit, int) and served < limit and any(_minute_is_used_up(evidence, item) for item in exchanges):
        return unseen("the minute of this key is used up: fewer are served than may be in flight")
    if isinstance(limit, int) and served == limit and served + turned == len(statuses):
        return passed()
    return failed(f"{limit} served and {len(statuses) - int(str(limit))} turned away with 429", f"{statuses}")


@rule
def length_taken(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A body within the documented length is never refused for its length."""
    step = text(args, "step")
    exchange = evidence.of(step)
    if exchange.status == _TOO_LARGE:
        return failed(f"anything but 413: the body is shorter than {args.get('most')} bytes", exchange.brief(), step)
    return passed() if exchange.response is not None else failed("an answer", exchange.brief(), step)


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
    if not _well_formed(value):
        return failed("seconds or an HTTP date", repr(value)[:80], step)
    seconds = value.strip()
    if seconds.isdigit() and _too_long(seconds):
        return failed("seconds, of a limit that is over in a minute", repr(value)[:80], step)
    return passed()


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
    announced = (before.response.headers.get("retry-after") if before.response else None) or ""
    if announced.strip().isdigit() and _too_long(announced.strip()):
        return unseen("the announced wait is longer than any that was waited for")
    return failed(f"served after the announced {announced} s", exchange.brief(), step)


def _minute_is_used_up(evidence: Evidence, exchange: Exchange) -> bool:
    """Tell whether a 429 says of itself that it is about the minute, not about what is in flight."""
    names = evidence.contract.rate_headers
    if exchange.status != _TOO_MANY or exchange.response is None or names is None:
        return False
    return exchange.response.headers.get(names.remaining.lower(), "").strip() == "0"


def _age_s(first: Exchange, later: Exchange) -> float:
    """Return the real seconds between two requests."""
    return (datetime.fromisoformat(later.at) - datetime.fromisoformat(first.at)).total_seconds()


def _minute(exchange: Exchange) -> str:
    """Return the minute an answer came in, by the server's clock where it shows one: windows may follow it."""
    shown = exchange.response.headers.get("date", "") if exchange.response else ""
    try:
        return parsedate_to_datetime(shown).strftime("%d %H:%M")
    except (TypeError, ValueError):
        return exchange.at[:16]


def _too_long(seconds: str) -> bool:
    return len(seconds) > _DIGITS or int(seconds) > _HOUR_S


def _well_formed(value: str) -> bool:
    if value.isascii() and value.strip().isdigit():
        return True
    try:
        parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return False
    return True


def _whole(value: str) -> bool:
    text_of_number = value.strip()
    return text_of_number.isascii() and text_of_number.isdigit()
