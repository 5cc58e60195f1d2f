"""Somebody else's asynchronous provider, known by a target file alone: left alone when honest, found when it lies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pixelproof import loading
from pixelproof.running.run import Run
from pixelproof.targets.file import Target, load_target
from pixelproof.verdict import CaseVerdict, Verdict
from pixelproof.verification import verifying
from pixelproof.verification.verifying import VerifyOptions

from .edge import open_studio
from .lies import LIES, Liar

TARGET_FILE = Path(__file__).with_name("target.yaml")
#: Long enough to be seen under way, short enough for some eighty of them.
TASK_S = 0.08
DOCUMENTED = {"D", "D†", "X"}


def target_at(base: str) -> Target:
    return load_target(TARGET_FILE, {"STUDIO": base})


def verified(base: str, folder: Path) -> tuple[int, list[dict[str, Any]]]:
    """Run the command of a user who has nothing but a target file; return exit code and record."""
    command = [sys.executable, "-m", "pixelproof", "verify", "--target", str(TARGET_FILE), "--report-dir", str(folder)]
    environment = {**os.environ, "STUDIO": base}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert all(said.startswith("record: ") for said in done.stderr.splitlines()), done.stderr
    return done.returncode, [json.loads(line) for line in (folder / "run.jsonl").read_text("utf-8").splitlines()]


def findings(run: Run) -> Iterator[CaseVerdict]:
    for case in run.plan.cases:
        yield from (line for line in run.prove(case) if line.verdict is Verdict.FAIL)


def first_finding(lie: type[Liar], folder: Path) -> CaseVerdict | None:
    """Verify the claim that a studio breaks until something is held against it."""
    with open_studio(lie, task_s=TASK_S) as base:
        options = VerifyOptions(target=target_at(base), select=(lie.claim,), keep_images=False)
        with verifying.prepared(options, loading.shipped("stratizon"), folder) as run:
            return next(findings(run), None)


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[dict[str, Any]]]:
    with open_studio(task_s=TASK_S) as base:
        return verified(base, tmp_path_factory.mktemp("honest"))


def test_an_honest_studio_is_left_alone(honest: tuple[int, list[dict[str, Any]]]) -> None:
    code, record = honest
    verdicts = [line for line in record if line["kind"] == "verdict"]
    assert {line["verdict"] for line in verdicts} == {"pass", "ambiguous"}
    assert (code, record[-1]["outcome"]) == (0, "conformant")


def test_every_documented_obligation_is_judged_whole(honest: tuple[int, list[dict[str, Any]]]) -> None:
    claims = honest[1][-1]["claims"]
    documented = {
        claim.id
        for claim in loading.shipped("stratizon").claims.values()
        if claim.level.value in DOCUMENTED and claim.kind.value == "obligation"
    }
    assert {name for name, claim in claims.items() if claim["judged"] == claim["planned"] > 0} == documented


def test_an_honest_run_takes_seconds(honest: tuple[int, list[dict[str, Any]]]) -> None:
    assert honest[1][-1]["duration_s"] < 30  # eleven on an idle machine


def test_its_net_charge_is_named_as_a_reading(honest: tuple[int, list[dict[str, Any]]]) -> None:
    (said,) = {line["got"] for line in honest[1] if line.get("verdict") == "ambiguous"}
    assert said.startswith("reads as 'net'")


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lie_is_found_by_the_claim_it_breaks(lie: type[Liar], tmp_path: Path) -> None:
    found = first_finding(lie, tmp_path)
    assert found is not None, lie.__doc__
    assert (found.claim, found.verdict) == (lie.claim, Verdict.FAIL)
    assert found.wanted
    assert found.curl
