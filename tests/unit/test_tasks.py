"""The life of a task: forward only, final for ever, and never more delivered than asked for."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelproof import tasks
from pixelproof.tasks import Plan, Task, TaskIsFinal, TaskState

QUEUED, RUNNING = TaskState.QUEUED, TaskState.RUNNING
SUCCEEDED, FAILED, CANCELED = TaskState.SUCCEEDED, TaskState.FAILED, TaskState.CANCELED
FINAL = (SUCCEEDED, FAILED, CANCELED)
#: How far along a task is: no step of its life ever goes back.
RANK = {QUEUED: 0, RUNNING: 1, SUCCEEDED: 2, FAILED: 2, CANCELED: 2}


def task(*, asked: int = 4, delivered: int = 4, outcome: TaskState = SUCCEEDED, polls: int | None = None) -> Task:
    """Build a task created at 100 that waits one second and runs two."""
    plan = Plan(queued_s=1, running_s=2, outcome=outcome, delivered=delivered, polls=polls)
    return Task(created_at=100, asked=asked, plan=plan)


@pytest.mark.parametrize(
    ("now", "state"), [(100, QUEUED), (100.9, QUEUED), (101, RUNNING), (102.9, RUNNING), (103, SUCCEEDED)]
)
def test_a_task_waits_runs_and_ends_with_time(now: float, state: TaskState) -> None:
    assert tasks.state_at(task(), now) is state


def test_a_task_delivers_when_it_succeeds_and_not_before() -> None:
    assert [tasks.delivered_at(task(), now) for now in (100, 102, 103)] == [0, 0, 4]


@pytest.mark.parametrize(
    ("planned", "delivered", "missing"),
    [
        (task(), 4, 0),
        (task(delivered=1), 1, 3),
        (task(delivered=9), 4, 0),
        (task(outcome=FAILED), 0, 4),
        (task(outcome=CANCELED), 0, 4),
    ],
    ids=["whole", "partly", "more than asked", "failed", "canceled"],
)
def test_what_a_final_task_did_not_deliver_is_missing(planned: Task, delivered: int, missing: int) -> None:
    assert (tasks.delivered_at(planned, 103), tasks.missing_at(planned, 103)) == (delivered, missing)


def test_nothing_is_missing_while_a_task_runs() -> None:
    assert tasks.missing_at(task(outcome=FAILED), 102.9) == 0


def test_a_task_that_advances_by_polls_takes_no_notice_of_time() -> None:
    seen, states = task(polls=2), []
    for _ in range(4):
        states.append(tasks.state_at(seen, 1_000_000))
        seen = tasks.polled(seen)
    assert states == [QUEUED, RUNNING, SUCCEEDED, SUCCEEDED]


def test_a_held_task_stays_until_it_is_released() -> None:
    held = tasks.held(task(), 100.5)
    assert tasks.state_at(held, 5_000) is QUEUED
    released = tasks.released(held, 5_000)
    assert [tasks.state_at(released, now) for now in (5_000, 5_001, 5_003)] == [QUEUED, RUNNING, SUCCEEDED]


def test_releasing_what_is_not_held_changes_nothing() -> None:
    assert tasks.released(task(), 102) == task()


def test_a_canceled_task_delivers_nothing_and_is_missing_everything() -> None:
    canceled = tasks.moved(task(), CANCELED, 101)
    assert (tasks.state_at(canceled, 101), tasks.missing_at(canceled, 101)) == (CANCELED, 4)


def test_a_task_can_be_ended_by_hand_with_fewer_images() -> None:
    ended = tasks.moved(task(), SUCCEEDED, 101, images=1)
    assert (tasks.delivered_at(ended, 101), tasks.missing_at(ended, 101)) == (1, 3)
    assert tasks.delivered_at(tasks.moved(task(), FAILED, 101, images=3), 101) == 0


def test_a_queued_task_can_be_pushed_forward_but_not_back() -> None:
    assert tasks.state_at(tasks.moved(task(), RUNNING, 100), 100) is RUNNING
    with pytest.raises(ValueError, match="not put back into the queue"):
        tasks.moved(task(), QUEUED, 102)


@pytest.mark.parametrize("images", [-1, 5])
def test_more_images_than_asked_for_cannot_be_ordered(images: int) -> None:
    with pytest.raises(ValueError, match="of a task that asked for 4"):
        tasks.moved(task(), SUCCEEDED, 101, images=images)


@pytest.mark.parametrize("outcome", FINAL)
def test_a_final_task_cannot_be_held_or_moved(outcome: TaskState) -> None:
    with pytest.raises(TaskIsFinal, match=outcome.value):
        tasks.held(task(outcome=outcome), 103)
    with pytest.raises(TaskIsFinal, match=outcome.value):
        tasks.moved(task(outcome=outcome), CANCELED, 103)


def test_a_task_says_when_it_is_due() -> None:
    assert tasks.due_at(task()) == 103
    assert tasks.due_at(task(polls=3)) is None
    assert tasks.due_at(tasks.held(task(), 100)) is None
    assert tasks.due_at(tasks.moved(task(), CANCELED, 100)) is None


@st.composite
def planned(draw: st.DrawFn) -> Task:
    """Draw a task that has just been created, with any plan."""
    seconds = st.integers(min_value=0, max_value=20)
    plan = Plan(
        queued_s=draw(seconds),
        running_s=draw(seconds),
        outcome=draw(st.sampled_from(FINAL)),
        delivered=draw(st.integers(min_value=0, max_value=12)),
        polls=draw(st.none() | st.integers(min_value=1, max_value=4)),
    )
    return Task(created_at=100, asked=draw(st.integers(min_value=1, max_value=10)), plan=plan)


#: What may happen to a task: time goes by, somebody looks, somebody meddles.
happenings = st.lists(
    st.tuples(st.just("wait"), st.integers(min_value=0, max_value=10))
    | st.tuples(st.sampled_from(["poll", "hold", "release"]), st.just(0))
    | st.tuples(st.sampled_from([RUNNING, *FINAL]), st.integers(min_value=0, max_value=10)),
    max_size=12,
)


def after(current: Task, now: float, what: str, number: int) -> Task:
    """Return a task to which one thing happened; a final one refuses to be meddled with."""
    if what == "poll":
        return tasks.polled(current)
    if what == "release":
        return tasks.released(current, now)
    try:
        if what == "hold":
            return tasks.held(current, now)
        return tasks.moved(current, TaskState(what), now, min(number, current.asked))
    except TaskIsFinal:
        assert tasks.state_at(current, now).final
        return current


def lives(current: Task, events: list[tuple[str, int]]) -> list[tuple[TaskState, int, int]]:
    """Return state, delivered and missing images after each event, the start first."""
    now, seen = 100.0, [(tasks.state_at(current, 100.0), tasks.delivered_at(current, 100.0), 0)]
    for what, number in events:
        now += number if what == "wait" else 0
        current = current if what == "wait" else after(current, now, what, number)
        state, delivered = tasks.state_at(current, now), tasks.delivered_at(current, now)
        seen.append((state, delivered, tasks.missing_at(current, now)))
    return seen


@given(planned(), happenings)
def test_a_life_only_goes_forward(start: Task, events: list[tuple[str, int]]) -> None:
    ranks = [RANK[state] for state, _, _ in lives(start, events)]
    assert ranks == sorted(ranks)


@given(planned(), happenings)
def test_what_is_final_stays_as_it_is_for_ever(start: Task, events: list[tuple[str, int]]) -> None:
    ends = [(state, delivered) for state, delivered, _ in lives(start, events) if state.final]
    assert len(set(ends)) <= 1


@given(planned(), happenings)
def test_delivered_and_missing_make_up_what_was_asked_for(start: Task, events: list[tuple[str, int]]) -> None:
    for state, delivered, missing in lives(start, events)[1:]:
        assert 0 <= delivered <= start.asked
        assert delivered == 0 or state is SUCCEEDED
        assert missing == (start.asked - delivered if state.final else 0)


@given(planned(), st.integers(min_value=0, max_value=50), happenings)
def test_a_held_task_does_not_move_whatever_time_and_looking_do(
    start: Task, at: int, events: list[tuple[str, int]]
) -> None:
    now = 100.0 + at
    if tasks.state_at(start, now).final:
        return
    kept = tasks.held(start, now)
    for what, number in events:
        now += number if what == "wait" else 0
        kept = tasks.polled(kept) if what == "poll" else kept
        assert tasks.state_at(kept, now) is kept.held_in
        assert tasks.due_at(kept) is None


@given(planned(), st.integers(min_value=0, max_value=50), st.integers(min_value=0, max_value=1000))
def test_the_time_that_a_task_is_held_does_not_count(start: Task, at: int, wait: int) -> None:
    timed = replace(start, plan=replace(start.plan, polls=None))
    now = 100.0 + at
    due = tasks.due_at(timed)
    if due is None or tasks.state_at(timed, now).final:
        return
    assert tasks.due_at(tasks.released(tasks.held(timed, now), now + wait)) == due + wait


@given(planned())
def test_a_task_becomes_final_exactly_when_it_is_due(start: Task) -> None:
    due = tasks.due_at(start)
    if due is None:
        return
    assert tasks.state_at(start, due) is start.plan.outcome
    if start.plan.queued_s + start.plan.running_s > 0:
        assert not tasks.state_at(start, due - 0.5).final


@given(st.floats(0, 4e9), st.floats(0, 60), st.floats(0, 60))
def test_not_even_rounding_parts_the_end_of_a_task_from_its_due_time(at: float, wait_s: float, run_s: float) -> None:
    plan = Plan(queued_s=wait_s, running_s=run_s, outcome=SUCCEEDED, delivered=1)
    one = Task(created_at=at, asked=1, plan=plan)
    due = tasks.due_at(one)
    assert due is not None
    assert tasks.state_at(one, due) is SUCCEEDED
    assert not tasks.state_at(one, math.nextafter(due, -math.inf)).final


def test_a_task_put_into_running_stays_there_and_then_runs_its_whole_time() -> None:
    running = tasks.moved(task(), RUNNING, 100.5)
    assert tasks.state_at(running, 10**6) is RUNNING
    free = tasks.released(running, 200)
    assert [tasks.state_at(free, now) for now in (200, 201.9, 202)] == [RUNNING, RUNNING, SUCCEEDED]


@given(planned(), st.integers(min_value=1, max_value=4))
def test_a_poll_driven_task_ends_at_the_planned_look(start: Task, polls: int) -> None:
    seen = replace(start, plan=replace(start.plan, polls=polls))
    for look in range(polls + 2):
        state = tasks.state_at(seen, 100)
        assert state is (start.plan.outcome if look >= polls else RUNNING if look else QUEUED)
        seen = tasks.polled(seen)
