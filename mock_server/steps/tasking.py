"""The steps of asynchronous requests: a task is planned, paid and filed, looked at, canceled, settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from pixelproof.tasks import Plan, Task, TaskIsFinal, TaskState, due_at, moved, polled

from ..call import Answer, Call, Refusal
from ..faults import IMAGE_VARIANTS, Effect
from ..state.artifacts import Origin, drawn
from ..state.jobs import Job
from .generation import delivered
from .naming import result_id, task_id

if TYPE_CHECKING:
    from ..provider import Provider
    from ..state.accounts import Account


def plan_task(call: Call) -> Plan:
    """Return what will become of a new task: the contract's durations, and what a fault makes of it.

    A latency makes the task run longer; the answer to its creation does not wait for it.
    """
    fails = call.fault is not None and call.fault.effect is Effect.TASK_FAILURE
    count = 0 if fails else delivered(call)
    durations = call.provider.contract.tasks
    return Plan(
        queued_s=durations.queued_s if durations is not None else 0,
        running_s=(durations.running_s if durations is not None else 0) + call.delay_s,
        outcome=TaskState.SUCCEEDED if count else TaskState.FAILED,
        delivered=count,
        polls=call.account.task_polls,
    )


def prepare_task(call: Call) -> None:
    """Write the task that this request would create; nobody else knows of it yet."""
    plan = call.seams.plan_task(call)
    call.delay_s = 0.0
    call.job = Job(
        id=task_id(call),
        task=Task(created_at=call.now, asked=call.n, plan=plan),
        capability=call.operation.capability or "",
        model=_served_by(call),
        key_id=call.key.id,
        unit_price=call.unit_price,
        references=tuple(reference.id for reference in call.references),
        failure=_failure(call),
    )
    if call.fault is not None and call.fault.effect is Effect.BAD_SUCCESS and call.fault.variant in IMAGE_VARIANTS:
        call.job.spoiling = call.fault


def create_task(call: Call) -> None:
    """Charge the whole price, file the task and keep its references: all of it, in one lock."""
    job = task_of(call)
    job.pictures = tuple(call.pictures)
    job.artifact_ids = tuple(result_id(call, index) for index in range(len(job.pictures)))
    account = call.account
    with account.lock:
        call.seams.charge(call)
        job.charged = call.unit_price * call.billable
        for reference in call.references:
            if account.artifacts.find(reference.id) is None:
                call.seams.store_artifact(call, reference)
        for gone in account.jobs.file(job):
            account.ledger.forget_task(gone.id)


def find_task(call: Call) -> None:
    """Find the task that the path names, in this account only."""
    with call.account.lock:
        call.job = call.account.jobs.find(call.place)
    if call.job is None:
        raise Refusal("not_found", "there is no such task")


def look_at_task(call: Call) -> None:
    """Count a look at the task, and settle what is due before anybody sees money."""
    job, account = task_of(call), call.account
    with account.lock:
        call.now = account.clock.now()
        if job.final is None:
            job.task = polled(job.task)
        conclude(call.provider, account, job, call.now)
        call.seams.settle(call.provider, account, call.now)
    if call.fault is None and job.final is not None:
        call.fault = job.spoiling


def cancel_task(call: Call) -> None:
    """Cancel the task and give back what it did not deliver; a final one is a conflict."""
    job, account = task_of(call), call.account
    with account.lock:
        call.now = account.clock.now()
        call.seams.settle(call.provider, account, call.now)
        try:
            job.task = moved(job.task, TaskState.CANCELED, call.now)
        except TaskIsFinal as state:
            raise Refusal("conflict", f"the task is {state} already") from None
        conclude(call.provider, account, job, call.now)


def respond_task(call: Call) -> None:
    """Write the answer with the task as it stands, at one instant."""
    with call.account.lock:
        body = call.seams.shape_task(call)
    call.answer = Answer(status=call.operation.success, body=orjson.dumps(body))


def settle(provider: Provider, account: Account, now: float) -> None:
    """Settle every task of an account that time has ended. Call under the account's lock."""
    for job in account.jobs.due(now):
        provider.seams.finish_task(provider, account, job, now)


def conclude(provider: Provider, account: Account, job: Job, now: float) -> None:
    """Settle one task at once when a hand or a look has ended it. Call under the account's lock."""
    by_hand = job.task.forced is not None or job.task.plan.polls is not None
    if job.final is None and by_hand and job.state(now).final:
        provider.seams.finish_task(provider, account, job, now)


def finish_task(provider: Provider, account: Account, job: Job, now: float) -> None:
    """End a task for ever: results into the store, missing images paid back. Runs once for each task."""
    job.delivered, job.final = job.images(now), job.state(now)
    job.ended_at = min(now, due_at(job.task) or now)
    for picture, artifact_id in zip(job.pictures[: job.delivered], job.artifact_ids, strict=False):
        account.artifacts.keep(drawn(artifact_id, Origin.RESULT, picture))
    amount = provider.seams.refund_amount(job)
    if amount:
        provider.seams.refund(account, job, amount, now)


def refund_amount(job: Job) -> int:
    """Return what a final task owes: its missing images times the price of one."""
    return job.unit_price * (job.task.asked - job.delivered)


def refund(account: Account, job: Job, amount: int, now: float) -> None:
    """Give money back once for a reason, to the wallet and to the spending limit of the key."""
    account.ledger.refund(job.id, str(job.final), amount, now)
    job.refunded += amount
    key = account.keys.get(job.key_id)
    if key is not None and key.budget is not None:
        key.spent -= amount


def task_of(call: Call) -> Job:
    """Return the task of a request whose earlier steps have found or made it."""
    if call.job is None:
        raise LookupError("no step has found or made a task yet")
    return call.job


def _served_by(call: Call) -> str:
    model = call.provider.contract.models.get(call.model or "")
    return (model.routes_to or model.id) if model is not None else str(call.model)


def _failure(call: Call) -> str | None:
    return call.fault.message if call.fault is not None else None
