"""How long a task is waited for: as the user says, else as the target file does."""

from __future__ import annotations

import pytest

from pixelproof.traffic.patience import MOST_LOOKS, patience_of


@pytest.mark.parametrize(("watched_s", "overdue"), [(89, False), (91, True)])
def test_a_task_is_given_up_when_the_user_says(watched_s: float, *, overdue: bool) -> None:
    assert patience_of({}, 90).overdue(watched_s) is overdue


def test_the_user_goes_before_the_target_file() -> None:
    stated = {"task": {"longest_s": 5}}
    assert patience_of(stated).overdue(60)
    assert not patience_of(stated, 90).overdue(60)


def test_a_long_timeout_is_looked_at_to_its_end() -> None:
    """Forty looks with growing waits are about five minutes; an hour takes more of them."""
    patience = patience_of({}, 3600)
    waited = 0.0
    for attempt in range(patience.most_looks):
        waited += patience.before_look_s(attempt)
        if patience.overdue(waited):
            break
    assert patience.overdue(waited)


def test_without_a_word_of_the_user_looks_are_bounded() -> None:
    assert patience_of({}).most_looks == MOST_LOOKS
