"""What windows admit, and whether one of them explains what was seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelproof.loadtest.window import ByTheClock, Readings, Rolling, Window

BURSTS = st.lists(st.tuples(st.sampled_from([1.0, 7.0, 29.0, 59.0, 60.0, 61.0]), st.integers(0, 8)), max_size=40)


@pytest.mark.parametrize(
    "kept",
    [
        Rolling(limit=6, length_s=60.0),
        Rolling(limit=6, length_s=60.0, counts_refused=True),
        ByTheClock(limit=6, length_s=60.0, phase_s=17.5),
    ],
    ids=["rolling", "counts what it refuses", "by the clock"],
)
@given(bursts=BURSTS)
def test_a_server_that_keeps_one_honest_reading_is_left_alone(kept: Window, bursts: list[tuple[float, int]]) -> None:
    window = type(kept)(**{name: getattr(kept, name) for name in kept.__slots__ if not name.startswith("_")})
    readings, at_s = Readings(6, 60.0, is_rolling=False), 0.0
    for seconds, sent in bursts:
        at_s += seconds
        assert readings.saw(at_s, sent, window.admits(at_s, sent)) == ()


def test_one_request_too_many_is_seen_at_once() -> None:
    readings = Readings(6, 60.0, is_rolling=False)
    assert readings.saw(0.0, 8, 7) == (6,)


def test_one_request_too_few_is_seen_at_once() -> None:
    assert Readings(6, 60.0, is_rolling=False).saw(0.0, 8, 5) == (6,)


def test_a_minute_of_the_clock_is_no_rolling_minute() -> None:
    seen = [(0.0, 8, 6), (30.0, 8, 6)]
    by_either, rolling = (Readings(6, 60.0, is_rolling=is_rolling) for is_rolling in (False, True))
    assert [by_either.saw(*burst) for burst in seen] == [(), ()]
    assert [rolling.saw(*burst) for burst in seen] == [(), (0,)]


def test_a_rolling_window_is_free_again_after_its_length_and_not_a_moment_before() -> None:
    window = Rolling(limit=2, length_s=60.0)
    assert [window.admits(at_s, 2) for at_s in (0.0, 59.9, 60.0)] == [2, 0, 2]
