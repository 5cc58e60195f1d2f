"""Honest servers of tasks that read, pace or word the documents in another way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from pixelproof.tasks import TaskState

from ..call import Refusal
from ..images.pictures import Format
from ..seams import JsonObject, Seams, Step
from ..steps.tasking import task_of
from .additions import images_redirected, images_untyped, other_words
from .catalogue import variation
from .edits import moved, redrawn, resized
from .task_edits import planned, rebilled, relisted, replied, reshaped

if TYPE_CHECKING:
    from pixelproof.tasks import Plan

    from ..call import Answer, Call
    from ..state.artifacts import Artifact

BILLING, PACE, SHAPE, WORDS, FILES, REFUSALS = "billing", "pace", "task shape", "words", "image files", "refusals"
_AMOUNTS = ("charged_credits", "refunded_credits")
#: The same ratios in other pixels.
_OTHER_SIZES = {"1:1": (1536, 1536), "16:9": (1792, 1008), "9:16": (1008, 1792), "2:1": (2048, 1024)}

variation(
    "stratizon-images-redirected", claim="STR-20", family=FILES, intent="image URLs redirect to where the file is"
)(images_redirected)
variation("stratizon-images-untyped", claim="STR-20", family=FILES, intent="images are application/octet-stream")(
    images_untyped
)
variation("stratizon-other-words", claim="STR-23", family=REFUSALS, intent="errors speak German, in two lines")(
    other_words
)


@variation("stratizon-net-charge", claim="STR-26", family=BILLING, intent="charged_credits falls with the refund")
def net_charge(honest: Seams) -> Seams:
    """Follow the other reading."""

    def show(call: Call) -> int:
        job = task_of(call)
        return job.charged - job.refunded

    return replace(honest, show_charged=show)


@variation(
    "stratizon-refund-absent-until-final", claim="STR-26", family=BILLING, intent="no refunded_credits before the end"
)
def refund_absent(honest: Seams) -> Seams:
    """Drop refunded_credits as long as nothing is certain."""

    def edit(call: Call, billing: JsonObject) -> None:
        if task_of(call).final is None:
            billing.pop("refunded_credits", None)

    return rebilled(honest, edit)


@variation(
    "stratizon-refund-null-until-final",
    claim="STR-26",
    family=BILLING,
    intent="refunded_credits is null before the end",
)
def refund_null(honest: Seams) -> Seams:
    """Write null as long as nothing is certain."""

    def edit(call: Call, billing: JsonObject) -> None:
        if task_of(call).final is None:
            billing["refunded_credits"] = None

    return rebilled(honest, edit)


@variation(
    "stratizon-refund-only-if-any", claim="STR-19", family=BILLING, intent="refunded_credits only where there is one"
)
def refund_only_if_any(honest: Seams) -> Seams:
    """Drop refunded_credits where nothing was paid back."""

    def edit(call: Call, billing: JsonObject) -> None:
        if not task_of(call).refunded:
            billing.pop("refunded_credits", None)

    return rebilled(honest, edit)


@variation("stratizon-amounts-as-numbers", claim="STR-23", family=BILLING, intent="amounts are JSON numbers")
def amounts_as_numbers(honest: Seams) -> Seams:
    """Write 150.0 for "150.0000"."""
    return _amounts(honest, float)


@variation("stratizon-amounts-whole", claim="STR-23", family=BILLING, intent="amounts are strings without decimals")
def amounts_whole(honest: Seams) -> Seams:
    """Write "150" for "150.0000"."""
    return _amounts(honest, lambda text: f"{Decimal(text).normalize():f}")


@variation("stratizon-slower", claim="STR-03", family=PACE, intent="tasks wait 20 seconds and run for a minute")
def slower(honest: Seams) -> Seams:
    """Take longer."""
    return planned(honest, lambda _call, plan: replace(plan, queued_s=20, running_s=60))


@variation("stratizon-at-once", claim="STR-03", family=PACE, intent="tasks have succeeded when they are created")
def at_once(honest: Seams) -> Seams:
    """Take no time at all."""

    def create(call: Call) -> None:
        with call.account.lock:
            honest.create_task(call)
            call.seams.settle(call.provider, call.account, call.now)

    return replace(planned(honest, lambda _call, plan: replace(plan, queued_s=0, running_s=0)), create_task=create)


@variation("stratizon-cannot-be-canceled", claim="STR-22", family=PACE, intent="has no route to cancel a task")
def cannot_be_canceled(honest: Seams) -> Seams:
    """Answer as if the route were unknown."""

    def cancel(_call: Call) -> None:
        raise Refusal("not_found", "there is no such route")

    return replace(honest, cancel_task=cancel)


@variation(
    "stratizon-extra-fields", claim="STR-21", family=SHAPE, intent="adds fields everywhere that nobody documented"
)
def extra_fields(honest: Seams) -> Seams:
    """Add fields to tasks, billing, items and uploads."""

    def edit(_call: Call, body: JsonObject) -> None:
        body.update(x_region="eu", progress=0.5, links={"self": "/v1/tasks/x"})

    def upload(call: Call, artifact: Artifact) -> JsonObject:
        return {"object": "artifact", **honest.shape_upload(call, artifact), "expires_at": None}

    with_items = relisted(honest, lambda _call, index, item: item.update(index=index, width=1024, nsfw=False))
    with_bills = rebilled(with_items, lambda _call, billing: billing.update(usd="0.05", rate=1000))
    return replace(reshaped(with_bills, edit), shape_upload=upload)


@variation("stratizon-keys-reversed", claim="STR-23", family=SHAPE, intent="puts the keys of a task in reverse order")
def keys_reversed(honest: Seams) -> Seams:
    """Reverse the order of keys, which means nothing in JSON."""
    return replace(honest, shape_task=lambda call: dict(reversed(honest.shape_task(call).items())))


@variation("stratizon-bare-creation", claim="STR-01", family=SHAPE, intent="creation answers with the task_id alone")
def bare_creation(honest: Seams) -> Seams:
    """Show everything else when the task is looked at."""

    def shape(call: Call) -> JsonObject:
        body = honest.shape_task(call)
        return {"task_id": body["task_id"]} if call.operation.creates_task else body

    return replace(honest, shape_task=shape)


@variation("stratizon-output-null-until-final", claim="STR-20", family=SHAPE, intent="output is null before the end")
def output_null(honest: Seams) -> Seams:
    """Write null where no image can be yet."""

    def edit(call: Call, body: JsonObject) -> None:
        if task_of(call).final is not TaskState.SUCCEEDED:
            body["output"] = None

    return reshaped(honest, edit)


@variation("stratizon-upload-200", claim="STR-24", family=SHAPE, intent="an upload answers 200")
def upload_200(honest: Seams) -> Seams:
    """Answer with the plainest status."""

    def store(call: Call) -> None:
        honest.store_upload(call)
        if call.answer is not None:
            call.answer.status = 200

    return replace(honest, store_upload=store)


@variation("stratizon-waiting-words", claim="STR-22", family=WORDS, intent="tasks are pending, then processing")
def waiting_words(honest: Seams) -> Seams:
    """Word the states before the end in another way, and take long enough to show both."""
    words = {"queued": "pending", "running": "processing"}

    def edit(_call: Call, body: JsonObject) -> None:
        body["status"] = words.get(str(body["status"]), body["status"])

    return reshaped(planned(honest, lambda _call, plan: replace(plan, queued_s=9, running_s=11)), edit)


@variation("stratizon-loud-words", claim="STR-22", family=WORDS, intent="states are in capital letters")
def loud_words(honest: Seams) -> Seams:
    """Shout the states."""
    return reshaped(honest, lambda _call, body: body.update(status=str(body["status"]).upper()))


@variation("stratizon-poll-later", claim="STR-03", family=WORDS, intent="a task on its way announces the next look")
def poll_later(honest: Seams) -> Seams:
    """Add Retry-After and Location to the answers."""

    def edit(call: Call, answer: Answer) -> None:
        answer.headers += [("retry-after", "2"), ("location", f"/v1/tasks/{task_of(call).id}")]

    return replied(honest, edit)


@variation("stratizon-jpeg", claim="STR-24", family=FILES, intent="delivers JPEG files")
def jpeg(honest: Seams) -> Seams:
    """Choose another type where none is documented."""
    return redrawn(honest, lambda _call, _index, picture: picture._replace(format=Format.JPEG, quality=60))


@variation("stratizon-webp", claim="STR-24", family=FILES, intent="delivers WebP files")
def webp(honest: Seams) -> Seams:
    """Choose another type where none is documented."""
    return redrawn(honest, lambda _call, _index, picture: picture._replace(format=Format.WEBP, quality=10))


@variation("stratizon-other-pixels", claim="STR-24", family=FILES, intent="draws the ratios in other pixels")
def other_pixels(honest: Seams) -> Seams:
    """Keep the ratio, and nothing else."""
    return resized(honest, lambda call, p: _OTHER_SIZES.get(str(call.values.get("aspect_ratio")), (p.width, p.height)))


@variation("stratizon-refuses-with-422", claim="STR-23", family=REFUSALS, intent="an invalid request is 422")
def refuses_with_422(honest: Seams) -> Seams:
    """Answer as some frameworks do by themselves."""
    return moved(honest, 422, "invalid_request", "not_found")


@variation(
    "stratizon-refuses-later", claim="STR-23", family=REFUSALS, intent="an invalid request fails as a task, money back"
)
def refuses_later(honest: Seams) -> Seams:
    """Accept whatever comes, and end the task of an invalid request in failure."""
    doomed: set[str] = set()

    def forgiving(step: Step) -> Step:
        def check(call: Call) -> None:
            try:
                step(call)
            except Refusal:
                doomed.add(call.request_id)
                call.body = {"prompt": "anything"}
                honest.check_matrix(call)

        return check

    def change(call: Call, plan: Plan) -> Plan:
        return replace(plan, outcome=TaskState.FAILED, delivered=0) if call.request_id in doomed else plan

    return replace(
        planned(honest, change),
        check_shape=forgiving(honest.check_shape),
        check_matrix=forgiving(honest.check_matrix),
        ingest=forgiving(honest.ingest),
    )


def _amounts(honest: Seams, write: Callable[[str], float | str]) -> Seams:
    def edit(_call: Call, billing: JsonObject) -> None:
        billing.update({name: write(str(billing[name])) for name in _AMOUNTS})

    return rebilled(honest, edit)
