"""A load in every format: what it broke are findings, what it kept is green."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.evidence.conftest import Said

from pixelproof import edges
from pixelproof.contract import Json
from pixelproof.record.formats import FORMATS
from pixelproof.record.loadrecord import load_record
from pixelproof.record.recording import Record

Call = Callable[..., Said]
OFFENCE: Json = {
    "what": "charged more than its price, or twice",
    "claims": ["AIV-28"],
    "count": 46,
    "examples": ["payer-0: req_1, 55000 too much"],
}
FIGURES: Mapping[str, Json] = {
    "profile": "aivene",
    "seed": 0,
    "requests": 50,
    "seconds": 0.5,
    "throughput": 100.0,
    "p50_ms": 5.0,
    "p95_ms": 9.0,
    "p99_ms": 12.0,
    "errors": 0,
    "currency": "USD",
    "reconciliation": {"exact": True, "difference": 0, "by": "entries", "offences": []},
    "missed": [],
    "exit_code": 0,
}


def load(**changes: Json) -> Record:
    return load_record(Path("load.json"), {**FIGURES, **changes})


def test_an_exact_load_within_its_thresholds_is_conformant() -> None:
    text = edges.renderer("terminal").render(load())
    assert "2 claims kept" in text
    assert "50 requests" in text.splitlines()[-1]
    assert text.splitlines()[-1].endswith("conformant")
    assert "100.0 requests a second, p50 5.0 ms" in text


def test_an_offence_is_a_finding_on_its_claim_with_its_count_and_examples() -> None:
    money: Json = {"exact": False, "difference": 46, "by": "entries", "offences": [OFFENCE]}
    found = json.loads(edges.renderer("json").render(load(reconciliation=money, exit_code=1)))
    assert found["outcome"] == "findings"
    got = {cause["claims"][0]: cause["cases"][0]["got"] for cause in found["causes"]}
    assert got["AIV-28"] == "46 times: charged more than its price, or twice: payer-0: req_1, 55000 too much"
    assert got["load-money"] == "46 units off, by entries"


def test_a_missed_threshold_is_a_finding() -> None:
    text = edges.renderer("junit").render(load(missed=["p95 is 9.0 ms, more than 5 ms"], exit_code=1))
    assert "p95 is 9.0 ms, more than 5 ms" in text
    assert 'failures="1"' in text


def test_money_that_nobody_could_read_is_not_run_and_no_pass() -> None:
    money: Json = {"exact": None, "difference": 0, "by": "nothing", "offences": []}
    text = edges.renderer("terminal").render(load(reconciliation=money, exit_code=5))
    assert "neither a ledger nor a wallet could be read" in text
    assert text.splitlines()[-1].endswith("inconclusive")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_shows_a_load(name: str) -> None:
    money: Json = {"exact": False, "difference": 46, "by": "entries", "offences": [OFFENCE]}
    assert edges.renderer(name).render(load(reconciliation=money, exit_code=1))


def test_the_folder_of_a_load_can_be_reported_later(pixelproof: Call, tmp_path: Path) -> None:
    (tmp_path / "load.json").write_text(json.dumps(FIGURES), "utf-8")
    assert "conformant" in pixelproof("report", tmp_path).out
    (tmp_path / "load.json").write_text("[]", "utf-8")
    assert pixelproof("report", tmp_path).code == 2


def test_a_load_writes_the_reports_that_were_asked_for(pixelproof: Call, tmp_path: Path) -> None:
    formats: list[Any] = ["--format", "junit", "--format", "markdown"]
    said = pixelproof("load", "--profile", "aivene", "--requests", 20, "--report-dir", tmp_path, *formats)
    assert said.code == 0, said.err
    assert (tmp_path / "junit.xml").read_text("utf-8").count("<testcase ") == 2
    assert "conformant" in (tmp_path / "summary.md").read_text("utf-8")
