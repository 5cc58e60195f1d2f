"""The edits that deviations of asynchronous providers are made of: one thing about tasks changed, the rest honest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.tasks import TaskState

from ..seams import JsonObject, Seams
from ..steps.tasking import task_of

if TYPE_CHECKING:
    from pixelproof.tasks import Plan

    from ..call import Answer, Call
    from ..provider import Provider
    from ..state.accounts import Account
    from ..state.jobs import Job

#: Text-to-image and image-to-image, as the operations call them.
FROM_TEXT, FROM_IMAGES = "text_to_image", "image_to_image"
#: Longer than anybody waits, in seconds.
FOR_EVER_S = 1e12


def planned(honest: Seams, change: Callable[[Call, Plan], Plan]) -> Seams:
    """Change what will become of a new task."""
    return replace(honest, plan_task=lambda call: change(call, honest.plan_task(call)))


def reshaped(honest: Seams, change: Callable[[Call, JsonObject], None]) -> Seams:
    """Change the body of a task in place, wherever it is shown."""

    def shape(call: Call) -> JsonObject:
        body = honest.shape_task(call)
        change(call, body)
        return body

    return replace(honest, shape_task=shape)


def rebilled(honest: Seams, change: Callable[[Call, JsonObject], None]) -> Seams:
    """Change the billing of a task in place, wherever it is shown."""

    def edit(call: Call, body: JsonObject) -> None:
        billing = body["billing"]
        if isinstance(billing, dict):
            change(call, billing)

    return reshaped(honest, edit)


def relisted(honest: Seams, change: Callable[[Call, int, JsonObject], None]) -> Seams:
    """Change every delivered item in place, given its index."""

    def shape(call: Call, job: Job, index: int) -> JsonObject:
        item = honest.shape_result(call, job, index)
        change(call, index, item)
        return item

    return replace(honest, shape_result=shape)


def replied(honest: Seams, change: Callable[[Call, Answer], None]) -> Seams:
    """Change the answer that shows a task in place: status, headers, bytes."""

    def respond(call: Call) -> None:
        honest.respond_task(call)
        if call.answer is not None:
            change(call, call.answer)

    return replace(honest, respond_task=respond)


def owing(honest: Seams, amount: Callable[[Job], int]) -> Seams:
    """Pay back another amount, up to what the task was charged; what is shown follows the money."""
    return replace(honest, refund_amount=lambda job: min(amount(job), job.charged))


def finishing(honest: Seams, also: Callable[[Account, Job, float], None]) -> Seams:
    """Do something more when a task has ended, in the same lock, once."""

    def finish(provider: Provider, account: Account, job: Job, now: float) -> None:
        honest.finish_task(provider, account, job, now)
        also(account, job, now)

    return replace(honest, finish_task=finish)


def looking(honest: Seams, also: Callable[[Call, Job, int], None]) -> Seams:
    """Do something more when somebody looks at a final task, given the number of the look (from 1)."""
    looks: Counter[str] = Counter()

    def look(call: Call) -> None:
        honest.look_at_task(call)
        job = task_of(call)
        if job.final is not None:
            with call.account.lock:
                looks[job.id] += 1
                also(call, job, looks[job.id])

    return replace(honest, look_at_task=look)


def seen_again(honest: Seams, change: Callable[[Call, JsonObject], None]) -> Seams:
    """Change the body that a final task shows from the second look on."""
    again: set[str] = set()

    def note(_call: Call, job: Job, look: int) -> None:
        if look > 1:
            again.add(job.id)

    def edit(call: Call, body: JsonObject) -> None:
        if is_look(call) and task_of(call).id in again:
            change(call, body)

    return reshaped(looking(honest, note), edit)


def is_look(call: Call) -> bool:
    """Tell whether a request looks at a task, and neither creates nor cancels one."""
    return call.operation.name == "task"


def creates(call: Call, capability: str) -> bool:
    """Tell whether a request creates a task of a capability."""
    return call.operation.creates_task and call.operation.capability == capability


def missing(job: Job) -> int:
    """Return how many images a final task did not deliver."""
    return job.task.asked - job.delivered


def is_partial(job: Job) -> bool:
    """Tell whether a task has succeeded with fewer images than were asked for."""
    return job.final is TaskState.SUCCEEDED and missing(job) > 0


def has_failed(job: Job) -> bool:
    """Tell whether a task has ended in failure."""
    return job.final is TaskState.FAILED


def give(account: Account, amount: int, now: float) -> None:
    """Move the balance beside every charge and refund; a negative amount takes."""
    account.ledger.adjust(amount, now)
