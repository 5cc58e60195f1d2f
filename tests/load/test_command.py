"""``pixelproof load`` as it is typed: what it refuses, what it needs, and what it leaves alone."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pixelproof import edges, loading
from pixelproof.client import Wire
from pixelproof.loadtest.plan import mixture
from pixelproof.matrix import matrix_of
from pixelproof.settings import MockSettings
from pixelproof.targets.control import ControlPlane
from pixelproof.targets.file import BalanceLever, Target
from pixelproof.verification.embedded import listening

from .builders import loaded


def load(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pixelproof", "load", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--requests", 5, "--duration", "5s"), "both say when to end"),
        (("--rate", 5, "--shape", "ramp"), "leave one of them out"),
        (("http://127.0.0.1:1/v1",), "add --profile"),
        (("http://127.0.0.1:1/v1", "--profile", "openai", "--liar", "x"), "--liar is for the embedded mock"),
        (("nonsense", "--profile", "openai"), "is no http(s) URL"),
        (("--profile", "opnai"), "openai"),
        (("--contract", "a.yaml", "--profile", "openai"), "both name a contract"),
        (("--contract", "nope.yaml"), "nope.yaml: cannot be read"),
        (("--ca-bundle", "nope.pem"), "--ca-bundle nope.pem: cannot be used"),
        (("--proxy", "nonsense"), "--proxy nonsense"),
        (("--thresholds", "nope.yaml"), "nope.yaml: cannot be read"),
        (("--master", "--shape", "find-limit"), "by one process"),
        (("--worker", "--master"), "learns everything from its master"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_a_sentence(words: tuple[object, ...], sentence: str) -> None:
    ran = load(*words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_server_that_does_not_answer_is_unreachable(tmp_path: Path) -> None:
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        ran = load(f"http://127.0.0.1:{silent.getsockname()[1]}/v1", "--profile", "openai", "--report-dir", tmp_path)
    assert ran.returncode == 3
    assert "does not answer" in ran.stderr


def test_a_load_off_this_machine_needs_a_cap(tmp_path: Path) -> None:
    target = tmp_path / "target.yaml"
    target.write_text(
        "base_url: http://192.0.2.1/v1\nprofile: openai\nkeys: {default: sk-one}\ncontrol: null\n", "utf-8"
    )
    ran = load("--target", target, "--timeout", "0.2")
    assert ran.returncode == 2
    assert "--max-cost" in ran.stderr


def test_the_result_is_one_line_of_json(tmp_path: Path) -> None:
    ran = load("--profile", "openai", "--requests", 30, "--users", 3, "--report-dir", tmp_path, "--json")
    result = json.loads(ran.stdout)
    assert {"requests", "throughput", "p50_ms", "p95_ms", "p99_ms", "reconciliation"} <= set(result)
    assert {"exact", "ok", "refused", "unknown", "unknown_charged", "difference"} <= set(result["reconciliation"])
    assert result == json.loads((tmp_path / "load.json").read_text("utf-8"))
    assert len((tmp_path / "load.jsonl").read_text("utf-8").splitlines()) == 30
    assert "sk-" not in (tmp_path / "load.jsonl").read_text("utf-8")


def test_locust_changes_no_process_but_its_own() -> None:
    code = (
        "import sys, pixelproof.cli.load, pixelproof.edges as e; e.load_command();"
        "assert not {'gevent', 'locust'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_interrupted_is_reconciled_still(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pixelproof", "load", "--profile", "openai", "--duration", "60s", "--json"]
    run = subprocess.Popen([*command, "--report-dir", str(tmp_path)], stdout=subprocess.PIPE, text=True)
    record = tmp_path / "load.jsonl"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not (record.exists() and record.stat().st_size):
        time.sleep(0.05)  # a signal needs a process that really runs
    run.send_signal(number)
    said, _ = run.communicate(timeout=60)
    result = json.loads(said)
    assert run.returncode == 130
    assert result["requests"] > 0
    assert result["reconciliation"]["exact"] is True


class Showing:
    """A server without a control plane, whose wallet can be read at ``/v1/wallet``."""

    def __init__(self, app: edges.WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/v1/wallet":
            return self._app(environ, start_response)
        key = environ["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
        asked = {**environ, "PATH_INFO": f"/__admin/accounts/{key}", "HTTP_AUTHORIZATION": ""}
        return self._app(asked, start_response)


@pytest.mark.parametrize("liar", [None, "perf-flux-pro-price"])
def test_a_wallet_alone_is_reconciled_by_its_total(liar: str | None, tmp_path: Path) -> None:
    profile = "perf"
    app = edges.create_mock([loading.shipped(profile)], MockSettings(liar=liar))
    with listening(Showing(app)) as port, closing(Wire()) as wire:
        control = ControlPlane(wire, f"http://127.0.0.1:{port}/__admin", profile)
        accounts = [control.open_account({"balance": "1000", "limits": {}}) for _ in range(2)]
        target = Target(
            base_url=f"http://127.0.0.1:{port}/v1",
            profile=profile,
            keys={"default": accounts[0].key},
            pool=(accounts[1].key,),
            balance=BalanceLever(method="GET", path="/wallet", pointer="/balance", exclusive=True),
        )
        result = loaded(tmp_path, profile, target=target, requests=120)
    assert result.reconciliation.by == "totals"
    assert result.reconciliation.exact is (liar is None)
    assert result.exit_code == (1 if liar else 0)


def test_a_load_stops_before_it_spends_more_than_its_cap(tmp_path: Path) -> None:
    result = loaded(tmp_path, "openai", max_cost="1 USD", requests=1_000)
    rows = [json.loads(line) for line in (tmp_path / "load.jsonl").read_text("utf-8").splitlines()]
    assert 0 < result.tally.requests < 1_000
    assert sum(row[3] for row in rows) <= 1_000_000


@pytest.mark.parametrize("profile", loading.profiles())
def test_every_request_of_a_mixture_is_one_that_the_contract_takes(profile: str) -> None:
    contract = loading.shipped(profile)
    shots = [shot for shot in mixture(contract, provoking=True) if not shot.bad]
    assert shots
    matrix = matrix_of(contract)
    assert all(matrix.violations({**shot.body, "prompt": "a"}) == () for shot in shots)
    assert all(shot.price % shot.asked == 0 for shot in shots)


def test_references_are_sent_along_and_uploaded_and_chained(tmp_path: Path) -> None:
    app = edges.create_mock([loading.shipped("stratizon")], MockSettings())
    asked = Counter[str]()

    def counting(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        asked[environ["PATH_INFO"]] += 1
        return app(environ, start_response)

    with listening(counting) as port:
        result = loaded(tmp_path, "stratizon", url=f"http://127.0.0.1:{port}/v1", requests=120, timeout_s=3.0)
    shots = mixture(loading.shipped("stratizon"), provoking=True)
    assert {shot.source for shot in shots if shot.reference} == {"data_uri", "upload", "chain"}
    assert 0 < asked["/v1/uploads"] < asked["/v1/images/image-to-image"]
    assert (result.reconciliation.exact, result.tally.errors) == (True, 0)


def test_users_that_think_send_less(tmp_path: Path) -> None:
    result = loaded(tmp_path, "openai", requests=None, duration_s=1.5, users=4, think_s=0.5)
    assert 4 <= result.tally.requests <= 30


def test_a_third_party_is_sent_nothing_that_only_a_mock_knows() -> None:
    assert not any(shot.prefix for shot in mixture(loading.shipped("openai"), provoking=False))


def test_a_load_of_which_nothing_was_served_proves_nothing(tmp_path: Path) -> None:
    with listening(edges.create_mock([loading.shipped("openai")], MockSettings())) as port:
        url = f"http://127.0.0.1:{port}"
        said = load(url, "--profile", "openai", "--requests", 8, "--report-dir", tmp_path)
    assert said.returncode == 5, said.stdout + said.stderr
    assert "nothing was served" in said.stdout
