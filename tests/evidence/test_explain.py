"""``pixelproof explain``: a claim, a rule or a case, from its source to the liars that prove it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pixelproof import loading
from pixelproof.deviation import Tier
from pixelproof.planning.case import KeyRole
from pixelproof.selfproof.explaining import example
from pixelproof.strategies import PlanRequest, make_plan

from .conftest import Said

Call = Callable[..., Said]


def test_a_claim_is_told_with_source_request_rules_liars_and_waiver(pixelproof: Call) -> None:
    said = pixelproof("explain", "aiv-28")
    assert said.code == 0
    for part in (
        "AIV-28  The balance is looked at before",
        "source    Aivene docs: Billing, How you are charged",
        "contract  specs/aivene/contract.yaml:",
        "curl -sS -X POST 'http://127.0.0.1:8765/v1/images/generations'",
        "charged                    A served request takes its price from the wallet, once.",
        "aivene-charged-twice",
        "{claim: AIV-28, case: '*', reason: …",
    ):
        assert part in said.out


def test_a_claim_is_printed_as_json(pixelproof: Call) -> None:
    found = pixelproof("explain", "AIV-28", "--json").json()
    assert (found["claim"], found["profile"], found["kind"]) == ("AIV-28", "aivene", "obligation")
    assert "charged" in found["rules"]
    assert "aivene-charged-twice" in found["liars"]
    assert {"case", "tier", "requests"} == set(found["cases"][0])
    assert found["example"].startswith("curl ")
    assert found["waiver"]["claim"] == "AIV-28"


def test_a_rule_says_what_it_judges_where(pixelproof: Call) -> None:
    said = pixelproof("explain", "charged")
    assert "A served request takes its price from the wallet, once." in said.out
    assert "judges at aivene: AIV-28" in said.out
    assert "AIV-28" in pixelproof("explain", "charged", "--json").json()["claims"]["aivene"]


def test_a_case_says_what_it_sends_and_what_judges_it(pixelproof: Call) -> None:
    said = pixelproof("explain", "money/wallet-moves")
    assert (said.code, "wallet_moves" in said.out, "steps" in said.out) == (0, True, True)


def test_a_case_of_several_contracts_is_told_of_each_or_of_one(pixelproof: Call) -> None:
    found = pixelproof("explain", "money/dall-e-2/one", "--json").json()
    assert {case["profile"] for case in found["cases"]} >= {"aicredits", "aivene"}
    found = pixelproof("explain", "money/dall-e-2/one", "--profile", "aivene", "--json").json()
    assert [(case["profile"], case["price"]["amount"]) for case in found["cases"]] == [("aivene", "0.020000")]


def test_a_claim_of_ones_own_contract_is_explained(pixelproof: Call, tmp_path: Path) -> None:
    source = loading.specs_folder() / "aivene"
    for name in ("contract.yaml", "claims.yaml"):
        (tmp_path / name).write_text((source / name).read_text("utf-8").replace("AIV-", "ACM-"), "utf-8")
    said = pixelproof("explain", "ACM-28", "--contract", tmp_path / "contract.yaml")
    assert (said.code, "ACM-28  The balance" in said.out, "charged " in said.out) == (0, True, True)
    assert pixelproof("explain", "AIV-28", "--contract", tmp_path / "contract.yaml").code == 2


@pytest.mark.parametrize(
    ("name", "told"),
    [("AIV-228", "did you mean"), ("chargd", "did you mean 'charged'?"), ("zzzz", "claims are like AIV-05")],
)
def test_what_nobody_knows_is_said_with_what_is_meant(pixelproof: Call, name: str, told: str) -> None:
    said = pixelproof("explain", name)
    assert (said.code, told in said.err) == (2, True)


@pytest.mark.parametrize("profile", loading.profiles())
def test_every_case_that_sends_something_has_an_example_without_files_of_a_record(profile: str) -> None:
    contract = loading.shipped(profile)
    for case in make_plan(PlanRequest(contract=contract, tier=Tier.FULL, prices_hold=True)).cases:
        told = example(contract, case)
        assert told.startswith(("curl ", "printf ", "{ printf ")), case.id
        assert "files/" not in told
        for role in {step.key.role for step in case.sends()[:1]} - {KeyRole.NONE, KeyRole.INVALID}:
            assert "$PIXELPROOF_KEY" in told, (case.id, role)


def test_a_claim_about_gateways_is_told_with_its_cases_rules_and_lying_gateways(pixelproof: Call) -> None:
    said = pixelproof("explain", "gwy-08", "-v")
    assert said.code == 0
    for part in (
        "GWY-08  One request of a caller costs at most one paid upstream generation",
        "contract  specs/gateway/claims.yaml:",
        "gate/faults/lost_response",
        "curl -sS -X POST 'http://127.0.0.1:8765/v1/images/generations'",
        "paid_once                  One request of a caller is paid for once upstream.",
        "pays-again-for-a-lost-answer",
        "{claim: GWY-08, case: '*', reason: …",
    ):
        assert part in said.out


@pytest.mark.parametrize("number", range(1, 13))
def test_every_claim_about_gateways_has_cases_rules_and_liars_to_tell_of(number: int, pixelproof: Call) -> None:
    found = pixelproof("explain", f"GWY-{number:02}", "--json").json()
    assert found["profile"] == "gateway"
    assert found["cases"]
    assert found["rules"]
    assert found["liars"]


def test_a_case_of_a_gateway_and_a_rule_that_judges_it_are_told(pixelproof: Call) -> None:
    found = pixelproof("explain", "gate/faults/hang", "--profile", "openai", "--json").json()
    assert [case["claims"] for case in found["cases"]] == [["GWY-07", "GWY-03", "GWY-08"]]
    assert "judges at gateway: GWY-07" in pixelproof("explain", "failure_told").out
