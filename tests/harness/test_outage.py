"""A poisoned stretch is waited out or told once: it is no finding, and never sixty."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from pixelproof.exchange import Role
from pixelproof.running.conducting.brake import Brake
from pixelproof.running.conducting.outage import COOLING, WAITS_S
from pixelproof.running.ending import RunOutcome, Summary
from pixelproof.running.run import Run
from pixelproof.verdict import Reason, Verdict

from .test_spending import Lines
from .vendor import Vendor, run_at, said

SELECT = ("refusals/dall-e-2*", "images/dall-e-2*")


class Weather:
    """What a vendor does from its ``after``-th request on, for ``times`` requests."""

    def __init__(self, does: Callable[[httpx.Request], httpx.Response], after: int = 10, times: int = 10**6) -> None:
        self.does, self.after, self.times = does, after, times
        self.asked = self.met = 0

    def __call__(self, request: httpx.Request) -> httpx.Response | None:
        self.asked += 1
        if self.asked <= self.after or self.met >= self.times:
            return None
        self.met += 1
        return self.does(request)


def unauthorized(_request: httpx.Request) -> httpx.Response:
    return said(401, {"error": {"message": "gone", "type": "invalid_request_error", "param": None, "code": None}})


def too_many(_request: httpx.Request) -> httpx.Response:
    return said(429, {"error": {"message": "slow down", "type": "rate_limit_error", "param": None, "code": None}})


def too_many_for_an_hour(_request: httpx.Request) -> httpx.Response:
    return said(429, {"error": {"message": "slow down"}}, retry_after="3600")


def gone(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def conducted(weather: Weather, **more: object) -> tuple[Run, Summary, list[float], Lines]:
    waits: list[float] = []
    sink = Lines()
    run = run_at(Vendor(mood=weather), select=SELECT, waits=waits, sink=sink, **more)  # type: ignore[arg-type]  # by name
    run.begin()
    for case in run.plan.cases:
        run.prove(case)
    return run, run.finish(), waits, sink


def reasons(run: Run) -> set[str]:
    return {line.reason for line in run.verdicts if line.verdict is Verdict.NOT_RUN}


def findings(run: Run) -> list[str]:
    return [line.case for line in run.verdicts if line.verdict in {Verdict.FAIL, Verdict.ERROR}]


@pytest.mark.parametrize("after", [2, 10], ids=["among-refusals", "among-images"])
@pytest.mark.parametrize(
    ("does", "told", "code"),
    [
        (unauthorized, "the key was refused from here on", 3),
        (gone, "went away and did not come back in 30 s", 3),
        (too_many, f"{COOLING} cases in a row ended in a 429", 5),
        (too_many_for_an_hour, "asks to wait 3600 s", 5),
    ],
    ids=["dead-key", "gone", "cooldown", "long-cooldown"],
)
def test_a_stretch_that_does_not_end_is_told_once(
    does: Callable[[httpx.Request], httpx.Response], told: str, code: int, after: int
) -> None:
    run, summary, _, sink = conducted(Weather(does, after))
    assert summary.exit_code == code
    assert summary.outcome is (RunOutcome.UNREACHABLE if code == 3 else RunOutcome.PARTIAL)
    assert told in summary.note
    assert findings(run) == []
    assert reasons(run) <= {Reason.OUTAGE, Reason.PACE, Reason.LEVER}
    assert len([line for line in sink.kind("exchange") if line["role"] == Role.API.value]) <= 10 + 2 * COOLING + 1
    assert {line.case for line in run.verdicts} == {case.id for case in run.plan.cases}, "every case has its say"


@pytest.mark.parametrize("times", [1, 2, len(WAITS_S)])
def test_a_server_that_comes_back_is_waited_for(times: int) -> None:
    run, summary, waits, _ = conducted(Weather(gone, times=times))
    assert findings(run) == []
    assert summary.exit_code == 0
    assert tuple(waits[:times]) == WAITS_S[:times]


@pytest.mark.parametrize("does", [too_many])
def test_a_short_cooldown_is_waited_out(does: Callable[[httpx.Request], httpx.Response]) -> None:
    run, summary, waits, _ = conducted(Weather(does, times=1))
    assert (findings(run), summary.exit_code, waits) == ([], 0, [1.0])
    assert reasons(run) <= {Reason.LEVER}


def test_a_single_401_for_a_live_key_is_about_the_request() -> None:
    """The server refuses one valid request and takes the key for everything else."""
    run, summary, _, _ = conducted(Weather(unauthorized, after=8, times=1))
    assert summary.exit_code == 1
    assert len(set(findings(run))) == 1


def test_nothing_that_was_never_taken_is_paid_for() -> None:
    run, _, _, _ = conducted(Weather(gone, times=1))
    assert run.budget.spent == run.plan.price


def test_a_deadline_stops_the_run_and_says_so() -> None:
    clock = iter(range(0, 10**6, 5))
    run, summary, _, _ = conducted(Weather(gone, after=10**6), brake=Brake(deadline_s=150, now=lambda: next(clock)))
    assert (summary.outcome, summary.exit_code) == (RunOutcome.PARTIAL, 5)
    assert Reason.DEADLINE in reasons(run)
    assert "the deadline of 150 s is over" in summary.note
    assert run.conductor.requests < len(run.plan.cases)
