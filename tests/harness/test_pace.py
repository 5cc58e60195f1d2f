"""Requests follow each other no faster than the user and the document allow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelproof.traffic.pace import Pace, seconds_for


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def sent_at(count: int, images: int = 1, keys: tuple[str | None, ...] = ("one",), **limits: float) -> list[float]:
    clock = Clock()
    pace = Pace(now=lambda: clock.now, sleep=clock.sleep, **limits)  # type: ignore[arg-type]  # by name
    found = []
    for index in range(count):
        pace.take(keys[index % len(keys)], images)
        found.append(clock.now)
    return found


def test_without_limits_nobody_waits() -> None:
    assert sent_at(100) == [0.0] * 100


def test_a_rate_spaces_requests_evenly() -> None:
    assert sent_at(4, rate=2) == [0.0, 0.5, 1.0, 1.5]


def test_a_rate_holds_for_all_keys_together() -> None:
    assert sent_at(4, keys=("one", "two"), rate=2) == [0.0, 0.5, 1.0, 1.5]


def test_a_window_is_each_keys_own() -> None:
    assert sent_at(4, keys=("one", "two"), requests_a_minute=2) == [0.0] * 4


def test_a_full_minute_is_waited_for() -> None:
    first, second, third = sent_at(3, requests_a_minute=2)
    assert (first, second) == (0, 0)
    assert 60 < third < 62


def test_images_count_as_images() -> None:
    assert sent_at(3, images=2, images_a_minute=4)[2] > 60
    assert sent_at(2, images=2, images_a_minute=4)[1] == 0


def test_nobody_waits_longer_than_until_the_first_image_leaves_the_minute() -> None:
    *_, fourth, fifth = sent_at(5, rate=0.1, images_a_minute=4)
    assert (fourth, 60 < fifth < 61) == (30, True)


def test_more_images_than_a_minute_has_are_sent_alone() -> None:
    assert sent_at(1, images=9, images_a_minute=4) == [0.0]


def test_a_case_about_limits_is_not_paced() -> None:
    assert sent_at(9, keys=(None,), requests_a_minute=2) == [0.0] * 9


@given(st.integers(1, 8), st.integers(1, 40))
def test_no_minute_ever_holds_more_than_the_limit(limit: int, count: int) -> None:
    times = sent_at(count, requests_a_minute=limit)
    assert all(later - earlier > 60 for earlier, later in zip(times, times[limit:], strict=False))


@pytest.mark.parametrize(
    ("requests", "images", "rate", "seconds"),
    [(60, 0, None, 0), (61, 0, None, 60), (150, 0, None, 120), (10, 31, None, 60), (11, 0, 0.5, 20), (0, 0, 1, 0)],
)
def test_a_plan_lasts_as_long_as_its_limits_make_it(
    requests: int, images: int, rate: float | None, seconds: float
) -> None:
    limits = {"requests_per_minute": 60, "images_per_minute": 30, "in_flight": 5}
    assert seconds_for(requests, images, limits, rate) == seconds
