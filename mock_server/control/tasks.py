"""Tasks moved by hand: put into a state, held, released."""

from __future__ import annotations

from enum import StrEnum
from heapq import nlargest
from typing import TYPE_CHECKING

from pixelproof.tasks import TaskIsFinal, TaskState, due_at, held, moved, released

from ..state.clock import iso
from ..steps.tasking import conclude
from .forms import Form, Wrong, body, number, query, reply
from .people import account_of

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from pixelproof.contract import Json
    from pixelproof.tasks import Task

    from ..state.accounts import Account
    from ..state.jobs import Job
    from ..state.world import World


#: Tasks of one page.
_PAGE, _LARGEST_PAGE = 50, 1_000


class _Target(StrEnum):
    """Where a hand can put a task."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


def add_routes(routes: Blueprint, world: World) -> None:
    """Add the routes about tasks."""

    @routes.get("/tasks")
    def list_tasks() -> Response:
        values = query(("account", "status", "limit"))
        limit = number(values, "limit", _PAGE, most=_LARGEST_PAGE)
        name = values.get("account")
        accounts = world.book.accounts() if name is None else (account_of(world, name),)
        for account in accounts:
            world.settle(account)
        found = [pair for account in accounts for pair in _in(account, values.get("status"))]
        newest = nlargest(limit, found, key=lambda pair: pair[1].task.created_at)
        return reply({"tasks": [_shown(account, job) for account, job in newest], "total": len(found)})

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


def _in(account: Account, status: str | None) -> list[tuple[Account, Job]]:
    with account.lock:
        now = account.clock.now()
        # newest first, so that of several made in one instant the last stays in front
        jobs = [job for job in account.jobs if status is None or job.state(now) == status]
    return [(account, job) for job in reversed(jobs)]


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
        "profile": account.contract.profile,
        "currency": currency.code,
        "capability": job.capability,
        "model": job.model,
        "looks_needed": job.task.plan.polls,
        "artifacts": [*job.artifact_ids[: job.images(now)]],
        "failure": job.failure,
        **_timeline(job, now),
    }


def _timeline(job: Job, now: float) -> dict[str, Json]:
    """Return when the task began to run and when it ends or ended; None where only looks or hands decide."""
    task = job.task
    by_time = task.plan.polls is None and task.held_in is not TaskState.QUEUED
    begins = task.created_at + task.paused_s + task.plan.queued_s if by_time else None
    if begins is not None and job.ended_at is not None and begins > job.ended_at:
        begins = None
    ends = job.ended_at if job.final is not None else due_at(task)
    return {"now": iso(now), "running_at": _instant(begins), "ends_at": _instant(ends)}


def _instant(at: float | None) -> str | None:
    return None if at is None else iso(at)
