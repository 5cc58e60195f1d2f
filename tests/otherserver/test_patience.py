"""How long the harness waits for tasks where no clock can be moved."""

from __future__ import annotations

from pathlib import Path

import pytest

from pixelproof.problems import BadDocument
from pixelproof.targets.file import load_target
from pixelproof.traffic.patience import MAX_UNSEEN_S, Patience, patience_of


def test_forty_looks_take_about_five_minutes() -> None:
    assert 240 < sum(Patience().before_look_s(attempt) for attempt in range(40)) < 360


def test_the_first_look_at_an_unknown_target_is_at_once() -> None:
    assert Patience().before_look_s(0) == 0


def test_a_slow_target_is_not_asked_in_vain() -> None:
    patience = Patience()
    patience.learn(8.0)
    patience.learn(12.0)
    assert patience.before_look_s(0) == pytest.approx(8.8)
    assert patience.before_look_s(1) == pytest.approx(2.0)


def test_one_look_is_enough_for_a_task_that_takes_as_long_as_the_others() -> None:
    patience = Patience()
    patience.learn(30.0)
    assert 30.0 < patience.before_look_s(0) < 36.0


def test_the_first_wait_is_a_minute_at_most_and_every_other_ten_seconds() -> None:
    patience = Patience()
    patience.learn(100.0)
    assert patience.before_look_s(0) == 60.0
    assert max(patience.before_look_s(attempt) for attempt in range(1, 40)) == 10.0


@pytest.mark.parametrize(("seen", "wait"), [((), MAX_UNSEEN_S), ((3.0, 0.5), 7.0)])
def test_an_unseen_task_gets_twice_what_the_longest_took(seen: tuple[float, ...], wait: float) -> None:
    patience = Patience()
    for seconds in seen:
        patience.learn(seconds)
    assert patience.unseen_s() == wait


def test_what_the_target_file_says_counts_more_than_what_was_seen() -> None:
    patience = patience_of({"task": {"longest_s": 4}})
    patience.learn(9.0)
    assert patience.unseen_s() == 4.0
    assert not patience.overdue(8.0)
    assert patience.overdue(8.1)


def test_without_a_word_about_it_no_task_is_overdue() -> None:
    assert not patience_of({}).overdue(1000.0)


@pytest.mark.parametrize(
    ("mapped", "says"),
    [
        ("task: {stauts: /state}", "'stauts' is unknown here"),
        ("task: {states: {done: ok}}", "'done' is unknown here"),
        ("task: {longest_s: soon}", "must be seconds"),
        ("task: {longest_s: 0}", "must be seconds"),
        ("cancel: DELETE /tasks", "must read 'METHOD /path' with {task_id} in it"),
        ("cancel: /tasks/{task_id}", "must read 'METHOD /path' with {task_id} in it"),
        ("media: {file: {}}", "'file' is unknown here"),
        ("upload: {part: picture}", "'part' is unknown here"),
    ],
)
def test_a_slip_in_the_map_is_no_fault_of_the_target(mapped: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "target.yaml"
    path.write_text(f"base_url: http://127.0.0.1:9/v1\nmap:\n  {mapped}\n", "utf-8")
    with pytest.raises(BadDocument, match="map") as caught:
        load_target(path, {})
    assert says in str(caught.value)
