"""Honest servers are exact under load; a server that errs once among hundreds of requests is found."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import count
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest
from pixelproof.mock_server.call import Call
from pixelproof.mock_server.seams import Seams

from pixelproof import edges
from pixelproof.loadresult import Thresholds

from .builders import found, loaded, loaded_here, planted


@pytest.mark.parametrize("profile", ["openai", "aivene", "aicredits", "fineapi", "perf", "stratizon"])
def test_an_honest_server_is_exact(profile: str, tmp_path: Path) -> None:
    result = loaded(tmp_path, profile, requests=400)
    assert result.reconciliation.offences == ()
    assert (result.reconciliation.exact, result.exit_code, result.tally.requests) == (True, 0, 400)
    assert result.reconciliation.unknown, "answers get lost in every load"


def test_a_lost_charge_in_a_thousand_is_found(tmp_path: Path) -> None:
    def losing(honest: Seams) -> Seams:
        served = count(1)

        def charge(call: Call) -> None:
            (honest.release if next(served) % 1_000 == 500 else honest.charge)(call)

        return replace(honest, charge=charge)

    with planted(losing, "AIV-28") as name:
        result = loaded_here(tmp_path, "aivene", planted=name, requests=1_000)
    assert found(result.reconciliation) == {"NOT_CHARGED": ("AIV-28",)}
    assert result.reconciliation.offences[0].count == 1
    assert result.reconciliation.difference < 0
    assert result.exit_code == 1


def test_a_double_charge_under_contention_is_found(tmp_path: Path) -> None:
    with planted(contended, "AIV-28") as name:
        result = loaded_here(tmp_path, "aivene", planted=name)
        alone = loaded_here(tmp_path, "aivene", planted=name, users=1, requests=50)
    assert found(result.reconciliation) == {"CHARGED_TOO_MUCH": ("AIV-28",)}
    assert result.reconciliation.offences[0].count == 1
    assert alone.reconciliation.exact is True


def contended(honest: Seams) -> Seams:
    """Charge again, once, where another request is between its begin and its charge."""
    running, done = set[int](), threading.Event()

    def run(call: Call) -> None:
        running.add(id(call))
        honest.run(call)

    def charge(call: Call) -> None:
        honest.charge(call)
        running.discard(id(call))
        if running and call.cost and call.fault is None and not done.is_set():
            done.set()
            honest.charge(call)

    return replace(honest, run=run, charge=charge)


def test_two_callers_that_are_mixed_once_are_found(tmp_path: Path) -> None:
    result = loaded_here(tmp_path, "aivene", wrap=Mixing)
    assert set(found(result.reconciliation)) >= {"NOT_CHARGED", "FOREIGN"}
    assert result.reconciliation.exact is False
    assert result.reconciliation.difference == 0, "the sums are right: only entry by entry it shows"


class Mixing:
    """Gives two callers each other's answer, once."""

    def __init__(self, app: edges.WsgiApp) -> None:
        self._app = app
        self._served = count(1)
        self._left: Queue[tuple[Any, ...]] = Queue()
        self._right: Queue[tuple[Any, ...]] = Queue()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self._answer(environ)
        if environ["REQUEST_METHOD"] == "POST" and "/images/" in environ["PATH_INFO"] and answer[0][:3] == "200":
            number = next(self._served)
            answer = self._mixed(number, answer)
        start_response(answer[0], answer[1])
        return [answer[2]]

    def _mixed(self, number: int, answer: tuple[Any, ...]) -> tuple[Any, ...]:
        mine, other = (self._left, self._right) if number == 100 else (self._right, self._left)
        if number not in {100, 101}:
            return answer
        mine.put(answer)
        try:
            return other.get(timeout=10)
        except Empty:
            return answer

    def _answer(self, environ: dict[str, Any]) -> tuple[Any, ...]:
        said: list[Any] = []
        body = b"".join(self._app(environ, lambda status, headers, *_: said.extend((status, headers))))
        return said[0], said[1], body


@pytest.mark.parametrize(
    ("liar", "claim"),
    [
        ("stratizon-refunds-twice", "STR-16"),
        ("stratizon-no-failed-refund", "STR-17"),
        ("stratizon-refund-fee", "STR-25"),
        ("aivene-failure-keeps-the-money", "AIV-25"),
        ("aivene-402-costs", "AIV-28"),
        ("aivene-never-charged", "AIV-28"),
    ],
)
def test_a_liar_of_the_shelf_is_named_by_its_claim(liar: str, claim: str, tmp_path: Path) -> None:
    result = loaded(tmp_path, liar.partition("-")[0], liar=liar)
    assert claim in {name for offence in result.reconciliation.offences for name in offence.claims}
    assert (result.reconciliation.exact, result.exit_code) == (False, 1)


def test_the_same_seed_sends_the_same_requests(tmp_path: Path) -> None:
    def prices(seed: int) -> list[str]:
        loaded(tmp_path, "openai", seed=seed, requests=100)
        return sorted(str(line.split(",")[0:4:3]) for line in (tmp_path / "load.jsonl").read_text("utf-8").splitlines())

    first = prices(5)
    assert first == prices(5)
    assert first != prices(6)


def test_a_rate_is_kept_and_measured_from_when_a_request_was_due(tmp_path: Path) -> None:
    result = loaded(tmp_path, "openai", rate=100.0, requests=None, duration_s=1.0)
    assert result.tally.requests == 100
    assert 0.9 <= result.seconds < 3.0


def test_a_threshold_that_is_missed_fails_the_load(tmp_path: Path) -> None:
    result = loaded(tmp_path, "openai", requests=50, thresholds=Thresholds(p95_ms=0.001))
    assert result.reconciliation.exact is True
    assert result.exit_code == 1
    assert "p95" in result.missed()[0]


def test_an_answer_that_is_given_to_a_second_caller_too_is_found(tmp_path: Path) -> None:
    result = loaded_here(tmp_path, "openai", wrap=Repeating)
    wrongs = found(result.reconciliation)
    assert wrongs["SAME_IMAGE"] == wrongs["STRANGER"] == ("OAI-13",)
    assert result.reconciliation.exact is True, "the money is right, and the exit code is not"
    assert result.exit_code == 1


class Repeating(Mixing):
    """Gives every caller after some the same answer."""

    def _mixed(self, number: int, answer: tuple[Any, ...]) -> tuple[Any, ...]:
        if number < 200:
            return answer
        if not self._left.qsize():
            if b"revised_prompt" in answer[2]:
                self._left.put(answer)
            return answer
        body = self._left.queue[0][2]
        headers = [(name, value) for name, value in answer[1] if name.lower() != "content-length"]
        return answer[0], [*headers, ("content-length", str(len(body)))], body


@pytest.mark.parametrize("shape", ["ramp", "spike"])
def test_a_shape_unfolds_over_the_duration(shape: str, tmp_path: Path) -> None:
    result = loaded(tmp_path, "openai", shape=shape, requests=None, duration_s=2.0)
    assert result.reconciliation.exact is True
    assert 1.5 <= result.seconds < 15


def test_a_shape_never_has_fewer_than_one_user_and_ends_with_all_of_a_ramp() -> None:
    # in a process of its own: Locust changes the standard library of whoever imports it
    code = "from pixelproof.load.shapes import users_at as u; print([u('ramp', s, 10, 60) for s in (0, 30, 60, 90)])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[1, 5, 10, 10]"
