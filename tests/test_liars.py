"""The shelf of liars as a catalogue: complete, consistent, and each of them really different."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

import pytest

from pixelproof import edges, loading
from pixelproof.contract import Kind, Level
from pixelproof.deviation import Deviation, Nature, Tier
from pixelproof.selfproof.selftest import bench
from pixelproof.settings import MockSettings
from pixelproof.strategies import PlanRequest, make_plan
from pixelproof.verdict import Verdict

#: Profiles whose liars stand on the shelf today; a profile without any liar has none to compare.
PROFILES = sorted({deviation.profile for deviation in edges.deviations()})
DECIDING = frozenset({Level.D, Level.D_DAGGER, Level.E, Level.R, Level.X})


def liars() -> list[Deviation]:
    return [deviation for deviation in edges.deviations() if deviation.nature is Nature.LIAR]


def variations() -> list[Deviation]:
    return [deviation for deviation in edges.deviations() if deviation.nature is Nature.VARIATION]


def obligations() -> list[tuple[str, str]]:
    return [
        (profile, claim.id)
        for profile in PROFILES
        for claim in loading.shipped(profile).claims.values()
        if claim.kind is Kind.OBLIGATION and claim.level in DECIDING
    ]


@cache
def planned(profile: str, tier: Tier) -> frozenset[str]:
    plan = make_plan(PlanRequest(contract=loading.shipped(profile), tier=tier, prices_hold=True))
    return frozenset(claim for case in plan.cases for claim in case.claims())


def seams(profile: str, name: str | None) -> Any:
    contract = loading.shipped(profile)
    honest = import_module("pixelproof.mock_server.steps.honest").honest(contract)
    applied = import_module("pixelproof.mock_server.liars").applied(name, [contract], {profile: honest})
    return honest, applied[profile]


def test_there_are_liars_for_the_first_two_profiles() -> None:
    assert {"aivene", "openai"} <= set(PROFILES)


@pytest.mark.parametrize(("profile", "claim"), obligations())
def test_every_obligation_has_a_liar_that_breaks_it(profile: str, claim: str) -> None:
    assert [liar.name for liar in liars() if (liar.profile, liar.claim) == (profile, claim)]


def test_no_two_deviations_have_one_name() -> None:
    names = [deviation.name for deviation in edges.deviations()]
    assert len(names) == len(set(names))


def test_a_second_deviation_of_one_name_is_an_error() -> None:
    declare = import_module("pixelproof.mock_server.liars").liar
    taken = liars()[0]
    with pytest.raises(ValueError, match=taken.name):
        declare(taken.name, claim=taken.claim, family=taken.family, intent="twice")(lambda honest: honest)


@pytest.mark.parametrize("deviation", edges.deviations(), ids=lambda deviation: deviation.name)
def test_a_deviation_says_in_one_line_what_it_does_and_where(deviation: Deviation) -> None:
    assert deviation.name.startswith(f"{deviation.profile}-")
    assert deviation.claim in loading.shipped(deviation.profile).claims
    assert deviation.family
    assert deviation.intent == " ".join(deviation.intent.split())
    assert 0 < len(deviation.intent) <= 80
    assert not deviation.intent.endswith(".")


@pytest.mark.parametrize("deviation", edges.deviations(), ids=lambda deviation: deviation.name)
def test_a_deviation_changes_at_least_one_step(deviation: Deviation) -> None:
    honest, deviating = seams(deviation.profile, deviation.name)
    assert deviating != honest


@pytest.mark.parametrize("liar", liars(), ids=lambda liar: liar.name)
def test_a_liar_breaks_an_obligation_that_its_tier_judges(liar: Deviation) -> None:
    assert (liar.profile, liar.claim) in obligations()
    assert liar.claim in planned(liar.profile, liar.tier)


def test_nine_liars_in_ten_are_found_by_core_or_sooner() -> None:
    assert sum(liar.tier is not Tier.FULL for liar in liars()) >= 0.9 * len(liars())


@pytest.mark.parametrize("profile", PROFILES)
def test_no_two_liars_of_a_profile_tell_the_same_lie_about_the_same_claim(profile: str) -> None:
    told = [(liar.claim, liar.intent) for liar in liars() if liar.profile == profile]
    assert len(told) == len(set(told))


@pytest.mark.parametrize("profile", PROFILES)
def test_honest_servers_come_in_many_variations(profile: str) -> None:
    assert sum(variation.profile == profile for variation in variations()) >= 10


def test_without_a_name_every_server_is_honest() -> None:
    honest, untouched = seams(liars()[0].profile, None)
    assert untouched == honest


@pytest.mark.parametrize("name", ["stratizon-images-at-once", "stratizon-no-task-id", "stratizon-hd-refused"])
def test_a_server_that_creates_no_task_is_found_and_never_an_error_of_ours(name: str) -> None:
    run = bench("stratizon", MockSettings(liar=name), tier=Tier.CORE)
    verdicts = [line.verdict for case in run.plan.cases for line in run.prove(case)]
    assert Verdict.FAIL in verdicts
    assert Verdict.ERROR not in verdicts
