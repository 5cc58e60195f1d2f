"""Honest servers are exact under load; a server that errs once among hundreds of requests is found."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import count
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from pixelproof.mock_server.call import Call
from pixelproof.mock_server.seams import Seams
from pixelproof.mock_server.steps.admission import REQUEST_WINDOWS, rules

from pixelproof import edges
from pixelproof.loadtest.thresholds import Thresholds

from .builders import found, loaded, loaded_here, planted

#: Requests among which one is wrong; `nox -s defects` hunts with more.
VOLUME = int(os.environ.get("PIXELPROOF_DEFECTS", "1000"))

#: Seconds that a request stays where a defect needs a second one beside it, until one has come.
OVERLAP = 0.002


@pytest.mark.parametrize("profile", ["openai", "aivene", "aicredits", "fineapi", "perf", "stratizon"])
def test_an_honest_server_is_exact(profile: str, tmp_path: Path) -> None:
    result = loaded(tmp_path, profile, requests=400)
    assert result.reconciliation.offences == ()
    assert (result.reconciliation.exact, result.exit_code, result.tally.requests) == (True, 0, 400)
    assert result.reconciliation.unknown, "answers get lost in every load"


def test_one_lost_charge_is_found(tmp_path: Path) -> None:
    def losing(honest: Seams) -> Seams:
        served = count(1)

        def charge(call: Call) -> None:
            (honest.release if next(served) % VOLUME == VOLUME // 2 else honest.charge)(call)

        return replace(honest, charge=charge)

    with planted(losing, "AIV-28") as name:
        result = loaded_here(tmp_path, "aivene", planted=name, requests=VOLUME)
    assert found(result.reconciliation) == {"NOT_CHARGED": ("AIV-28",)}
    assert result.reconciliation.offences[0].count == 1
    assert result.reconciliation.difference < 0
    assert result.exit_code == 1


def test_a_double_charge_under_contention_is_found(tmp_path: Path) -> None:
    with planted(contended, "AIV-28") as name:
        result = loaded_here(tmp_path, "aivene", planted=name, requests=VOLUME)
        alone = loaded_here(tmp_path, "aivene", planted=name, users=1, requests=50)
    assert found(result.reconciliation) == {"CHARGED_TOO_MUCH": ("AIV-28",)}
    assert result.reconciliation.offences[0].count == 1
    assert alone.reconciliation.exact is True


def contended(honest: Seams) -> Seams:
    """Charge again, once, where another request is between its begin and its charge."""
    running, done = set[int](), threading.Event()

    def run(call: Call) -> None:
        # an answer that gets lost may still be on its way when its caller asks again, and the caller
        # without measure, the only one with a limit, always sends several: neither is contention here
        if call.fault is None and not any(call.account.limits.values()):
            running.add(id(call))
            if not done.is_set():
                time.sleep(OVERLAP)
        honest.run(call)

    def charge(call: Call) -> None:
        honest.charge(call)
        if id(call) in running and len(running) > 1 and call.cost and not done.is_set():
            done.set()
            honest.charge(call)
        running.discard(id(call))

    def release(call: Call) -> None:
        running.discard(id(call))
        honest.release(call)

    return replace(honest, run=run, charge=charge, release=release)


def test_two_callers_that_are_mixed_once_are_found(tmp_path: Path) -> None:
    result = loaded_here(tmp_path, "aivene", wrap=Mixing, requests=VOLUME)
    assert set(found(result.reconciliation)) >= {"NOT_CHARGED", "FOREIGN"}
    assert result.reconciliation.exact is False
    assert result.reconciliation.difference == 0, "the sums are right: only entry by entry it shows"


class Mixing:
    """Gives two callers each other's answer, once, after a hundred."""

    def __init__(self, app: edges.WsgiApp) -> None:
        self._app = app
        self._served = count(1)
        self._turn = threading.Lock()
        #: The caller who waits for somebody else, and where he gets the other's answer.
        self._first: tuple[str, tuple[Any, ...], Queue[tuple[Any, ...]]] | None = None
        self._is_done = False

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self._answer(environ)
        if environ["REQUEST_METHOD"] == "POST" and "/images/" in environ["PATH_INFO"] and answer[0][:3] == "200":
            answer = self._told(next(self._served), environ["HTTP_AUTHORIZATION"], answer)
        start_response(answer[0], answer[1])
        return [answer[2]]

    def _told(self, number: int, caller: str, answer: tuple[Any, ...]) -> tuple[Any, ...]:
        with self._turn:
            if number <= 100 or self._is_done or (self._first is not None and self._first[0] == caller):
                return answer
            if self._first is not None:
                self._is_done = True
                _, other, waiting = self._first
                waiting.put(answer)
                return other
            waiting = Queue()
            self._first = (caller, answer, waiting)
        return waiting.get(timeout=10)

    def _answer(self, environ: dict[str, Any]) -> tuple[Any, ...]:
        said: list[Any] = []
        body = b"".join(self._app(environ, lambda status, headers, *_: said.extend((status, headers))))
        return said[0], said[1], body


@pytest.mark.parametrize(("profile", "claim"), [("aivene", "AIV-24"), ("aicredits", "AIC-24")])
def test_a_limit_that_leaks_at_the_edge_of_its_window_is_found(profile: str, claim: str, tmp_path: Path) -> None:
    def leaking(honest: Seams) -> Seams:
        def limit(call: Call) -> None:
            is_edge = False
            for rule in rules(call.key, REQUEST_WINDOWS):
                window, now = rule.windows.opened(rule.window, 60.0), call.account.clock.now()
                is_edge = any(59.5 <= now - at < 61.5 for at, _ in window.state())
            honest.limit_requests(call)
            if is_edge:
                window.give_back(1)

        return replace(honest, limit_requests=limit)

    with planted(leaking, claim) as name:
        result = loaded_here(tmp_path, profile, planted=name, requests=VOLUME)
    assert found(result.reconciliation) == {"LIMIT": (claim,)}
    assert result.reconciliation.exact is True, "the money is right, and the exit code is not"
    assert result.exit_code == 1


@pytest.mark.parametrize(("change", "wrong"), [("-5", "WAIT"), ("soon", "NO_WAIT")])
def test_an_announced_wait_that_is_not_true_is_found(change: str, wrong: str, tmp_path: Path) -> None:
    def waiting(app: edges.WsgiApp) -> edges.WsgiApp:
        def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
                said = {
                    name: str(max(1, int(value) - 5)) if change == "-5" else change
                    for name, value in headers
                    if name.lower() == "retry-after"
                }
                return start_response(status, [(name, said.get(name, value)) for name, value in headers], *rest)

            return app(environ, start)

        return served

    result = loaded_here(tmp_path, "aivene", wrap=waiting, requests=300)
    assert found(result.reconciliation) == {wrong: ("AIV-24",)}


@pytest.mark.parametrize("page", [b"<h1>Bad Request</h1>", b'{"error": "bad"}', b'{"error": {"type": "bad"}}'])
def test_an_error_without_its_envelope_is_found_among_all(page: bytes, tmp_path: Path) -> None:
    result = loaded_here(tmp_path, "aivene", wrap=lambda app: Plain(app, page), requests=250)
    assert found(result.reconciliation) == {"ENVELOPE": ("AIV-19",)}
    assert result.reconciliation.offences[0].count == 1


class Plain:
    """Answers with a page of its framework, once, where an error is due."""

    def __init__(self, app: edges.WsgiApp, page: bytes) -> None:
        self._app, self._page, self._errors = app, page, count(1)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        said: list[Any] = []
        body = b"".join(self._app(environ, lambda status, headers, *_: said.extend((status, headers))))
        if said[0][:3] == "400" and next(self._errors) == 10:  # a 429 is for the caller without measure
            body = self._page
            said[1] = [("content-type", "text/html"), ("content-length", str(len(body)))]
        start_response(*said)
        return [body]


def test_a_task_that_another_account_can_look_at_is_found(tmp_path: Path) -> None:
    result = loaded_here(tmp_path, "stratizon", wrap=Careless, requests=60, users=20)
    assert found(result.reconciliation) == {"SHOWN": ("STR-23",)}


class Careless:
    """Shows every task to whoever asks for it."""

    def __init__(self, app: edges.WsgiApp) -> None:
        self._app, self._owners = app, dict[str, str]()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        task = environ["PATH_INFO"].rpartition("/")[2]
        key = self._owners.get(task, environ.get("HTTP_AUTHORIZATION", ""))
        body = b"".join(self._app({**environ, "HTTP_AUTHORIZATION": key}, start_response))
        if environ["REQUEST_METHOD"] == "POST":
            self._owners.update({name.decode(): key for name in re.findall(rb'"(?:task_)?id": ?"([^"]+)"', body)})
        return [body]


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

    _repeated: tuple[Any, ...] | None = None

    def _told(self, number: int, caller: str, answer: tuple[Any, ...]) -> tuple[Any, ...]:  # noqa: ARG002 - all alike
        if number < 200:
            return answer
        if self._repeated is None:
            self._repeated = answer if b"revised_prompt" in answer[2] else None
            return answer
        body = self._repeated[2]
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
