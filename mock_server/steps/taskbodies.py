"""The body of a task: what it cost, what went in, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pixelproof.contract import About
from pixelproof.contract.media import write_reference
from pixelproof.tasks import TaskState

from .tasking import task_of

if TYPE_CHECKING:
    from pixelproof.contract import Contract, Json

    from ..call import Call
    from ..state.jobs import Job

Source = Callable[["Call"], "Json"]

#: The reading under which what was charged falls with a refund.
_NET = "net"


def shape_task(call: Call) -> dict[str, Json]:
    """Return the body of a task as the contract documents it."""
    return call.provider.build_success(call)


def shape_result(call: Call, job: Job, index: int) -> dict[str, Json]:
    """Return one delivered image: a URL that lives from now on, and its artifact."""
    return {
        "url": call.seams.sign_url(call, job.pictures[index]),
        "artifact_id": job.artifact_ids[index],
    }


def show_charged(call: Call) -> int:
    """Return what the task says it was charged: all that was taken, or what is left of it."""
    job = task_of(call)
    return job.charged - job.refunded if call.provider.shows_net else job.charged


def show_refunded(call: Call) -> int:
    """Return what the task says it was given back."""
    return task_of(call).refunded


def shows_net(contract: Contract) -> bool:
    """Tell whether the contract lets the mock show charges that fall with a refund."""
    return any(point.about is About.CHARGED and point.mock == _NET for point in contract.ambiguities)


def images(call: Call) -> list[Json]:
    """Return the delivered images: none before the task has succeeded."""
    job = task_of(call)
    return [call.seams.shape_result(call, job, index) for index in range(job.images(call.now))]


def _status(call: Call) -> Json:
    state = task_of(call).state(call.now)
    tasks = call.provider.contract.tasks
    return tasks.states[state.value][0] if tasks is not None else state.value


def _references(call: Call) -> Json:
    media = call.provider.contract.media
    template = (media.kinds.get("artifact") if media is not None else None) or {"artifact_id": "{artifact_id}"}
    return [write_reference(template, "artifact", name) for name in task_of(call).references]


def _error(call: Call) -> Json:
    job = task_of(call)
    if job.state(call.now) is not TaskState.FAILED:
        return None
    return {"code": "generation_failed", "message": job.failure or "the images could not be generated"}


def _amount(show: Callable[[Call], int]) -> Source:
    return lambda call: call.provider.contract.billing.currency.format(show(call))


#: What the contract calls a field of a task → how it is made.
TASK_SOURCES: Mapping[str, Source] = {
    "task_id": lambda call: task_of(call).id,
    "task_status": _status,
    "capability": lambda call: task_of(call).capability,
    "currency": lambda call: call.provider.contract.billing.currency.code,
    "charged": _amount(lambda call: call.seams.show_charged(call)),
    "refunded": _amount(lambda call: call.seams.show_refunded(call)),
    "references": _references,
    "task_error": _error,
}
