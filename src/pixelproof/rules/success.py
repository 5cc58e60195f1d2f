"""Rules about the body of a success."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from pixelproof.contract import Json, ResponseField
from pixelproof.exchange import Exchange
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, moot, names, passed, rule, text, unseen, warned
from pixelproof.verdict import Outcome

#: Unix seconds between 2001 and 2286 have ten digits; milliseconds have thirteen.
_SECONDS = range(10**9, 10**10)
_DAY_S = 86_400
#: Content types under which clients leave a body a text.
_TEXTS = frozenset({"text/html", "text/plain"})
#: Between the date of an answer and what it says of itself lies no zone: the smallest of those differ by so much.
_QUARTER_S = 15 * 60 - 1
#: How much longer than we measured a server may say that it took, in milliseconds.
_SLACK_MS = 1000


@rule
def served(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A documented request is answered with the documented success status."""
    step = text(args, "step")
    exchange = evidence.of(step)
    wanted = args.get("status", 200)
    if exchange.status == wanted and exchange.response and exchange.response.is_json:
        return passed()
    return failed(f"{wanted} with a JSON body: the request is documented as valid", exchange.brief(), step)


@rule
def response_field(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A documented key of the success body is there and has its documented type."""
    step = text(args, "step")
    exchange = evidence.of(step)
    if not exchange.ok or exchange.response is None:
        return unseen("the request was not served")
    path = text(args, "field").split(".")
    field = _field(evidence.contract.response.fields, path)
    found, value = _look_up(exchange.response.body, path)
    if not found or value is None:
        missing = failed(f"'{'.'.join(path)}' in every success", f"no such key: {exchange.brief()}", step)
        return missing if field.required else passed()
    if not _has_type(value, field.type):
        return failed(f"'{'.'.join(path)}' of type {field.type}", f"{value!r}"[:120], step)
    return _sound(field, value, exchange, real_time=evidence.real_time)


@rule
def echo(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A key that repeats a parameter repeats the value that was used."""
    step, path = text(args, "step"), text(args, "field")
    exchange = evidence.of(step)
    asked = evidence.sent(step).get(text(args, "parameter", path))
    if not exchange.ok or exchange.response is None:
        return unseen("the request was not served")
    if asked in {None, "auto"}:
        return moot("nothing definite was asked for")
    found, value = _look_up(exchange.response.body, path.split("."))
    if found and value != asked:
        return failed(f"'{path}' repeats {asked!r}", repr(value), step)
    return passed()


@rule
def unique_values(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A key that identifies a request has another value in every response."""
    steps = args.get("steps")
    path = text(args, "field").split(".")
    seen = [
        _look_up(exchange.response.body, path)[1]
        for exchange in (evidence.of(str(step)) for step in (steps if isinstance(steps, list) else []))
        if exchange.ok and exchange.response is not None
    ]
    if len(seen) < 2:  # noqa: PLR2004 - the smallest plural
        return unseen("the requests were not served")
    if None in seen or len({repr(value) for value in seen}) < len(seen):
        return failed(f"'{'.'.join(path)}' of its own in every response", repr(seen)[:160])
    return passed()


@rule
def items_hold_an_image(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Every image item holds a url or a base64 payload; null beside the other counts as absent."""
    step = text(args, "step")
    exchange = evidence.of(step)
    if not exchange.ok:
        refusal_is_legal = args.get("or_refused") and exchange.status in range(400, 500)
        return moot("refused, as it may be") if refusal_is_legal else unseen("the request was not served")
    body = exchange.response.body if exchange.response else None
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, list):
        return failed("'data' is a list of images", exchange.brief(), step)
    for index, item in enumerate(data):
        if not isinstance(item, dict) or not (_text(item, "url") or _text(item, "b64_json")):
            return failed("each image has a url or b64_json", f"data[{index}] is {_cut(item)}", step)
        if not isinstance(item.get("revised_prompt"), str | None):
            return failed("'revised_prompt', where it is given, as text", f"data[{index}] is {_cut(item)}", step)
    return passed()


@rule
def image_count(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """As many images come back as were asked for; with ``or_refused`` a 400 is as good."""
    step = text(args, "step")
    exchange = evidence.of(step)
    wanted = args.get("n", 1)
    if not exchange.ok:
        if args.get("or_refused") and exchange.status in range(400, 500):
            return passed()
        return unseen("the request was not served") if not args.get("or_refused") else _refusal(exchange, step)
    count = len(exchange.items())
    if count != wanted:
        return failed(f"{wanted} image{'s' if wanted != 1 else ''}", f"{exchange.status} with {count}", step)
    return _all_different(evidence, step)


@rule
def format_delivered(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Images come in the format that was asked for, url or base64."""
    step = text(args, "step")
    wanted = text(args, "format", "url")
    exchange = evidence.of(step)
    if args.get("or_refused") and exchange.status in range(400, 500):
        return moot("refused, as it may be")
    if not exchange.ok:
        return unseen("the request was not served")
    items = exchange.items()
    other = "url" if wanted == "b64_json" else "b64_json"
    if items and all(_text(item, wanted) for item in items):
        # the documents say "either … or", and additive keys are legal in some of them
        twice = any(_text(item, other) for item in items)
        return warned(f"every image as '{wanted}' alone", f"'{other}' as well", step) if twice else passed()
    return failed(f"every image as '{wanted}'", f"keys {[sorted(_present(item)) for item in items][:3]}", step)


@rule
def revised_prompt(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A model that rewrites says what it used; one that does not leaves the prompt alone."""
    step = text(args, "step")
    exchange = evidence.of(step)
    if not exchange.ok or not exchange.items():
        return unseen("no image came back")
    given = [item.get("revised_prompt") for item in exchange.items()]
    if text(args, "presence", "always") == "always":
        if all(isinstance(value, str) and value.strip() for value in given):
            return passed()
        return failed("'revised_prompt' with the prompt that was used", repr(given)[:120], step)
    body = exchange.request.body
    prompt = body.get("prompt") if isinstance(body, dict) else None
    if all(value is None or value == prompt for value in given):
        return passed()
    return failed("no 'revised_prompt': this model does not rewrite", repr(given)[:160], step)


@rule
def revised_apart(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """What was used for one prompt is not what was used for another; one text for all of them is worth a warning."""
    first, second = (evidence.of(step) for step in names(args, "steps"))
    if not (first.ok and second.ok):
        return unseen("the requests were not served")
    used = [{str(item.get("revised_prompt") or "") for item in exchange.items()} - {""} for exchange in (first, second)]
    asked = first.request.body.get("prompt") if isinstance(first.request.body, dict) else None
    if asked in used[1]:
        return failed("the prompt that was used for this request", f"that of another: {asked!r}"[:160], second.step)
    if used[0] & used[1]:
        return warned("the prompt that was used, for each its own", f"{min(used[0])[:100]!r} twice", second.step)
    return passed() if all(used) else moot("no revised_prompt came")


@rule
def said_to_be_json(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A JSON body is not served as text for people: clients parse by what a body says that it is."""
    step = text(args, "step")
    exchange = evidence.of(step)
    if not exchange.ok or exchange.response is None or not exchange.response.is_json:
        return unseen("the request was not served")
    named = exchange.response.media_type
    return failed("application/json", named, step) if named in _TEXTS else passed()


@rule
def model_listed(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """The list of models answers and names at least one model."""
    step = text(args, "step")
    exchange = evidence.of(step)
    models = exchange.facts.get("models")
    if not exchange.ok:
        return failed("200 with the list of models", exchange.brief(), step)
    if not isinstance(models, list):
        return unseen("the list of models has a shape of its own; the target file can map it")
    return passed() if models else failed("at least one model in the list", "an empty list", step)


@rule
def answered(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A request is served or refused within the time limit; it never hangs or breaks the server."""
    step = text(args, "step")
    exchange = evidence.of(step)
    if exchange.response is None:
        return failed("an answer: served or refused", exchange.brief(), step)
    if exchange.status >= 500:  # noqa: PLR2004 - the 5xx class
        return failed("served or refused, no server error", exchange.brief(), step)
    return passed()


def _sound(field: ResponseField, value: Json, exchange: Exchange, *, real_time: bool) -> Outcome:
    """Judge a value of the right type: no negative number, seconds for an instant, no more time than went by."""
    if field.type == "number" and isinstance(value, int | float) and value < 0:
        return failed(f"'{field.name}' of at least 0", str(value), exchange.step)
    if field.source == "created" and not _in_seconds(value):
        return failed(f"'{field.name}' in Unix seconds", str(value), exchange.step)
    if field.source == "created" and real_time and not _of_now(value, exchange.at):
        return failed(f"'{field.name}' of the moment, {exchange.at}", str(value), exchange.step)
    if field.source == "created" and real_time and not _of_its_own_date(value, exchange):
        return failed(
            f"'{field.name}' of the moment, {_date_of(exchange)} by the same answer", str(value), exchange.step
        )
    waited_ms = exchange.elapsed_s * 1000
    if field.source == "latency_ms" and isinstance(value, int | float) and value > waited_ms + _SLACK_MS:
        return warned(f"'{field.name}' of at most the {waited_ms:.0f} ms that were waited", str(value), exchange.step)
    return passed()


def _refusal(exchange: Exchange, step: str) -> Outcome:
    return failed("the images, or a 4xx", exchange.brief(), step)


def _all_different(evidence: Evidence, step: str) -> Outcome:
    seen = [image.pixels for image in evidence.images(step) if image.pixels]
    if len(set(seen)) < len(seen):
        return failed(f"{len(seen)} different images", f"only {len(set(seen))} different pictures", step)
    return passed()


def _field(fields: tuple[ResponseField, ...], path: list[str]) -> ResponseField:
    head = next(field for field in fields if field.name == path[0])
    return head if len(path) == 1 else _field(head.fields, path[1:])


def _look_up(body: Json, path: list[str]) -> tuple[bool, Json]:
    for key in path:
        if not isinstance(body, dict) or key not in body:
            return False, None
        body = body[key]
    return True, body


def _in_seconds(value: Json) -> bool:
    # compared, not converted: no server's number is too long for this
    return isinstance(value, int | float) and _SECONDS.start <= value < _SECONDS.stop


def _of_now(value: Json, at: str) -> bool:
    """Tell whether an instant lies near the one of its answer; a clock may be wrong by a day, as zones make it."""
    try:
        answered = datetime.fromisoformat(at).timestamp()
    except ValueError:
        return True  # a record without instants
    return isinstance(value, int | float) and abs(value - answered) <= _DAY_S


def _of_its_own_date(value: Json, exchange: Exchange) -> bool:
    """Tell whether an instant lies near the one that the same answer is dated: that clock is the server's own."""
    try:
        dated = parsedate_to_datetime(_date_of(exchange)).timestamp()
    except (TypeError, ValueError):
        return True  # an answer without a date
    return isinstance(value, int | float) and abs(value - dated) <= _QUARTER_S


def _date_of(exchange: Exchange) -> str:
    return exchange.response.headers.get("date", "") if exchange.response is not None else ""


def _has_type(value: Json, name: str) -> bool:
    if name == "integer":
        # an integer is never turned into a float: a long one would overflow
        return not isinstance(value, bool) and (
            isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        )
    kinds: dict[str, type | tuple[type, ...]] = {
        "string": str,
        "number": (int, float),
        "boolean": bool,
        "array": list,
        "object": dict,
    }
    return isinstance(value, kinds[name]) and (name == "boolean" or not isinstance(value, bool))


def _text(item: Mapping[str, Json], key: str) -> bool:
    value = item.get(key)
    return isinstance(value, str) and bool(value)


def _present(item: Mapping[str, Json]) -> list[str]:
    return [key for key, value in item.items() if value is not None]


def _cut(value: object) -> str:
    return repr(value)[:100]
