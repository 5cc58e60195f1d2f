"""Rules about a gateway whose both ends are held: what a caller got, against what the upstream saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise

from pixelproof.contract import Json
from pixelproof.exchange import Exchange
from pixelproof.matrix import matrix_of
from pixelproof.rules.balance import spent
from pixelproof.rules.crossing import BY_EFFECT, Line, told, unasked, upstream
from pixelproof.rules.envelope import error_envelope
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.money import reported_cost
from pixelproof.rules.registry import failed, moot, names, passed, rule, text, unseen, warned
from pixelproof.verdict import Outcome, Verdict

#: Upstream calls of one request that still count as retries within bounds.
MOST_CALLS = 4
#: How far a relayed Retry-After may be from the upstream's, in seconds: time passes on the way.
_SLACK_S = 2.0
#: How far ``created`` may be from the upstream's, in seconds.
_A_DAY_S = 86_400
_BAD_REQUEST, _TOO_MANY, _SERVER_ERROR = 400, 429, 500
_KEY_TROUBLE = frozenset({401, 402, 403})
_OF_POLICY = ("policy", "moderation", "safety")


@rule
def asked_as_called(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """The upstream is asked for what the caller asked for."""
    step, exchange, asked, lines = _crossed(evidence, args)
    if not lines:
        return _never_asked(exchange, asked, step, args)
    if not exchange.ok:
        return unseen(f"not served: {_told(evidence, args)}")
    total, wanted = sum(line.n for line in lines if line.served), _count(asked)
    if total != wanted:
        return failed(f"n adds up to {wanted} upstream", f"{total}: {_told(evidence, args)}", step)
    for line in lines:
        wrong = _wrong(evidence, asked, line, args)
        if wrong:
            return failed(f"{wrong} as the caller asked", _told(evidence, args), step)
    return passed()


@rule
def delivered_as_made(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Every image that the upstream made comes back, and no other."""
    step, exchange, _, lines = _crossed(evidence, args)
    made = Counter(image for line in lines if line.served for image in line.images)
    if not exchange.ok:
        return unseen(f"not served: {_told(evidence, args)}")
    if not made and not lines:
        return failed("an image of the upstream", _told(evidence, args), step)
    got = Counter(image.pixels or image.problem for image in evidence.images(step))
    if got != made:
        found = f"{got.total()} images, {(got & made).total()} of them the upstream's"
        return failed(f"the {made.total()} images that the upstream made", f"{found}; {_told(evidence, args)}", step)
    return _same_words(exchange, lines, step)


@rule
def own_success(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A success of the upstream that is none becomes an error, or comes back as it is; nothing is made up."""
    step, exchange, _, lines = _crossed(evidence, args)
    if _unreached(lines):
        return unseen(f"the fault did not reach the upstream: {_told(evidence, args)}")
    made = Counter(image for line in lines if line.served for image in line.images)
    got = Counter(image.pixels or image.problem for image in evidence.images(step)) if exchange.ok else Counter[str]()
    if got - made:
        return failed("no image that the upstream did not make", _told(evidence, args), step)
    return passed()


@rule
def keys_kept(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """No key crosses the gateway: the caller's not to the upstream, the upstream's not to the caller."""
    step, exchange, _, lines = _crossed(evidence, args)
    leaks = exchange.facts.get("leaks")
    if isinstance(leaks, list) and leaks:
        return failed("no key of the upstream in an answer", "; ".join(str(leak) for leak in leaks), step)
    trap = exchange.facts.get("trap")
    if args.get("auth") == "own" and trap is not None and any(line.account == trap for line in lines):
        return failed("the upstream's own key upstream", "the upstream was asked with the caller's key", step)
    return passed() if lines or exchange.response is not None else unseen("no answer, and no upstream call")


@rule
def log_kept(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """No planted key stands in the gateway's log; a log is read by others than its callers."""
    found = evidence.of(text(args, "step", "log")).facts.get("leaks")
    if found is None:
        return unseen("the gateway keeps its log elsewhere: it was not started here")
    if isinstance(found, list) and found:
        return warned("no key in the gateway's log", "; ".join(str(leak) for leak in found))
    return passed()


@rule
def policy_stays(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A policy refusal of the upstream stays a 4xx that says policy."""
    step, exchange, _, lines = _crossed(evidence, args)
    if _unreached(lines):
        return unseen(f"the fault did not reach the upstream: {_told(evidence, args)}")
    wanted = "a 4xx whose type or code says policy"
    if exchange.status not in range(_BAD_REQUEST, _SERVER_ERROR) or exchange.status in _KEY_TROUBLE | {_TOO_MANY}:
        return failed(wanted, _told(evidence, args), step)
    inner = exchange.error_object() or {}
    sent = _error_of(lines[-1])
    for key in ("type", "code"):
        said = str(inner.get(key)).lower()
        if any(word in said for word in _OF_POLICY) or (
            key in sent and _specific(sent, key) and inner.get(key) == sent[key]
        ):
            return passed()
    return failed(wanted, _told(evidence, args), step)


@rule
def trouble_told(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Trouble with the upstream's key is the gateway's own; trouble with the caller's comes back."""
    step, exchange, _, lines = _crossed(evidence, args)
    if _unreached(lines):
        return unseen(f"the fault did not reach the upstream: {_told(evidence, args)}")
    sent = lines[-1].status
    if sent not in _KEY_TROUBLE:
        return moot(f"the upstream says it with {sent}")
    if args.get("auth") == "own":
        wanted = f"a 5xx: the upstream's {sent} is about the gateway's key"
        return passed() if exchange.status >= _SERVER_ERROR else failed(wanted, _told(evidence, args), step)
    if exchange.status != sent:
        return failed(f"the upstream's {sent}", _told(evidence, args), step)
    inner, theirs = exchange.error_object(), _error_of(lines[-1])
    if inner is None or any(inner.get(key) != theirs.get(key) for key in ("type", "code")):
        return failed(f"the upstream's error {_key_facts(theirs)}", _told(evidence, args), step)
    return passed()


@rule
def pace_told(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A 429 of the upstream comes back with its Retry-After, or is retried within bounds."""
    step, exchange, _, lines = _crossed(evidence, args)
    if _unreached(lines):
        return unseen(f"the fault did not reach the upstream: {_told(evidence, args)}")
    if len(lines) > MOST_CALLS:
        return failed(f"at most {MOST_CALLS} upstream calls", _told(evidence, args), step)
    if exchange.ok and any(line.served for line in lines):
        return passed()
    if exchange.status != _TOO_MANY:
        return failed("a 429, as the upstream answered", _told(evidence, args), step)
    wrong = _wrong_wait(exchange, args.get("retry_after_s"))
    return failed(wrong, f"{_said_wait(exchange)}; {_told(evidence, args)}", step) if wrong else passed()


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
    step, exchange, _, lines = _crossed(evidence, args)
    # slowness leaves no name in the journal: that the upstream was asked is enough
    if not lines or (_unreached(lines) and not args.get("slow")):
        return unseen(f"the fault did not reach the upstream: {_told(evidence, args)}")
    limit = args.get("timeout_s")
    if isinstance(limit, int | float) and exchange.elapsed_s > limit:
        return failed(f"an answer within {limit:g} s", _told(evidence, args), step)
    if exchange.ok and any(_whole(line) for line in lines):
        return passed()
    if exchange.response is None and args.get("cut") and exchange.error.startswith("connection"):
        return passed()
    if exchange.status < _SERVER_ERROR:
        return failed("a 5xx: the upstream failed", _told(evidence, args), step)
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


@rule
def paid_once(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """One request of a caller is paid for once upstream."""
    step, _, asked, lines = _crossed(evidence, args)
    paid = sum(line.n for line in lines if line.charged > 0)
    if not lines:
        return moot("the upstream was never asked")
    if paid > _count(asked):
        return failed(f"at most {_count(asked)} images paid for upstream", f"{paid}: {_told(evidence, args)}", step)
    return passed()


@rule
def same_request_once(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A request repeated with its idempotency key is paid for once upstream and answered alike."""
    first, second = evidence.of("first"), evidence.of("second")
    paid = sum(line.charged > 0 for exchange in (first, second) for line in upstream(exchange))
    if not (first.ok and second.ok):
        return failed("both served", f"{first.brief()}, then {second.brief()}", "second")
    if paid > 1:
        return failed(f"one paid upstream call for one {text(args, 'header')}", f"{paid} were paid", "second")
    alike = [image.pixels for image in evidence.images("first")] == [
        image.pixels for image in evidence.images("second")
    ]
    return passed() if alike else failed("the same images again", "others", "second")


@rule
def refused_unpaid(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """An invalid request is refused before money is spent upstream."""
    step, exchange, _, lines = _crossed(evidence, args)
    paid = sum(line.charged for line in lines)
    why = text(args, "why", "the request is invalid")
    if paid:
        show = evidence.contract.billing.currency.show
        return failed(f"nothing paid upstream: {why}", f"{show(paid)} paid; {_told(evidence, args)}", step)
    if exchange.ok:
        return failed(f"a refusal: {why}", _told(evidence, args), step)
    return passed()


@rule
def caller_spared(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A failed request costs the caller nothing, a partial one what was delivered."""
    step, exchange, _, _ = _crossed(evidence, args)
    if args.get("auth") != "own":
        return moot("the caller's wallet is the upstream's")
    amount = spent(evidence, "before", "after")
    if amount is None:
        return unseen("the balance could not be read")
    unit = args.get("unit")
    due = len(evidence.images(step)) * unit if exchange.ok and isinstance(unit, int) else 0
    if amount <= due + evidence.resolution:
        return passed()
    show = evidence.contract.billing.currency.show
    return failed(f"a charge of {show(due)}", f"{show(amount)} taken; {_told(evidence, args)}", step)


@rule
def cost_agrees(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """What the caller is told it cost is what left the wallet and is the price."""
    step, exchange, _, lines = _crossed(evidence, args)
    if not exchange.ok:
        return unseen(f"not served: {_told(evidence, args)}")
    theirs = sum(line.charged for line in lines)
    price = theirs if args.get("basis") == "upstream" else args.get("price")
    witnesses = {"the wallet": spent(evidence, "before", "after"), "the answer": reported_cost(evidence, step)}
    known = {name: amount for name, amount in witnesses.items() if amount is not None}
    if not known or not isinstance(price, int):
        return unseen("neither a wallet nor the answer tells the cost")
    show = evidence.contract.billing.currency.show
    for name, amount in known.items():
        if abs(amount - price) > evidence.resolution:
            return failed(show(price), f"{show(amount)} by {name}; the upstream took {show(theirs)}", step)
    return passed()


@rule
def never_mixed(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Each of many requests at once gets the image that was made for it, paid by its own caller."""
    steps = names(args, "steps")
    owners: dict[str, set[str | None]] = {}
    for step in steps:
        exchange = evidence.of(step)
        lines = [line for line in upstream(exchange) if line.served]
        if not exchange.ok or not lines:
            return failed(f"all {len(steps)} requests served", f"{step}: {exchange.brief()}", step)
        got = Counter(image.pixels for image in evidence.images(step))
        if got - Counter(image for line in lines for image in line.images):
            return failed(
                "the image that was made for this request", f"{step}: another one; {_whose(evidence, steps, got)}", step
            )
        owners.setdefault(str(exchange.facts.get("caller")), set()).update(line.account for line in lines)
    if args.get("auth") == "passthrough" and any(one & other for one, other in pairwise(owners.values())):
        return failed("each caller's own key upstream", "one account paid for both callers")
    return passed() if len(owners) > 1 else unseen("one caller only; name a key 'other' in the target")


def _whose(evidence: Evidence, steps: Iterable[str], got: Counter[str]) -> str:
    for step in steps:
        made = {image for line in upstream(evidence.of(step)) for image in line.images}
        if made & set(got):
            return f"it was made for {step}"
    return "it was made for none of them"


def _crossed(
    evidence: Evidence, args: Mapping[str, Json]
) -> tuple[str, Exchange, Mapping[str, Json], tuple[Line, ...]]:
    step = text(args, "step")
    exchange = evidence.of(step)
    body = exchange.request.body
    return step, exchange, body if isinstance(body, dict) else {}, upstream(exchange)


def _told(evidence: Evidence, args: Mapping[str, Json]) -> str:
    _, exchange, asked, _ = _crossed(evidence, args)
    return told(exchange, asked, _renamed(args))


def _never_asked(exchange: Exchange, asked: Mapping[str, Json], step: str, args: Mapping[str, Json]) -> Outcome:
    said = told(exchange, asked, _renamed(args))
    return failed("the upstream asked", said, step) if exchange.ok else unseen(said)


def _wrong(evidence: Evidence, asked: Mapping[str, Json], line: Line, args: Mapping[str, Json]) -> str:
    """Return the first documented parameter that did not arrive as it was asked, empty when all did."""
    matrix = matrix_of(evidence.contract)
    defaults = matrix.effective({"model": asked.get("model")} if "model" in asked else {})
    renamed, models = _renamed(args), _models(args)
    model = asked.get("model", defaults.get("model"))
    if "model" in line.body and line.body["model"] != models.get(str(model), model):
        return "model"
    if line.body.get("prompt") != asked.get("prompt"):
        return "prompt"
    for name in evidence.contract.parameters:
        if name in BY_EFFECT:
            continue
        default = defaults.get(name)
        if line.body.get(renamed.get(name, name), default) != asked.get(name, default):
            return name
    return ""


def _same_words(exchange: Exchange, lines: tuple[Line, ...], step: str) -> Outcome:
    body = exchange.response.body if exchange.response else None
    theirs = [line.response for line in lines if line.served and isinstance(line.response, dict)]
    said = {text for line in theirs for text in _revised(line)}
    lost = said - set(_revised(body))
    if lost:
        return failed(f"revised_prompt {min(lost)!r}", f"revised_prompt {_revised(body)!r}"[:200], step)
    created = body.get("created") if isinstance(body, dict) else None
    made = [line["created"] for line in theirs if isinstance(line.get("created"), int)]
    if not made:
        return passed()
    near = isinstance(created, int) and any(isinstance(when, int) and abs(created - when) < _A_DAY_S for when in made)
    return passed() if near else failed(f"created about {made[0]}", f"created {created!r}", step)


def _revised(body: Json) -> list[str]:
    data = body.get("data") if isinstance(body, dict) else None
    items = [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []
    return [_head(str(item["revised_prompt"])) for item in items if item.get("revised_prompt")]


def _head(said: str) -> str:
    """Return the beginning of a text, which the upstream's journal keeps of it."""
    return said[:150]


def _unreached(lines: tuple[Line, ...]) -> bool:
    return not any(line.fault for line in lines)


def _whole(line: Line) -> bool:
    """Tell whether an upstream call was answered well: served, and no fault but slowness in it."""
    return line.served and line.fault in {None, "latency"}


def _error_of(line: Line) -> Mapping[str, Json]:
    inner = line.response.get("error") if isinstance(line.response, dict) else None
    return inner if isinstance(inner, dict) else {}


def _specific(sent: Mapping[str, Json], key: str) -> bool:
    """Tell whether a type or code says more than that a request was wrong."""
    value = sent.get(key)
    return value is not None and "invalid_request" not in str(value) and not str(value).isdigit()


def _key_facts(inner: Mapping[str, Json]) -> dict[str, Json]:
    return {key: inner.get(key) for key in ("type", "code")}


def _count(asked: Mapping[str, Json]) -> int:
    n = asked.get("n")
    return n if isinstance(n, int) and not isinstance(n, bool) else 1


def _renamed(args: Mapping[str, Json]) -> dict[str, str]:
    return _texts(args.get("params"))


def _models(args: Mapping[str, Json]) -> dict[str, str]:
    return _texts(args.get("models"))


def _texts(value: Json) -> dict[str, str]:
    return {str(key): str(item) for key, item in value.items()} if isinstance(value, dict) else {}
