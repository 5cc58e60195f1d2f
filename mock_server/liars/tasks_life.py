"""Servers whose tasks begin, run or end in another way than documented."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from pixelproof.deviation import Tier
from pixelproof.tasks import TaskState

from ..call import Refusal
from ..seams import JsonObject, Seams
from ..steps.tasking import task_of
from .catalogue import liar
from .task_edits import FOR_EVER_S, FROM_IMAGES, FROM_TEXT, creates, is_look, planned, replied, reshaped, seen_again

if TYPE_CHECKING:
    from ..call import Answer, Call

CREATION, LIFE = "task creation", "task life"


@liar("stratizon-creation-200", claim="STR-01", tier=Tier.SMOKE, family=CREATION, intent="a new task is a 200")
def creation_200(honest: Seams) -> Seams:
    """Answer as if the images were there."""
    return _created_with(honest, FROM_TEXT, 200)


@liar("stratizon-creation-201", claim="STR-01", tier=Tier.SMOKE, family=CREATION, intent="a new task is a 201")
def creation_201(honest: Seams) -> Seams:
    """Answer as if the task were the result."""
    return _created_with(honest, FROM_TEXT, 201)


@liar("stratizon-no-task-id", claim="STR-01", tier=Tier.SMOKE, family=CREATION, intent="a new task has no task_id")
def no_task_id(honest: Seams) -> Seams:
    """Rename task_id where the task is created."""
    return _renamed(honest, FROM_TEXT, "id")


@liar("stratizon-images-at-once", claim="STR-01", tier=Tier.SMOKE, family=CREATION, intent="answers with the images")
def images_at_once(honest: Seams) -> Seams:
    """Answer as OpenAI does, without any task."""

    def edit(call: Call, answer: Answer) -> None:
        if creates(call, FROM_TEXT):
            data = [{"url": call.seams.sign_url(call, picture)} for picture in call.pictures]
            answer.status, answer.body = 200, orjson.dumps({"created": int(call.now), "data": data})

    return replied(honest, edit)


@liar(
    "stratizon-transform-200",
    claim="STR-02",
    tier=Tier.SMOKE,
    family=CREATION,
    intent="image-to-image answers with 200",
)
def transform_200(honest: Seams) -> Seams:
    """Answer one capability as if it were synchronous."""
    return _created_with(honest, FROM_IMAGES, 200)


@liar(
    "stratizon-transform-no-task-id",
    claim="STR-02",
    tier=Tier.SMOKE,
    family=CREATION,
    intent="a new image-to-image task is named by job_id",
)
def transform_no_task_id(honest: Seams) -> Seams:
    """Rename task_id where one capability creates a task."""
    return _renamed(honest, FROM_IMAGES, "job_id")


@liar("stratizon-transform-is-gone", claim="STR-02", tier=Tier.SMOKE, family=CREATION, intent="image-to-image is a 404")
def transform_is_gone(honest: Seams) -> Seams:
    """Know no such route."""

    def authorize(call: Call) -> None:
        honest.authorize(call)
        if creates(call, FROM_IMAGES):
            raise Refusal("not_found", "there is no such route")

    return replace(honest, authorize=authorize)


@liar("stratizon-stuck-for-ever", claim="STR-03", tier=Tier.SMOKE, family=LIFE, intent="every task runs for ever")
def stuck_for_ever(honest: Seams) -> Seams:
    """Never finish."""
    return planned(honest, lambda _call, plan: replace(plan, running_s=FOR_EVER_S))


@liar(
    "stratizon-transform-stuck-in-queue",
    claim="STR-03",
    tier=Tier.SMOKE,
    family=LIFE,
    intent="image-to-image tasks stay queued for ever",
)
def transform_stuck_in_queue(honest: Seams) -> Seams:
    """Never begin with one capability."""
    return planned(
        honest, lambda call, plan: replace(plan, queued_s=FOR_EVER_S) if creates(call, FROM_IMAGES) else plan
    )


@liar("stratizon-partial-stuck", claim="STR-03", family=LIFE, intent="a task that misses an image runs for ever")
def partial_stuck(honest: Seams) -> Seams:
    """Wait for the missing image."""
    return planned(
        honest, lambda call, plan: replace(plan, running_s=FOR_EVER_S) if 0 < plan.delivered < call.n else plan
    )


@liar(
    "stratizon-success-turns-failure",
    claim="STR-03",
    tier=Tier.SMOKE,
    family=LIFE,
    intent="a succeeded task is failed at the second look",
)
def success_turns_failure(honest: Seams) -> Seams:
    """Flip one terminal state."""
    return _flipped(honest, TaskState.SUCCEEDED, "failed")


@liar(
    "stratizon-failure-turns-success", claim="STR-03", family=LIFE, intent="a failed task succeeds at the second look"
)
def failure_turns_success(honest: Seams) -> Seams:
    """Flip the other terminal state."""
    return _flipped(honest, TaskState.FAILED, "succeeded")


@liar(
    "stratizon-runs-again",
    claim="STR-03",
    tier=Tier.SMOKE,
    family=LIFE,
    intent="a succeeded task is seen running again",
)
def runs_again(honest: Seams) -> Seams:
    """Answer the second look from a replica that lags behind."""
    return _flipped(honest, TaskState.SUCCEEDED, "running")


@liar("stratizon-canceled-runs-on", claim="STR-03", family=LIFE, intent="a canceled task is seen running later")
def canceled_runs_on(honest: Seams) -> Seams:
    """Forget that a task was canceled."""
    return _flipped(honest, TaskState.CANCELED, "running")


@liar("stratizon-canceled-never-ends", claim="STR-03", family=LIFE, intent="a canceled task shows running for ever")
def canceled_never_ends(honest: Seams) -> Seams:
    """Accept to cancel, and never say that it is done."""

    def edit(call: Call, body: JsonObject) -> None:
        if is_look(call) and task_of(call).final is TaskState.CANCELED:
            body["status"] = "running"

    return reshaped(honest, edit)


@liar(
    "stratizon-images-vanish",
    claim="STR-03",
    tier=Tier.SMOKE,
    family=LIFE,
    intent="the images of a task are gone at the second look",
)
def images_vanish(honest: Seams) -> Seams:
    """Deliver once."""
    return seen_again(honest, lambda _call, body: body.update(output={"images": []}))


@liar("stratizon-looks-break", claim="STR-03", tier=Tier.SMOKE, family=LIFE, intent="every look at a task is a 500")
def looks_break(honest: Seams) -> Seams:
    """Break down where tasks are looked up."""

    def find(call: Call) -> None:
        honest.find_task(call)
        if is_look(call):
            raise Refusal("server_error", "the task could not be loaded")

    return replace(honest, find_task=find)


@liar(
    "stratizon-final-is-forgotten",
    claim="STR-03",
    tier=Tier.SMOKE,
    family=LIFE,
    intent="a final task is shown only once",
)
def final_is_forgotten(honest: Seams) -> Seams:
    """Know no task that was seen final."""
    shown: set[str] = set()

    def find(call: Call) -> None:
        honest.find_task(call)
        if task_of(call).id in shown:
            raise Refusal("not_found", "there is no such task")

    def look(call: Call) -> None:
        honest.look_at_task(call)
        job = task_of(call)
        if job.final is not None:
            shown.add(job.id)

    return replace(honest, find_task=find, look_at_task=look)


def _created_with(honest: Seams, capability: str, status: int) -> Seams:
    def edit(call: Call, answer: Answer) -> None:
        if creates(call, capability):
            answer.status = status

    return replied(honest, edit)


def _renamed(honest: Seams, capability: str, name: str) -> Seams:
    def edit(call: Call, body: JsonObject) -> None:
        if creates(call, capability):
            body[name] = body.pop("task_id")

    return reshaped(honest, edit)


def _flipped(honest: Seams, state: TaskState, word: str) -> Seams:
    """Show another state than the final one, from the second look on."""

    def edit(call: Call, body: JsonObject) -> None:
        if task_of(call).final is state:
            body["status"] = word

    return seen_again(honest, edit)
