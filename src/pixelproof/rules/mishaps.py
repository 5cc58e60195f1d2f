"""Rules about a gateway whose upstream refuses, slows down or breaks."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof.contract import Json
from pixelproof.exchange import Exchange
from pixelproof.rules.crossing import Line, crossed, retold, told, unasked, unreached
from pixelproof.rules.envelope import error_envelope
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, moot, passed, rule, text, unseen, warned
from pixelproof.verdict import Outcome, Verdict

#: Upstream calls of one request that still count as retries within bounds.
MOST_CALLS = 4
#: How far a relayed Retry-After may be from the upstream's, in seconds: time passes on the way.
_SLACK_S = 2.0
_BAD_REQUEST, _TOO_MANY, _SERVER_ERROR = 400, 429, 500
_KEY_TROUBLE = frozenset({401, 402, 403})
_OF_POLICY = ("policy", "moderation", "safety")


@rule
def policy_stays(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A policy refusal of the upstream stays a 4xx that says policy."""
    step, exchange, _, lines = crossed(evidence, args)
    if unreached(lines):
        return unseen(f"the fault did not reach the upstream: {retold(evidence, args)}")
    wanted = "a 4xx whose type or code says policy"
    if exchange.status not in range(_BAD_REQUEST, _SERVER_ERROR) or exchange.status in _KEY_TROUBLE | {_TOO_MANY}:
        return failed(wanted, retold(evidence, args), step)
    inner, sent = exchange.error_object() or {}, _error_of(lines[-1])
    kept = [key for key in ("type", "code") if key in sent and inner.get(key) == sent[key]]
    # a provider whose own refusal does not say policy is relayed well by whoever changes nothing
    says_nothing = not any(_specific(sent, key) for key in ("type", "code"))
    if _names_policy(inner) or any(_specific(sent, key) for key in kept) or (says_nothing and kept):
        return passed()
    return failed(wanted, retold(evidence, args), step)


@rule
def trouble_told(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Trouble with the upstream's key is the gateway's own; trouble with the caller's comes back."""
    step, exchange, _, lines = crossed(evidence, args)
    if unreached(lines):
        return unseen(f"the fault did not reach the upstream: {retold(evidence, args)}")
    sent = lines[-1].status
    if sent not in _KEY_TROUBLE:
        return moot(f"the upstream says it with {sent}")
    if args.get("auth") == "own":
        wanted = f"a 5xx: the upstream's {sent} is about the gateway's key"
        return passed() if exchange.status >= _SERVER_ERROR else failed(wanted, retold(evidence, args), step)
    if exchange.status != sent:
        return failed(f"the upstream's {sent}", retold(evidence, args), step)
    inner, theirs = exchange.error_object(), _error_of(lines[-1])
    if inner is None or any(inner.get(key) != theirs.get(key) for key in ("type", "code")):
        return failed(f"the upstream's error {_key_facts(theirs)}", retold(evidence, args), step)
    return passed()


@rule
def pace_told(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A 429 of the upstream comes back with its Retry-After, or is retried within bounds."""
    step, exchange, _, lines = crossed(evidence, args)
    if unreached(lines):
        return unseen(f"the fault did not reach the upstream: {retold(evidence, args)}")
    if len(lines) > MOST_CALLS:
        return failed(f"at most {MOST_CALLS} upstream calls", retold(evidence, args), step)
    if exchange.ok and any(line.served for line in lines):
        return passed()
    if exchange.status != _TOO_MANY:
        return failed("a 429, as the upstream answered", retold(evidence, args), step)
    wrong = _wrong_wait(exchange, args.get("retry_after_s"))
    return failed(wrong, f"{_said_wait(exchange)}; {retold(evidence, args)}", step) if wrong else passed()


def _wrong_wait(exchange: Exchange, theirs: Json) -> str:
    """Return what Retry-After should say, empty when it does or the upstream says nothing of it."""
    if not isinstance(theirs, int):
        return ""
    said = exchange.facts.get("retry_after_s")
    is_true = isinstance(said, int | float) and theirs - _SLACK_S <= said <= theirs + _SLACK_S
    return "" if is_true else f"Retry-After: {theirs}, as the upstream said"


def _said_wait(exchange: Exchange) -> str:
    said = exchange.facts.get("retry_after_s")
    return f"Retry-After: {said:g}" if isinstance(said, int | float) else "no Retry-After"


@rule
def failure_told(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A failure of the upstream is a 5xx in the profile's envelope, in time; a cut answer may stay visibly cut."""
    step, exchange, _, lines = crossed(evidence, args)
    # slowness leaves no name in the journal: that the upstream was asked is enough
    if not lines or (unreached(lines) and not args.get("slow")):
        return unseen(f"the fault did not reach the upstream: {retold(evidence, args)}")
    limit = args.get("timeout_s")
    if isinstance(limit, int | float) and exchange.elapsed_s > limit:
        return failed(f"an answer within {limit:g} s", retold(evidence, args), step)
    if exchange.ok and any(_whole(line) for line in lines):
        return passed()
    if exchange.response is None and args.get("cut") and exchange.error.startswith("connection"):
        return passed()
    if exchange.status < _SERVER_ERROR:
        return failed("a 5xx: the upstream failed", retold(evidence, args), step)
    shaped = error_envelope(evidence, {"step": step})
    return shaped if shaped.verdict is Verdict.PASS else failed(shaped.wanted, f"{exchange.status}, {shaped.got}", step)


@rule
def goes_on(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """After a failure of the upstream the gateway goes on serving."""
    step = text(args, "step", "alive")
    exchange = evidence.of(step)
    rested = [item for item in evidence.exchanges if item.step == step and unasked(item)]
    if exchange.ok and rested:
        said = f"{rested[0].brief()} without asking the upstream, then served"
        return warned("the next request served: the upstream is well again", said, step)
    if exchange.ok:
        return passed()
    return failed("the next request served", told(exchange, {}), step)


def _whole(line: Line) -> bool:
    """Tell whether an upstream call was answered well: served, and no fault but slowness in it."""
    return line.served and line.fault in {None, "latency"}


def _error_of(line: Line) -> Mapping[str, Json]:
    inner = line.response.get("error") if isinstance(line.response, dict) else None
    return inner if isinstance(inner, dict) else {}


def _names_policy(inner: Mapping[str, Json]) -> bool:
    return any(word in str(inner.get(key)).lower() for key in ("type", "code") for word in _OF_POLICY)


def _specific(sent: Mapping[str, Json], key: str) -> bool:
    """Tell whether a type or code says more than that a request was wrong."""
    value = sent.get(key)
    return value is not None and "invalid_request" not in str(value) and not str(value).isdigit()


def _key_facts(inner: Mapping[str, Json]) -> dict[str, Json]:
    return {key: inner.get(key) for key in ("type", "code")}
