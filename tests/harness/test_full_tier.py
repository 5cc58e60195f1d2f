"""The full tier: what Schemathesis makes up is planned, priced, judged by our rules, and the same for a seed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from pixelproof import loading
from pixelproof.deviation import Tier
from pixelproof.findings.curl import REDACTED
from pixelproof.matrix import matrix_of
from pixelproof.planning.case import Case, Send
from pixelproof.record.recording import Record, read_record
from pixelproof.running.randomly import walk
from pixelproof.selfproof.selftest import bench
from pixelproof.settings import MockSettings
from pixelproof.strategies import PlanRequest, make_plan, schemed
from pixelproof.verdict import Verdict
from pixelproof.verification.verifying import VerifyOptions, prepared

from .visiting import hold_valid

PROFILES = loading.profiles()
ALARMS = {Verdict.FAIL, Verdict.WARN, Verdict.ERROR}


def planned(profile: str, seed: int | None = 0, tier: Tier = Tier.FULL) -> tuple[Case, ...]:
    wanted = PlanRequest(contract=loading.shipped(profile), tier=tier, seed=seed, prices_hold=True)
    return tuple(case for case in make_plan(wanted).cases if case.capability == schemed.GROUP)


def rules(case: Case) -> set[str]:
    return {check.rule for check in case.checks}


def sent(case: Case) -> Send:
    (send,) = case.sends()
    return send


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_has_wrong_requests_that_are_free_and_right_ones_that_are_priced(profile: str) -> None:
    cases = planned(profile)
    wrong = [case for case in cases if not sent(case).positive]
    right = [case for case in cases if sent(case).positive]
    operations = len(loading.shipped(profile).creating())
    assert 15 <= len(wrong) <= schemed.MOST_WRONG * operations
    assert len(right) <= schemed.MOST_RIGHT * operations
    assert all(case.price == 0 for case in wrong)
    assert all(sent(case).worst == case.price for case in right)
    assert profile != "openai" or all(case.price > 0 for case in right)


def test_only_the_full_tier_with_a_seed_makes_requests_up() -> None:
    assert planned("openai", tier=Tier.CORE) == ()
    assert planned("openai", seed=None) == ()
    assert planned("openai")


def test_another_seed_makes_up_others() -> None:
    assert {case.id for case in planned("openai", 0)} != {case.id for case in planned("openai", 1)}


def test_what_is_made_up_depends_on_no_other_module_and_no_hash_seed() -> None:
    script = (
        "import sys, json, hashlib; {also}\n"
        "from pixelproof import loading\n"
        "from pixelproof.strategies import generating\n"
        "contract = loading.shipped('aivene')\n"
        "made = generating.bodies_of(contract, contract.creating()[0], 3)\n"
        "print(len(made), hashlib.sha256(json.dumps(made).encode()).hexdigest())"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", script.format(also=also)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for also, hash_seed in (("", "1"), ("from pixelproof import edges; edges.deviations()", "2"))
    ]
    assert said[0] == said[1]
    assert int(said[0].split()[0]) > 50


def test_valid_requests_carry_benign_text_and_nothing_disputed() -> None:
    for case in planned("openai"):
        body = sent(case).body or {}
        if sent(case).positive:
            assert str(body["prompt"]).isascii()
            assert "paper boat" in str(body["prompt"]) or len(str(body["prompt"]).split()) > 3
            assert None not in body.values()
            assert not {"stream", "partial_images"} & set(body)


def test_several_errors_in_one_request_are_only_asked_to_be_refused() -> None:
    matrix = matrix_of(loading.shipped("aivene"))
    wrong = [case for case in planned("aivene") if not sent(case).positive]
    kinds = Counter(
        (len({fault.parameter for fault in matrix.violations(sent(case).body or {})}) == 1, "error_row" in rules(case))
        for case in wrong
    )
    assert set(kinds) == {(True, True), (False, False)}


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_that_is_made_up_is_held_against_an_honest_mock(profile: str) -> None:
    run = bench(profile, MockSettings(), tier=Tier.SMOKE)
    lines = [line for case in planned(profile) for line in run.prove(case)]
    assert [line for line in lines if line.verdict in ALARMS] == []
    assert sum(line.verdict is Verdict.PASS for line in lines) > 20


def test_a_liar_that_serves_nonsense_is_found_by_what_is_made_up() -> None:
    run = bench("openai", MockSettings(liar="openai-unknown-name-dropped"), tier=Tier.SMOKE)
    found = [line for case in planned("openai") for line in run.prove(case) if line.verdict is Verdict.FAIL]
    assert "OAI-10" in {line.claim for line in found}
    assert all(line.curl for line in found)


def full_run(folder: Path, profile: str, *more: str) -> Record:
    command = [sys.executable, "-m", "pixelproof", "verify", "--profile", profile, "--report-dir", str(folder), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return read_record(folder / profile)


def bytes_sent(record: Record) -> list[str]:
    """Return what was sent, in order; where the mock listens and what it calls its accounts is its own."""
    return [
        json.dumps([each.case, each.step, each.request.method, each.request.body, each.request.raw], sort_keys=True)
        for each in record.exchanges
    ]


@pytest.mark.parametrize("tier", ["smoke", "core", "full"])
def test_a_seed_sends_the_same_bytes_in_the_same_order_again(tmp_path: Path, tier: str) -> None:
    first, second = (full_run(tmp_path / name, "aivene", "--tier", tier, "--seed", "5") for name in ("a", "b"))
    assert bytes_sent(first) == bytes_sent(second)
    assert len(bytes_sent(first)) > 10


def walked(folder: Path) -> Record:
    options = VerifyOptions(profile="stratizon", tier=Tier.FULL, seed=2, report_dir=folder)
    with prepared(options, loading.shipped("stratizon"), folder) as run:
        lines = walk(run)
        assert [line.verdict for line in lines] == [Verdict.PASS] * len(lines)
        assert run.conductor.requests > 100
        run.finish()
    return read_record(folder)


def test_a_walk_stands_in_the_record_and_is_the_same_for_a_seed(tmp_path: Path) -> None:
    first, second = walked(tmp_path / "a"), walked(tmp_path / "b")
    steps = [[_masked(line) for line in bytes_sent(record) if "walk/tasks" in line] for record in (first, second)]
    assert len(steps[0]) > 100
    assert steps[0] == steps[1]
    hold_valid(tmp_path / "a" / "run.jsonl")
    held = [each for each in first.exchanges if each.case == "walk/tasks"]
    assert {each.request.headers["authorization"] for each in held} == {REDACTED}
    assert any(each.request.raw for each in held)


def _masked(line: str) -> str:
    """Leave out what a task or an artifact is called: its name follows from a key that is minted anew."""
    return re.sub(r"(task|art)[a-z]*_[0-9a-zA-Z_-]+", "…", line)
