"""Tasks moved by hand: put into a state, held, released."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pixelproof.tasks import TaskIsFinal, TaskState, held, moved, released

from ..clock import iso
from ..tasking import conclude
from .forms import Form, Wrong, body, query, reply

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from pixelproof.contract import Json
    from pixelproof.tasks import Task

    from ..accounts import Account
    from ..jobs import Job
    from ..world import World


class _Target(StrEnum):
    """Where a hand can put a task."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


def add_routes(routes: Blueprint, world: World) -> None:
    """Add the routes about tasks."""

    @routes.get("/tasks/<task_id>")
    def show_task(task_id: str) -> Response:
        query(())
        account, job = _find(world, task_id)
        with account.lock:
            world.settle(account)
            return reply(_shown(account, job))

    @routes.post("/tasks/<task_id>")
    def move_task(task_id: str) -> Response:
        account, job = _find(world, task_id)
        form = body(("status", "images", "hold"))
        with account.lock:
            world.settle(account)
            now = account.clock.now()
            if job.final is not None:
                raise Wrong(409, f"the task is {job.final} already")
            job.task = _changed(form, job, now)
            account.jobs.schedule(job)
            conclude(world.provider_of(account), account, job, now)
            return reply(_shown(account, job))


def _find(world: World, task_id: str) -> tuple[Account, Job]:
    for account in world.book.accounts():
        job = account.jobs.find(task_id)
        if job is not None:
            return account, job
    raise Wrong(404, "there is no such task")


def _changed(form: Form, job: Job, now: float) -> Task:
    status, images, hold = form.choice("status", _Target), form.whole("images"), form.flag("hold")
    if (status is None) == (hold is None):
        raise form.wrong("status", "send either 'status' or 'hold'", 'for example {"status": "succeeded"}')
    if images is not None and status is not _Target.SUCCEEDED:
        raise form.wrong("images", "only a task that succeeds has images", "leave it out")
    try:
        if status is None:
            return held(job.task, now) if hold else released(job.task, now)
        return moved(job.task, TaskState(status.value), now, images)
    except TaskIsFinal as state:
        raise Wrong(409, f"the task is {state} already") from None
    except ValueError:
        raise form.wrong("images", f"the task asked for {job.task.asked} images", "ask for no more") from None


def _shown(account: Account, job: Job) -> dict[str, Json]:
    now, currency = account.clock.now(), account.contract.billing.currency
    return {
        "id": job.id,
        "account": account.id,
        "status": job.state(now).value,
        "held": job.task.held_in is not None,
        "asked": job.task.asked,
        "images": job.images(now),
        "looks": job.task.polled,
        "charged": currency.format(job.charged),
        "refunded": currency.format(job.refunded),
        "created_at": iso(job.task.created_at),
    }
