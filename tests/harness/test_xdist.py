"""Under pytest-xdist the controller alone sends, records and keeps budget and pace; workers only ask."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

import httpx
import pytest

from pixelproof import edges, loading
from pixelproof.planning.caseline import case_line
from pixelproof.problems import BadUsage
from pixelproof.running.controller import Controller
from pixelproof.running.envoy import ControllerGone, Envoy
from pixelproof.running.run import Run
from pixelproof.settings import MockSettings
from pixelproof.verdict import Reason, Verdict
from pixelproof.verification.embedded import running

from .vendor import Vendor, run_at

#: A plugin of the user's: one worker is killed as soon as the controller has recorded its first case.
_MURDER = """
import os, pathlib, signal
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    yield
    knife = pathlib.Path("knife")
    if "refusals" in item.nodeid and not knife.exists():
        knife.write_text(item.nodeid, "utf-8")
        os.kill(os.getpid(), signal.SIGKILL)
"""


def pytest_by_hand(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the suites as a user does, in a folder of their own."""
    folder.mkdir(exist_ok=True)
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    command = [sys.executable, "-m", "pytest", "--pyargs", "pixelproof.suites", "-p", "pixelproof.plugin"]
    command += ["-p", "xdist.plugin", "-p", "no:cacheprovider", "--report-dir", str(folder / "record"), *more]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in (folder / "record" / "run.jsonl").read_text("utf-8").splitlines()]


def verdicts(found: list[dict[str, Any]]) -> Counter[tuple[str, ...]]:
    return Counter(
        (line["case"], line["rule"], line["claim"], line["verdict"]) for line in found if line["kind"] == "verdict"
    )


def sent(found: list[dict[str, Any]]) -> Counter[tuple[str, ...]]:
    return Counter((line["case"], line["step"], line["price"]) for line in found if line["kind"] == "sent")


def asked(found: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    return Counter((line["case"], line["step"]) for line in found if line["kind"] == "exchange")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("alone")
    assert pytest_by_hand(folder, "--profile", "stratizon", "--tier", "smoke").returncode == 0
    return lines(folder)


def test_two_processes_leave_the_record_that_one_leaves(alone: list[dict[str, Any]], tmp_path: Path) -> None:
    done = pytest_by_hand(tmp_path, "--profile", "stratizon", "--tier", "smoke", "-n", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    together = lines(tmp_path)
    assert verdicts(together) == verdicts(alone)
    assert sent(together) == sent(alone)
    assert asked(together) == asked(alone)
    for name in ("outcome", "requests", "claims", "counts"):
        assert together[-1][name] == alone[-1][name]
    assert together[-1]["cost"]["amount"] == alone[-1]["cost"]["amount"]
    numbers = [line["seq"] for line in together if line["kind"] == "exchange"]
    assert sorted(numbers) == list(range(1, len(numbers) + 1)), "one controller numbers the exchanges"


def test_a_finding_fails_its_test_in_a_worker_with_claim_and_curl(tmp_path: Path) -> None:
    path = tmp_path / "target.yaml"
    name = next(lie.name for lie in edges.deviations() if "PRF-13" in str(lie.claim))
    with running(loading.shipped("perf"), MockSettings(liar=name)) as url:
        path.write_text(f"profile: perf\nbase_url: {url}\ncontrol: {url.removesuffix('/v1')}/__admin\n", "utf-8")
        done = pytest_by_hand(tmp_path, "--target", str(path), "--tier", "smoke", "-n", "2", "-k", "images")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "PRF-13" in done.stdout
    assert "wanted" in done.stdout
    assert "curl" in done.stdout


def test_a_killed_worker_loses_no_exchange_and_the_session_fails(alone: list[dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / "murder.py").write_text(_MURDER, "utf-8")
    done = pytest_by_hand(tmp_path, "--profile", "stratizon", "--tier", "smoke", "-n", "2", "-p", "murder")
    killed = (tmp_path / "knife").read_text("utf-8")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "crashed" in done.stdout
    assert killed
    assert verdicts(lines(tmp_path)) == verdicts(alone), "what the dead worker asked for is recorded, and the rest too"
    assert sent(lines(tmp_path)) == sent(alone), "and nothing was paid for twice"


def answered(run: Run, *, workers: int = 2) -> dict[str, list[Verdict]]:
    """Ask for every case, from as many envoys at a time."""
    run.begin()
    controller = Controller(run)
    envoys = [Envoy(controller.invitation) for _ in range(workers)]
    cases = list(run.plan.cases)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        found = pool.map(lambda at: (cases[at].id, envoys[at % workers].verdicts(cases[at])), range(len(cases)))
        told = {name: [line.verdict for line in lines] for name, lines in found}
    for envoy in envoys:
        envoy.end()
    controller.end()
    run.finish()
    return told


def test_a_worker_has_the_very_plan_of_its_controller() -> None:
    run = run_at(Vendor(), select=())
    controller = Controller(run)
    envoy = Envoy(controller.invitation)
    assert [case_line(case) for case in envoy.cases] == [case_line(case) for case in run.plan.cases]
    assert envoy.cases == run.plan.cases
    assert envoy.quotes["PRF-01"]["statement"]
    envoy.end()
    controller.end()


def test_the_cap_holds_for_all_worker_processes_together() -> None:
    price = run_at(Vendor()).plan.price
    vendor = Vendor()
    run = run_at(vendor, cap=price // 2, watched=True)
    told = answered(run, workers=3)
    assert run.budget.stopped
    assert vendor.taken <= price // 2
    assert {Verdict.NOT_RUN, Verdict.PASS} <= {verdict for found in told.values() for verdict in found}


class _Crowded(Vendor):
    """A vendor that notes whether two requests of one key were ever under way together."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.inside: Counter[str] = Counter()
        self.most = 0
        self.crowded = threading.Event()
        self.guard = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        key = request.headers.get("authorization", "")
        with self.guard:
            self.inside[key] += 1
            self.most = max(self.most, self.inside[key])
        if self.most == 1:
            self.crowded.wait(0.02)  # time enough for another one to come in
        else:
            self.crowded.set()
        try:
            return super().handle_request(request)
        finally:
            with self.guard:
                self.inside[key] -= 1


def test_one_key_is_never_used_by_two_cases_at_a_time() -> None:
    vendor = _Crowded()
    answered(run_at(vendor, select=("refusals/dall-e-2*",)), workers=3)
    assert vendor.most == 1


def test_who_asks_twice_pays_once() -> None:
    vendor = Vendor()
    run = run_at(vendor)
    case = next(case for case in run.plan.cases if case.price)
    run.begin()
    controller = Controller(run)
    first, second = Envoy(controller.invitation), Envoy(controller.invitation)
    assert first.verdicts(case) == second.verdicts(case)
    assert len(vendor.paid) == len([send for send in case.sends() if send.positive])
    first.end()
    second.end()
    controller.end()


def test_after_the_end_nothing_is_sent_and_the_worker_hears_so() -> None:
    vendor = Vendor()
    run = run_at(vendor)
    run.begin()
    controller = Controller(run)
    envoy = Envoy(controller.invitation)
    controller.end()
    with pytest.raises(ControllerGone):
        envoy.verdicts(run.plan.cases[0])
    assert vendor.paid == []
    run.finish()
    assert {line.reason for line in run.verdicts} == {Reason.STOPPED}


def test_whoever_does_not_know_the_key_is_not_let_in() -> None:
    controller = Controller(run_at(Vendor()))
    address = json.loads(controller.invitation["address"])
    with pytest.raises(AuthenticationError):
        Client(tuple(address) if isinstance(address, list) else address, authkey=b"guessed")
    controller.end()


def test_a_worker_without_an_invitation_says_what_to_do() -> None:
    with pytest.raises(BadUsage, match="cannot reach its controller"):
        Envoy({})
