"""Coverage is computed, and says what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pixelproof import edges, loading
from pixelproof.deviation import Nature
from pixelproof.gate.coverage import gateway_coverage
from pixelproof.selfproof.coverage import Carried, Proof, coverage
from pixelproof.selfproof.proving import answered

from .test_cli import Said, pixelproof  # noqa: F401 - a fixture

WHOLE = Carried(
    claim="AIV-28",
    profile="aivene",
    level="E",
    kind="obligation",
    contract="specs/aivene/contract.yaml:1",
    mock=("charge",),
    rules=("charged",),
    liars=("aivene-charged-twice",),
    variations=(),
    statement="",
)
DOCUMENTED = ("claim", "profile", "level", "kind", "contract", "mock", "rules", "liars", "variations")


def everything(but: str = "") -> Proof:
    """What runs show when all goes well, except for one deviation."""
    known = [item for item in edges.deviations() if item.name != but]
    return Proof(
        killed=frozenset(item.name for item in known if item.nature is Nature.LIAR),
        clean=frozenset(item.name for item in known if item.nature is Nature.VARIATION),
        answered={},
    )


def row(claim: str, proof: Proof | None = None) -> Carried:
    return next(found for found in coverage(("aivene",), proof) if found.claim == claim)


@pytest.mark.parametrize(
    ("without", "gap"),
    [
        ({}, ""),
        ({"contract": None}, "no contract entry"),
        ({"mock": ()}, "no mock step"),
        ({"rules": ()}, "no rule"),
        ({"liars": ()}, "no liar"),
        ({"rules": (), "liars": ()}, "no rule, no liar"),
        ({"kind": "permission"}, "no variation"),
        ({"kind": "permission", "variations": ("x",), "rules": (), "contract": None}, ""),
        ({"kind": "note", "rules": ()}, ""),
        ({"level": "A", "rules": ()}, ""),
    ],
)
def test_what_is_missing_is_said(without: dict[str, object], gap: str) -> None:
    assert replace(WHOLE, **without).gap == gap  # type: ignore[arg-type]  # rows of the table


def test_a_contract_entry_is_the_line_that_names_the_claim() -> None:
    for found in coverage(("perf",)):
        if found.contract is not None:
            file, _, line = found.contract.rpartition(":")
            path = loading.specs_folder() / Path(file).relative_to("specs")
            assert found.claim in path.read_text("utf-8").splitlines()[int(line) - 1]


def test_a_claim_that_no_entry_of_the_contract_names_has_none() -> None:
    assert next(found for found in coverage(("perf",)) if found.claim == "PRF-23").contract is None


def test_mock_steps_are_those_that_deviations_replace() -> None:
    own = [item for item in edges.deviations() if item.claim == "AIV-24"]
    assert row("AIV-24").mock == tuple(sorted({step for item in own for step in item.steps}))


def test_with_a_proof_the_steps_that_answered_count_as_well() -> None:
    proof = replace(everything(), answered={"AIV-24": frozenset({"limit_requests_of_a_kind"})})
    assert "limit_requests_of_a_kind" in row("AIV-24", proof).mock


def test_the_honest_mock_answers_a_missing_key_where_it_reads_keys() -> None:
    assert "authenticate" in answered("aivene")["AIV-21"]


def test_a_liar_that_nothing_found_does_not_count() -> None:
    name = row("AIV-33").liars[0]
    assert name in row("AIV-33", everything()).liars
    assert name not in row("AIV-33", everything(but=name)).liars


def test_a_permission_whose_variation_is_held_against_it_is_a_gap() -> None:
    claim = row("AIV-31")
    assert claim.variations
    assert row("AIV-31", replace(everything(), clean=frozenset())).gap == "no variation"


@pytest.mark.parametrize("profile", loading.profiles())
def test_nothing_is_missing_in_a_shipped_profile(profile: str) -> None:
    assert [(found.claim, found.gap) for found in coverage((profile,)) if found.gap] == []


def test_the_rows_of_one_profile_have_the_documented_keys(pixelproof: Callable[..., Said]) -> None:  # noqa: F811
    said = pixelproof("coverage", "--profile", "fineapi", "--json")
    rows = json.loads(said.out)
    assert said.code == 0
    assert {found["profile"] for found in rows} == {"fineapi"}
    assert tuple(rows[0])[: len(DOCUMENTED)] == DOCUMENTED


def test_without_gaps_only_the_totals_are_left(pixelproof: Callable[..., Said]) -> None:  # noqa: F811
    said = pixelproof("coverage", "--gaps")
    assert (said.code, said.out.strip().count("\n")) == (0, 0)
    assert "0 gaps" in said.out


@pytest.mark.parametrize("columns", [80, 120])
def test_the_table_fits_the_terminal(
    columns: int,
    pixelproof: Callable[..., Said],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    said = pixelproof("coverage")
    assert max(map(len, said.out.splitlines())) <= columns
    assert ("limit_requests" in said.out) is (columns == 120)


def test_a_profile_that_is_not_there_is_a_usage_error(pixelproof: Callable[..., Said]) -> None:  # noqa: F811
    said = pixelproof("coverage", "--profile", "aiven")
    assert said.code == 2
    assert "aivene" in said.err


def test_claims_about_gateways_are_covered_by_rules_and_lying_gateways_without_steps_of_the_mock() -> None:
    rows = gateway_coverage()
    assert [found.claim for found in rows] == [f"GWY-{number:02}" for number in range(1, 13)]
    assert [found.gap for found in rows if found.gap] == []
    assert all(found.mock == () and found.liars and found.rules for found in rows)
    file, _, line = str(rows[0].contract).rpartition(":")
    assert "GWY-01" in (loading.specs_folder().parent / file).read_text("utf-8").splitlines()[int(line) - 1]
