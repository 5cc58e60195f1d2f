"""Rules about asynchronous tasks: they end, deliver what they say, and cost what they delivered."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof.contract import Json
from pixelproof.exchange import Exchange
from pixelproof.rules.balance import spent
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, moot, passed, rule, text, unseen
from pixelproof.verdict import Outcome

_FINAL = frozenset({"succeeded", "failed", "canceled"})
_UNAUTHORIZED, _TOO_MANY = 401, 429


@rule
def task_created(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A documented request is accepted at once, and names its task."""
    step = text(args, "step")
    exchange = evidence.of(step)
    wanted = args.get("status", 202)
    if exchange.status != wanted:
        return failed(f"{wanted} with a task: the request is documented as valid", exchange.brief(), step)
    return passed() if exchange.task().get("id") else failed("a task id", exchange.brief(), step)


@rule
def task_ends(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A task that is polled succeeds, fails or is canceled; it does not stay on the way."""
    step = text(args, "step", "done")
    last = _looked(evidence, step)
    if last is None:
        return unseen("no task was created")
    if last.status == _TOO_MANY:
        return unseen("429 on every look: give a key with higher limits")
    if not last.ok:
        return failed("200 with the task", last.brief(), step)
    if _unmapped(last):
        return unseen(_unmapped(last))
    return passed() if _state(last) in _FINAL else failed("succeeded, failed or canceled", last.brief(), step)


@rule
def task_succeeds(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A documented request ends well."""
    return _ends_as(evidence, args, "succeeded", "a task that succeeds")


@rule
def task_fails(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A task that cannot deliver says so: it is failed, and delivers nothing."""
    return _ends_as(evidence, args, "failed", "a failed task")


@rule
def stays_final(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A task that ended stays as it ended, however often it is looked at."""
    first, again = _looked(evidence, text(args, "step", "done")), _looked(evidence, text(args, "again", "again"))
    if first is None or again is None or _state(first) not in _FINAL:
        return unseen("the task did not end")
    before, after = (_state(first), len(_images(first))), (_state(again), len(_images(again)))
    if before == after:
        return passed()
    return failed(f"still {before[0]} with {before[1]} images", f"{after[0]} with {after[1]}", "again")


@rule
def task_images(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Each image of a succeeded task has a URL and an artifact id."""
    step = text(args, "step", "done")
    last = _looked(evidence, step)
    if last is None or _state(last) != "succeeded":
        return unseen("the task did not succeed")
    images = _images(last)
    if not images:
        return failed("at least one image", last.brief(), step)
    for index, image in enumerate(images):
        if not (image.get("url") and image.get("artifact_id")):
            return failed("a URL and an artifact_id", f"image {index} has {dict(image)!r}"[:160], step)
    ids = [image["artifact_id"] for image in images]
    return passed() if len(set(ids)) == len(ids) else failed("artifact_ids of their own", repr(ids)[:160], step)


@rule
def task_image_count(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A succeeded task has as many images as were asked for, and they differ."""
    step = text(args, "step", "done")
    last = _looked(evidence, step)
    if last is None or _state(last) != "succeeded":
        return unseen("the task did not succeed")
    count = len(_images(last))
    if count != args.get("n", 1):
        return failed(f"{args.get('n', 1)} images", f"{count} images", step)
    pixels = [image.pixels for image in evidence.images(step) if image.pixels]
    return passed() if len(set(pixels)) == len(pixels) else failed("different images", "the same one twice", step)


@rule
def image_ratio(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """The delivered picture has the aspect ratio that was asked for."""
    step = text(args, "step", "done")
    if _looked(evidence, step) is None:
        return unseen("no task was created")
    images = [image for image in evidence.images(step) if not image.problem]
    if not images:
        return unseen("no image came back")
    wide, _, high = text(args, "ratio", "1:1").partition(":")
    wanted = int(wide) / int(high)
    tolerance = evidence.contract.images.ratio_tolerance_percent / 100
    for image in images:
        if abs(image.width / image.height / wanted - 1) > tolerance:
            return failed(f"{wide}:{high} within {tolerance:.0%}", f"{image.width}x{image.height}", step)
    return passed()


@rule
def image_files(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Every URL of a succeeded task answers with an image file."""
    step = text(args, "step", "done")
    last = _looked(evidence, step)
    if last is None or _state(last) != "succeeded" or not _images(last):
        return unseen("the task did not succeed")
    for download in evidence.downloads(step):
        if not download.ok:
            return failed("200 with the image", f"{download.request.url[:100]}: {download.brief()}", step)
    for index, image in enumerate(evidence.images(step)):
        if image.problem or image.media_type not in evidence.contract.images.types:
            return failed("an image file", f"image {index}: {image.problem or image.media_type}", step)
    return passed()


@rule
def artifact_stored(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """An upload is stored and named."""
    step = text(args, "step", "upload")
    exchange = evidence.of(step)
    if exchange.status not in {200, 201}:
        return failed("200 or 201 with an artifact_id", exchange.brief(), step)
    found = exchange.facts.get("artifact_id")
    return passed() if isinstance(found, str) and found else failed("an artifact_id", exchange.brief(), step)


@rule
def inputs_named(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """References that were copied in are named by the artifact ids they got, each its own."""
    step = text(args, "step", "done")
    last = _looked(evidence, step)
    if last is None:
        return unseen("no task was created")
    references = last.task().get("references")
    if not references:
        return unseen("the task does not name its inputs where the contract expects them; the target file can map it")
    return passed()


@rule
def charge_shown(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """The task shows what was charged, by value."""
    step = text(args, "step")
    exchange = _looked(evidence, step)
    if exchange is None or not exchange.ok:
        return unseen("no task was created")
    charged = exchange.task().get("charged")
    if charged is None and _state(exchange) not in _FINAL:
        # the answer to creation need not hold more than a task_id
        return moot("the task need not show it before it ends")
    if charged is None:
        return failed("billing with what was charged", "no such amount in the task", step)
    show = evidence.contract.billing.currency.show
    price = args.get("price")
    wanted = {price, *_numbers(args.get("or")), *_net(exchange, args)}
    if isinstance(price, int) and charged not in wanted:
        return failed(show(price), show(int(str(charged))), step)
    return passed()


@rule
def refund_shown(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A final task shows the refund of what it did not deliver."""
    step = text(args, "step", "done")
    last = _looked(evidence, step)
    if last is None or _state(last) not in {"succeeded", "failed"}:
        return unseen("the task did not end")
    wanted = _missing(last, args)
    if not wanted:
        return moot("nothing was missing")
    show = evidence.contract.billing.currency.show
    refunded = last.task().get("refunded")
    if refunded == wanted:
        return passed()
    got = show(refunded) if isinstance(refunded, int) else "no such amount in the task"
    return failed(f"a refund of {show(wanted)}", got, step)


@rule
def no_refund_shown(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A task that delivered everything shows no refund: none, null or nothing."""
    step = text(args, "step", "done")
    last = _looked(evidence, step)
    if last is None or _state(last) != "succeeded" or _missing(last, args):
        return unseen("the task did not deliver everything")
    refunded = last.task().get("refunded")
    if not isinstance(refunded, int) or not refunded:
        return passed()
    shown = evidence.contract.billing.currency.show(refunded)
    return failed("no refund: nothing was missing", shown, step)


@rule
def charged_at_creation(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """The whole price leaves the wallet when the task is created, before it runs."""
    if not evidence.of("main").ok:
        return unseen("no task was created")
    amount = spent(evidence, "before", "created")
    price = args.get("price")
    if amount is None or not isinstance(price, int):
        return unseen("the balance could not be read")
    show = evidence.contract.billing.currency.show
    if abs(amount - price) <= evidence.resolution:
        return passed()
    return failed(f"{show(price)} gone at creation", f"{show(amount)} gone", "main")


@rule
def prepaid(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """What is paid in advance is not made for an account without credit: no task, or one that fails."""
    step = text(args, "step")
    exchange = evidence.of(step)
    if exchange.ok:
        last = _looked(evidence, "done") or exchange
        if _state(last) == "failed":
            return passed()
        return failed("a refusal, or a task that fails: the account has no credit", last.brief(), step)
    if exchange.response is None or exchange.status >= 500:  # noqa: PLR2004 - the 5xx class
        return failed("a 4xx: the account has no credit", exchange.brief(), step)
    if exchange.status in {_UNAUTHORIZED, _TOO_MANY}:
        return unseen(f"answered for another reason: {exchange.brief()}")
    return passed()


@rule
def net_cost(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """In the end a task costs its delivered images times the price of one."""
    last = _looked(evidence, text(args, "step", "done"))
    if last is None or _state(last) not in {"succeeded", "failed"}:
        return unseen("the task did not end")
    unit = args.get("unit")
    amount = spent(evidence, "before", text(args, "after", "after"))
    if amount is None or not isinstance(unit, int):
        return unseen("the balance could not be read")
    delivered = len(_images(last)) if _state(last) == "succeeded" else 0
    if abs(amount - delivered * unit) <= evidence.resolution:
        return passed()
    show = evidence.contract.billing.currency.show
    wanted = f"{delivered} delivered x {show(unit)} = {show(delivered * unit)} in the end"
    return failed(wanted, show(amount), text(args, "step", "done"))


def _ends_as(evidence: Evidence, args: Mapping[str, Json], state: str, wanted: str) -> Outcome:
    step = text(args, "step", "done")
    last = _looked(evidence, step)
    if last is None:
        return unseen("no task was created")
    if _unmapped(last):
        return unseen(_unmapped(last))
    return passed() if _state(last) == state else failed(wanted, last.brief(), step)


def _looked(evidence: Evidence, step: str) -> Exchange | None:
    """Return the last look at a task, None when there was no task to look at."""
    try:
        return evidence.of(step)
    except KeyError:
        return None


def _unmapped(exchange: Exchange) -> str:
    """Say what the target file should map when a task's state cannot be read: its words are nobody's promise."""
    task = exchange.task()
    if not exchange.ok or task.get("state"):
        return ""
    word = task.get("word")
    what = f"the state '{word}' is unknown" if word else "the task has no state where the contract expects it"
    return f"{what}: map it in the target file (map: {{task: {{status: …, states: …}}}})"


def _state(exchange: Exchange) -> str:
    return str(exchange.task().get("state"))


def _images(exchange: Exchange) -> tuple[Mapping[str, Json], ...]:
    found = exchange.task().get("images")
    return tuple(item for item in found if isinstance(item, dict)) if isinstance(found, list) else ()


def _missing(exchange: Exchange, args: Mapping[str, Json]) -> int:
    n, unit = args.get("n"), args.get("unit")
    delivered = len(_images(exchange)) if _state(exchange) == "succeeded" else 0
    return (n - delivered) * unit if isinstance(n, int) and isinstance(unit, int) else 0


def _net(exchange: Exchange, args: Mapping[str, Json]) -> tuple[int, ...]:
    """Return the charge of a final task net of its refund: as documented as the gross one (STR-26)."""
    n, price = args.get("n"), args.get("price")
    if not isinstance(n, int) or not isinstance(price, int) or _state(exchange) not in _FINAL:
        return ()
    delivered = len(_images(exchange)) if _state(exchange) == "succeeded" else 0
    return (price * delivered // n,)


def _numbers(value: Json) -> tuple[int, ...]:
    return tuple(item for item in value if isinstance(item, int)) if isinstance(value, list) else ()
