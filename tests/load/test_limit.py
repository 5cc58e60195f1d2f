"""The search for the limit: against servers that are a number, and against one that is throttled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelproof import edges
from pixelproof.loadtest.limit import NARROW, Search, Step, unanswered
from pixelproof.loadtest.result import LoadResult

from .builders import loaded_here

#: Requests a second of the throttled server: a busy machine should not stand in the way, and may, a few times.
RATE, TRIES = 60.0, 3


def step(rate: float, *missed: str, **given: Any) -> Step:
    known: dict[str, Any] = {"answered": rate, "p50_ms": 5.0, "p95_ms": 9.0, "p99_ms": 9.0, "error_share": 0.0}
    return Step(rate=rate, missed=missed, **{**known, "taken_ms": 5.0, **given})


def climbed(limit: float, first: float, **given: Any) -> Search:
    """Search a server that keeps every rate up to ``limit``, and return where the search ended."""
    search = Search(rate=first)
    while search.rate is not None:
        is_kept = search.rate <= limit
        search = search.after(step(search.rate) if is_kept else step(search.rate, "too slow", **given))
    return search


@given(st.floats(1, 20_000), st.floats(1, 2_000))
def test_the_limit_is_found_from_any_first_rate(limit: float, first: float) -> None:
    search = climbed(limit, first)
    assert search.kept is not None
    assert search.kept <= limit <= search.kept * NARROW
    assert len(search.steps) < 60


def test_a_limit_of_300_is_found_within_five_percent() -> None:
    found = climbed(300.0, 10.0).figures()
    assert (found["rate"], found["because"], found["generator_bound"]) == (
        pytest.approx(300, rel=0.05),
        "too slow",
        False,
    )


def test_a_rate_that_breaks_once_is_tried_again() -> None:
    search = Search(rate=10.0).after(step(10.0, "a hiccup"))
    assert (search.rate, search.broken) == (10.0, None)
    assert search.after(step(10.0)).rate == 20.0


def test_a_server_that_keeps_no_rate_has_no_limit() -> None:
    found = climbed(0.0, 10.0).figures()
    assert (found["rate"], found["generator_bound"]) == (None, False)


@pytest.mark.parametrize(("given", "word"), [({"busy": 0.95}, "processor"), ({"free": 0.1}, "--users")])
def test_a_generator_that_is_the_limit_says_so_and_gives_no_knee(given: dict[str, float], word: str) -> None:
    found = climbed(300.0, 10.0, **given).figures()
    assert (found["rate"], found["generator_bound"]) == (None, True)
    assert word in str(found["because"])


def test_users_that_wait_for_slower_answers_are_no_limit_of_the_generator() -> None:
    assert climbed(300.0, 10.0, free=0.1, taken_ms=50.0).figures()["generator_bound"] is False


def test_what_is_in_flight_at_the_end_of_a_step_is_not_missing() -> None:
    assert unanswered(100.0, 2.0, 190, taken_ms=100.0) == ""
    assert "75.0 of 100.0" in unanswered(100.0, 2.0, 150, taken_ms=100.0)


class Throttled:
    """Serves so many requests a second, one after the other."""

    def __init__(self, app: edges.WsgiApp, rate: float) -> None:
        self._app, self._every_s = app, 1 / rate
        self._lock, self._free = threading.Lock(), 0.0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and "/images/" in environ["PATH_INFO"]:
            with self._lock:
                at = max(time.perf_counter(), self._free)
                self._free = at + self._every_s
            time.sleep(max(0.0, at - time.perf_counter()))
        return self._app(environ, start_response)


def test_the_limit_of_a_throttled_server_is_found_and_its_money_is_exact(tmp_path: Path) -> None:
    rates = []
    for number in range(TRIES):
        result = _limited(tmp_path / str(number))
        assert result.limit is not None
        assert result.reconciliation.exact is True
        rates.append(result.limit["rate"] or 0.0)  # None where a busy machine makes the generator the limit
        assert rates[-1] <= RATE * 1.1
        if rates[-1] >= RATE * 0.9:
            assert result.exit_code == 0
            return
    pytest.fail(f"none of {rates} is {RATE} a second")


def _limited(folder: Path) -> LoadResult:
    return loaded_here(
        folder,
        "openai",
        wrap=lambda app: Throttled(app, RATE),
        shape="find-limit",
        rate=22.0,
        step_s=1.5,
        users=40,
        requests=None,
    )
