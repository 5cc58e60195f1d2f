"""The life of an asynchronous task as a pure function: no threads, no sleeping, no clock of its own.

A task's state follows from when it was created, its plan, how often it was polled,
whether somebody holds or forces it, and what time it is. Terminal states never change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class TaskState(StrEnum):
    """Where a task stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def final(self) -> bool:
        """Tell whether a task stays here for ever."""
        return self in {TaskState.SUCCEEDED, TaskState.FAILED, TaskState.CANCELED}


class TaskIsFinal(Exception):
    """A task in a terminal state cannot be moved any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will become of a task: how long it waits and runs, how it ends, how much it delivers.

    With ``polls`` set, it advances by being looked at instead of by time: running at the
    first poll, final after that many.
    """

    queued_s: float
    running_s: float
    outcome: TaskState
    delivered: int
    polls: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is known of one task; a change is a new value."""

    created_at: float
    asked: int
    plan: Plan
    polled: int = 0
    #: Held by hand: it stays where it is until released, and since when.
    held_in: TaskState | None = None
    held_at: float = 0.0
    #: Seconds that do not count: it was held meanwhile. Negative after a push forward.
    paused_s: float = 0.0
    #: Forced by hand or canceled: the state, and how many images it delivers.
    forced: TaskState | None = None
    forced_images: int = 0


def state_at(task: Task, now: float) -> TaskState:
    """Return where a task stands at ``now`` (seconds of its account's clock)."""
    if task.forced is not None:
        return task.forced
    if task.held_in is not None:
        return task.held_in
    if task.plan.polls is not None:
        return _by_polls(task)
    # the same sums as in due_at, so that a task is final at exactly the instant it is due
    begins = task.created_at + task.paused_s + task.plan.queued_s
    if now < begins:
        return TaskState.QUEUED
    return TaskState.RUNNING if now < begins + task.plan.running_s else task.plan.outcome


def delivered_at(task: Task, now: float) -> int:
    """Return how many images a task has delivered at ``now``: none before it succeeds."""
    if state_at(task, now) is not TaskState.SUCCEEDED:
        return 0
    return task.forced_images if task.forced is TaskState.SUCCEEDED else min(task.plan.delivered, task.asked)


def missing_at(task: Task, now: float) -> int:
    """Return how many images of a final task must be paid back; 0 while it runs."""
    return task.asked - delivered_at(task, now) if state_at(task, now).final else 0


def polled(task: Task) -> Task:
    """Return a task that was looked at once more; while it is held, looks do not count."""
    return replace(task, polled=task.polled + 1) if task.held_in is None else task


def held(task: Task, now: float) -> Task:
    """Return a task that stays where it is. Raises TaskIsFinal."""
    state = state_at(task, now)
    if state.final:
        raise TaskIsFinal(state.value)
    return replace(task, held_in=state, held_at=now) if task.held_in is None else task


def released(task: Task, now: float) -> Task:
    """Return a held task that goes on from where it stood: the time it was held does not count."""
    if task.held_in is None:
        return task
    return replace(task, held_in=None, paused_s=task.paused_s + now - task.held_at)


def moved(task: Task, state: TaskState, now: float, images: int | None = None) -> Task:
    """Return a task put into a state by hand or canceled. Raises TaskIsFinal, ValueError for too many images."""
    if state_at(task, now).final:
        raise TaskIsFinal(state_at(task, now).value)
    count = task.asked if images is None else images
    if not 0 <= count <= task.asked:
        raise ValueError(f"{count} images of a task that asked for {task.asked}")
    if state is TaskState.QUEUED:
        raise ValueError("a task is not put back into the queue")
    if state is TaskState.RUNNING:
        return _running(released(task, now), now)
    return replace(task, forced=state, held_in=None, forced_images=count if state is TaskState.SUCCEEDED else 0)


def due_at(task: Task) -> float | None:
    """Return when a task becomes final by time alone, None when only polls or hands move it."""
    if task.forced is not None or task.held_in is not None or task.plan.polls is not None:
        return None
    return task.created_at + task.paused_s + task.plan.queued_s + task.plan.running_s


def _running(task: Task, now: float) -> Task:
    # it stays there until released, and then has all of its running before it, unless it has begun already
    begun = now - task.created_at - task.plan.queued_s
    polls = task.polled if task.plan.polls is None else max(1, task.polled)
    paused_s = min(task.paused_s, begun)
    return replace(task, held_in=TaskState.RUNNING, held_at=now, paused_s=paused_s, polled=polls)


def _by_polls(task: Task) -> TaskState:
    polls = task.plan.polls or 0
    if task.polled >= polls:
        return task.plan.outcome
    return TaskState.QUEUED if task.polled == 0 else TaskState.RUNNING
