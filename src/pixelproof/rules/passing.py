"""Rules about what passes a gateway: requests on their way up, images on their way down, and keys, which do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise

from pixelproof.contract import Json
from pixelproof.exchange import Exchange
from pixelproof.matrix import matrix_of
from pixelproof.rules.crossing import BY_EFFECT, Line, count_of, crossed, renamed, retold, told, unreached, upstream
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, names, passed, rule, text, unseen, warned
from pixelproof.verdict import Outcome

#: How far ``created`` may be from the upstream's, in seconds.
_A_DAY_S = 86_400


@rule
def asked_as_called(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """The upstream is asked for what the caller asked for."""
    step, exchange, asked, lines = crossed(evidence, args)
    if not lines:
        return _never_asked(exchange, asked, step, args)
    if not exchange.ok:
        return unseen(f"not served: {retold(evidence, args)}")
    total, wanted = sum(line.n for line in lines if line.served), count_of(asked)
    if total != wanted:
        return failed(f"n adds up to {wanted} upstream", f"{total}: {retold(evidence, args)}", step)
    for line in lines:
        wrong = _wrong(evidence, asked, line, args)
        if wrong:
            return failed(f"{wrong} as the caller asked", retold(evidence, args), step)
    return passed()


@rule
def delivered_as_made(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Every image that the upstream made comes back, and no other."""
    step, exchange, _, lines = crossed(evidence, args)
    made = Counter(image for line in lines if line.served for image in line.images)
    if not exchange.ok:
        return unseen(f"not served: {retold(evidence, args)}")
    if not made and not lines:
        return failed("an image of the upstream", retold(evidence, args), step)
    got = Counter(image.pixels or image.problem for image in evidence.images(step))
    if got != made:
        found = f"{got.total()} images, {(got & made).total()} of them the upstream's"
        return failed(f"the {made.total()} images that the upstream made", f"{found}; {retold(evidence, args)}", step)
    return _same_words(exchange, lines, step)


@rule
def own_success(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A success of the upstream that is none becomes an error, or comes back as it is; nothing is made up."""
    step, exchange, _, lines = crossed(evidence, args)
    if unreached(lines):
        return unseen(f"the fault did not reach the upstream: {retold(evidence, args)}")
    made = Counter(image for line in lines if line.served for image in line.images)
    got = Counter(image.pixels or image.problem for image in evidence.images(step)) if exchange.ok else Counter[str]()
    if got - made:
        return failed("no image that the upstream did not make", retold(evidence, args), step)
    return passed()


@rule
def keys_kept(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """No key crosses the gateway: the caller's not to the upstream, the upstream's not to the caller."""
    step, exchange, _, lines = crossed(evidence, args)
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


def _never_asked(exchange: Exchange, asked: Mapping[str, Json], step: str, args: Mapping[str, Json]) -> Outcome:
    said = told(exchange, asked, renamed(args))
    return failed("the upstream asked", said, step) if exchange.ok else unseen(said)


def _wrong(evidence: Evidence, asked: Mapping[str, Json], line: Line, args: Mapping[str, Json]) -> str:
    """Return the first documented parameter that did not arrive as it was asked, empty when all did."""
    matrix = matrix_of(evidence.contract)
    defaults = matrix.effective({"model": asked.get("model")} if "model" in asked else {})
    theirs, models = renamed(args), _models(args)
    model = asked.get("model", defaults.get("model"))
    if "model" in line.body and line.body["model"] != models.get(str(model), model):
        return "model"
    if line.body.get("prompt") != asked.get("prompt"):
        return "prompt"
    for name in evidence.contract.parameters:
        if name in BY_EFFECT:
            continue
        default = defaults.get(name)
        if line.body.get(theirs.get(name, name), default) != asked.get(name, default):
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


def _models(args: Mapping[str, Json]) -> dict[str, str]:
    return _texts(args.get("models"))


def _texts(value: Json) -> dict[str, str]:
    return {str(key): str(item) for key, item in value.items()} if isinstance(value, dict) else {}
