"""Plans: fixed, small, complete, and made of cases that are wrong in one thing or in none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pixelproof import loading
from pixelproof.contract import Json, Level
from pixelproof.deviation import Tier
from pixelproof.matrix import Matrix
from pixelproof.planning.case import Case, Send
from pixelproof.rules import RULES
from pixelproof.strategies import Plan, PlanRequest, make_plan
from pixelproof.strategies.claims import JudgeLevel
from pixelproof.strategies.corpus import padded, prompt

#: Requests a tier may need; smoke is for every commit.
MOST = {Tier.SMOKE: 25, Tier.CORE: 150}
PROFILES = loading.profiles()


def plan(profile: str = "aivene", tier: Tier = Tier.CORE, **wanted: object) -> Plan:
    return make_plan(PlanRequest(contract=loading.shipped(profile), tier=tier, **wanted))


def ids(found: Plan) -> list[str]:
    return [case.id for case in found.cases]


def bodies(case: Case) -> Iterator[dict[str, Json]]:
    return (dict(step.body) for step in case.sends() if step.body is not None and step.operation == "generate")


def may_be_refused(case: Case) -> bool:
    """Two images of a model that may make one only (AIV-05), or what two pages dispute: either answer is right."""
    return case.capability == "readings" or any(check.args.get("or_refused") for check in case.checks)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("tier", MOST)
def test_a_tier_stays_within_its_requests(profile: str, tier: Tier) -> None:
    assert plan(profile, tier).requests <= MOST[tier]


@pytest.mark.parametrize("profile", PROFILES)
def test_smoke_is_part_of_core_and_core_part_of_full(profile: str) -> None:
    smoke, core, full = (set(ids(plan(profile, tier))) for tier in Tier)
    assert smoke < core
    assert {case for case in core if "," not in case} <= full  # full takes every combination in place of the pairs


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("tier", Tier)
def test_the_same_plan_comes_out_every_time(profile: str, tier: Tier) -> None:
    assert plan(profile, tier).cases == plan(profile, tier).cases


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("tier", Tier)
def test_ids_are_unique(profile: str, tier: Tier) -> None:
    assert len(set(ids(plan(profile, tier)))) == len(plan(profile, tier).cases)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("prices_hold", [True, False])
def test_every_deciding_obligation_is_planned_at_core(profile: str, prices_hold: bool) -> None:  # noqa: FBT001 - a row
    assert plan(profile, prices_hold=prices_hold).unplanned == ()


@pytest.mark.parametrize("profile", PROFILES)
def test_free_cases_come_first_and_then_the_cheapest(profile: str) -> None:
    prices = [case.price for case in plan(profile).cases]
    assert prices == sorted(prices)
    assert prices[0] == 0


@pytest.mark.parametrize("profile", PROFILES)
def test_every_check_has_its_rule_and_its_claim(profile: str) -> None:
    known = loading.shipped(profile).claims
    for case in plan(profile, Tier.FULL).cases:
        assert case.checks
        assert {check.rule for check in case.checks} <= set(RULES)
        assert set(case.claims()) <= set(known)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("tier", Tier)
def test_a_case_about_an_invalid_request_has_exactly_one_thing_wrong(profile: str, tier: Tier) -> None:
    matrix = Matrix(loading.shipped(profile))
    refusals = [case for case in plan(profile, tier).cases if case.id.startswith("refusals/")]
    bodied = [(case, body) for case in refusals for body in bodies(case)]
    assert bodied
    for case, body in bodied:
        wrong = {violation.parameter for violation in matrix.violations(body)}
        assert len(wrong) == 1, case.id


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("tier", Tier)
def test_a_case_about_a_valid_request_has_nothing_wrong(profile: str, tier: Tier) -> None:
    matrix = Matrix(loading.shipped(profile))
    for case in plan(profile, tier).cases:
        for step in case.sends():
            if step.positive and step.body is not None and not may_be_refused(case):
                assert matrix.violations(step.body) == (), case.id


@pytest.mark.parametrize("profile", PROFILES)
def test_outside_the_refusals_only_the_free_refusals_send_something_wrong(profile: str) -> None:
    matrix = Matrix(loading.shipped(profile))
    wrong = {
        case.id
        for case in plan(profile, Tier.FULL).cases
        if case.capability != "refusals" and not may_be_refused(case) and any(map(matrix.violations, bodies(case)))
    }
    # Refusals cost nothing, and carry the rate headers too.
    assert wrong <= {"money/refused-is-free", "limits/headers"}


@pytest.mark.parametrize("profile", PROFILES)
def test_disputed_values_never_stand_in_ordinary_cases(profile: str) -> None:
    contract = loading.shipped(profile)
    matrix = Matrix(contract)
    for case in plan(profile, Tier.FULL).cases:
        if case.capability != "readings":
            effective = [matrix.effective(body) for body in bodies(case)]
            assert not any(point.covers(values) for values in effective for point in contract.ambiguities), case.id


def test_each_disputed_request_is_asked_once() -> None:
    readings = [case for case in ids(plan()) if case.startswith("readings/")]
    assert sorted(readings) == [
        "readings/AIV-10/gpt-image-1/1024x1536",
        "readings/AIV-10/gpt-image-1/1536x1024",
        "readings/AIV-10/gpt-image-1/auto",
        "readings/AIV-12/gpt-image-1/standard",
    ]


def test_a_positive_step_knows_its_price_and_a_negative_one_its_risk() -> None:
    for case in plan().cases:
        for step in case.sends():
            if step.positive and step.operation == "generate":
                assert step.price == step.worst > 0
            if case.id.startswith("refusals/"):
                assert step.price == 0 < step.worst


def test_a_claim_can_be_selected() -> None:
    chosen = plan(select=("AIV-28",))
    assert chosen.cases
    assert {check.claim for case in chosen.cases for check in case.checks} == {"AIV-28"}


def test_a_rule_can_be_selected() -> None:
    chosen = plan(select=("url_dead",))
    assert [(case.id, [check.rule for check in case.checks]) for case in chosen.cases] == [
        ("urls/dall-e-3/life", ["url_dead"])
    ]


def test_a_glob_of_cases_can_be_selected() -> None:
    assert ids(plan(select=("money/dall-e-2/*",))) == [
        case for case in ids(plan()) if case.startswith("money/dall-e-2/")
    ]


def test_what_is_excluded_is_neither_sent_nor_judged() -> None:
    without = plan(exclude=("AIV-17", "image_count", "refusals/*"))
    assert not [case for case in ids(without) if case.startswith(("urls/", "refusals/"))]
    assert "image_count" not in {check.rule for case in without.cases for check in case.checks}


def test_excluding_wins_over_selecting() -> None:
    assert plan(select=("AIV-28",), exclude=("AIV-28",)).cases == ()


def test_at_the_level_of_the_page_other_pages_decide_nothing() -> None:
    contract = loading.shipped("aivene")
    page = plan(level=JudgeLevel.PAGE)
    elsewhere = {claim.id for claim in contract.claims.values() if claim.level is Level.E}
    judged = {claim for case in page.cases for claim in case.claims()}
    assert {"AIV-27", "AIV-28"} <= elsewhere
    assert not elsewhere & (judged | set(page.obligations))
    assert page.unplanned == ()


def test_assumptions_are_never_judged() -> None:
    for profile in PROFILES:
        claims = loading.shipped(profile).claims
        judged = {claim for case in plan(profile, Tier.FULL).cases for claim in case.claims()}
        assert not [claim for claim in judged if claims[claim].level is Level.A]


def openai_level(profile: str = "aivene") -> Plan:
    return plan(profile, level=JudgeLevel.OPENAI, reference=loading.shipped("openai"))


def test_the_level_openai_adds_what_the_profile_does_not_contradict() -> None:
    strict = openai_level()
    added = {claim for case in strict.cases if case.capability == "reference" for claim in case.claims()}
    contradicted = loading.shipped("aivene").contradicted
    assert {"OAI-05", "OAI-06"} <= added
    assert contradicted
    assert not added & contradicted
    assert set(ids(plan())) < set(ids(strict))


def test_cases_of_the_reference_are_judged_by_the_reference_and_ask_known_models_only() -> None:
    strict = openai_level()
    for case in strict.cases:
        of_reference = case.capability == "reference"
        assert strict.contract_of(case).profile == ("openai" if of_reference else "aivene")
        assert case.model is None or case.model in loading.shipped("aivene").models


def test_the_reference_adds_nothing_to_itself() -> None:
    assert ids(openai_level("openai")) == ids(plan("openai"))


def test_a_prompt_belongs_to_its_case_and_to_no_other() -> None:
    prompts = [body["prompt"] for case in plan().cases for body in bodies(case) if isinstance(body.get("prompt"), str)]
    assert prompt("images/a") == prompt("images/a")
    assert len(set(prompts)) > 0.95 * len(prompts)


@pytest.mark.parametrize("filler", ["", "é", "🌄"])
@pytest.mark.parametrize("length", [1000, 1001, 4000])
def test_a_padded_prompt_has_its_length_in_characters(length: int, filler: str) -> None:
    assert len(padded("images/a", length, filler)) == length


def test_a_stated_price_replaces_the_contract_s() -> None:
    dear = plan(prices={"dall-e-2": 1_000_000})
    step = next(step for case in dear.cases if case.id == "images/dall-e-2/minimal" for step in case.sends())
    assert isinstance(step, Send)
    assert step.price == 1_000_000
