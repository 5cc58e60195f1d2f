"""Somebody else's synchronous providers, known by target files alone: left alone when honest, found when they lie."""

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

from . import aicredits_lies, aivene_lies, fineapi_lies, openai_lies, perf_lies
from .aicreditshouse import AicreditsHouse
from .aivenehouse import AiveneHouse
from .fineapihouse import FineapiHouse
from .house import House, open_house
from .openaihouse import OpenaiHouse
from .perfhouse import PerfHouse

HOUSES: dict[str, type[House]] = {
    "aicredits": AicreditsHouse,
    "aivene": AiveneHouse,
    "fineapi": FineapiHouse,
    "openai": OpenaiHouse,
    "perf": PerfHouse,
}
#: What no house can lend, and what remains unjudged for want of it: a clock that moves, an exchange rate, an account
#: with so much money or such a budget, a new account, and a second rested key with a low limit.
NOT_LENT = {
    "aicredits": {"AIC-16"},
    "aivene": {"AIV-32"},
    "fineapi": set[str](),
    "openai": set[str](),
    "perf": set[str](),
}
#: Unjudged in part for want of the same.
IN_PART = {
    "aicredits": {"AIC-24", "AIC-26", "AIC-30"},
    "aivene": {"AIV-17", "AIV-22", "AIV-27", "AIV-28"},
    "fineapi": set[str](),
    "openai": {"OAI-07", "OAI-09"},
    "perf": {"PRF-18", "PRF-20", "PRF-21"},
}
DECIDE = {"D", "D†", "E", "R", "X"}


def target_file(profile: str) -> Path:
    return Path(__file__).with_name(f"{profile}.yaml")


def target_at(profile: str, base: str) -> Target:
    return load_target(target_file(profile), {"HOUSE": base})


def verified(profile: str, folder: Path, *options: str) -> tuple[int, list[dict[str, Any]]]:
    """Run the command of a user who has nothing but a target file; return exit code and record."""
    with open_house(HOUSES[profile]) as base:
        asked = ["verify", "--target", str(target_file(profile)), "--report-dir", str(folder), *options]
        environment = {**os.environ, "HOUSE": base}
        command = [sys.executable, "-m", "pixelproof", *asked]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert (folder / "run.jsonl").exists(), done.stderr
    return done.returncode, [json.loads(line) for line in (folder / "run.jsonl").read_text("utf-8").splitlines()]


def held_against(record: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    named = ("claim", "rule", "case", "wanted", "got")
    worse = {"fail", "warn", "error"}
    return [tuple(line[name] for name in named) for line in record if line.get("verdict") in worse and "rule" in line]


@pytest.fixture(scope="module", params=sorted(HOUSES))
def honest(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    profile = request.param
    code, record = verified(profile, tmp_path_factory.mktemp(profile))
    return profile, code, record


def test_an_honest_house_is_left_alone(honest: tuple[str, int, list[dict[str, Any]]]) -> None:
    _, code, record = honest
    assert held_against(record) == []
    assert (code, record[-1]["outcome"] in {"conformant", "partial"}) == (0, True)


def test_whatever_was_not_judged_names_what_would_supply_it(honest: tuple[str, int, list[dict[str, Any]]]) -> None:
    absent = [line for line in honest[2] if line.get("verdict") == "not-run"]
    assert {line["reason"] for line in absent} <= {"lever missing"}
    assert all(line["hint"] for line in absent)


def test_every_obligation_is_judged_but_for_levers_nobody_lends(honest: tuple[str, int, list[dict[str, Any]]]) -> None:
    profile, _, record = honest
    claims = record[-1]["claims"]
    decide = {
        claim.id
        for claim in loading.shipped(profile).claims.values()
        if claim.level.value in DECIDE and claim.kind.value == "obligation"
    }
    assert {name for name in decide if not claims.get(name, {"judged": 0})["judged"]} == NOT_LENT[profile]
    partly = {name for name in decide if 0 < claims.get(name, {"judged": 0})["judged"] < claims[name]["planned"]}
    assert partly == IN_PART[profile]


def test_an_honest_run_takes_seconds(honest: tuple[str, int, list[dict[str, Any]]]) -> None:
    assert honest[2][-1]["duration_s"] < 30  # from one to eleven on an idle machine


@pytest.mark.parametrize("profile", sorted(HOUSES))
@pytest.mark.parametrize("options", [("--tier", "smoke", "--seed", "3")], ids=["smoke"])
def test_it_is_left_alone_at_another_tier_and_seed(profile: str, options: tuple[str, ...], tmp_path: Path) -> None:
    code, record = verified(profile, tmp_path, *options)
    assert (code, held_against(record)) == (0, [])


def lies() -> Iterator[Any]:
    shelves = {
        "aicredits": aicredits_lies,
        "aivene": aivene_lies,
        "fineapi": fineapi_lies,
        "openai": openai_lies,
        "perf": perf_lies,
    }
    for profile, shelf in shelves.items():
        for name, lie in vars(shelf).items():
            if isinstance(lie, type) and issubclass(lie, HOUSES[profile]) and "claim" in vars(lie):
                yield pytest.param(profile, lie, id=f"{profile}-{name}")


def findings(run: Run) -> Iterator[CaseVerdict]:
    for case in run.plan.cases:
        yield from (line for line in run.prove(case) if line.verdict is Verdict.FAIL)


@pytest.mark.parametrize(("profile", "lie"), [*lies()])
def test_a_lie_is_found_by_the_claim_it_breaks(profile: str, lie: Any, tmp_path: Path) -> None:
    with open_house(lie) as base:
        options = VerifyOptions(target=target_at(profile, base), select=(lie.claim,), keep_images=False)
        with verifying.prepared(options, loading.shipped(profile), tmp_path) as run:
            found = next(findings(run), None)
    assert found is not None, lie.__doc__
    assert (found.claim, found.verdict) == (lie.claim, Verdict.FAIL)
    assert found.wanted
    assert found.curl
