"""Before it spends elsewhere a run must be told how much: in money, or in images where no price is documented."""

from __future__ import annotations

import pytest

from pixelproof import loading
from pixelproof.deviation import Tier
from pixelproof.problems import BadUsage
from pixelproof.running.allowance import allowance, images, undocumented
from pixelproof.strategies import Plan, PlanRequest, make_plan
from pixelproof.targets.file import Target

ELSEWHERE = Target(base_url="https://vendor.example/v1", keys={"default": "k"})
HERE = Target(base_url="http://127.0.0.1:9/v1")


def plan(profile: str) -> Plan:
    return make_plan(PlanRequest(contract=loading.shipped(profile), tier=Tier.SMOKE))


def refusal(profile: str, target: Target = ELSEWHERE, cap: str | None = None) -> str:
    with pytest.raises(BadUsage) as caught:
        allowance(plan(profile), target, cap, None)
    return str(caught.value)


@pytest.mark.parametrize("profile", loading.profiles())
def test_on_this_machine_nothing_has_to_be_said(profile: str) -> None:
    assert allowance(plan(profile), HERE, None, None).cap is None


@pytest.mark.parametrize("profile", loading.profiles())
def test_elsewhere_nothing_starts_without_a_cap_and_the_plans_total_is_told(profile: str) -> None:
    contract = loading.shipped(profile)
    assert f"the plan costs about {contract.billing.currency.show(plan(profile).price)}" in refusal(profile)


@pytest.mark.parametrize("profile", ["fineapi", "openai", "aivene"])
def test_a_cap_in_money_is_not_enough_where_no_price_is_documented(profile: str) -> None:
    said = refusal(profile, cap="1.00 USD")
    assert "no price is documented for" in said
    assert f"--max-images {images(plan(profile))}" in said
    assert allowance(plan(profile), ELSEWHERE, "1.00 USD", 5).most_images == 5


def test_stated_prices_are_as_good_as_documented_ones() -> None:
    models = undocumented(plan("aivene"), frozenset())
    stated = Target(base_url=ELSEWHERE.base_url, keys={"default": "k"}, prices=dict.fromkeys(models, "0.04 USD"))
    assert allowance(plan("aivene"), stated, "1.00 USD", None).cap == 1_000_000


@pytest.mark.parametrize(("profile", "cap"), [("perf", "1.00 USD"), ("stratizon", "500"), ("aicredits", "20 INR")])
def test_a_cap_in_money_is_enough_where_prices_are_documented(profile: str, cap: str) -> None:
    assert allowance(plan(profile), ELSEWHERE, cap, None).cap


def test_a_cap_of_nothing_is_safe_where_every_price_is_more() -> None:
    assert allowance(plan("aivene"), ELSEWHERE, "0 USD", None).cap == 0
    assert "no price is documented" in refusal("fineapi", cap="0 USD"), "nothing is known to be more than nothing"


def test_the_flag_goes_before_the_target_file() -> None:
    target = Target(base_url=ELSEWHERE.base_url, max_cost="9.00 USD")
    assert allowance(plan("perf"), target, None, None).cap == 9_000_000
    assert allowance(plan("perf"), target, "0.10 USD", None).cap == 100_000


def test_another_currency_is_refused_where_it_stands() -> None:
    wrong = Target(base_url=ELSEWHERE.base_url, max_cost="9.00 EUR")
    assert "max_cost of the target file is in EUR, the contract in USD" in refusal("perf", wrong)
    assert "--max-cost is in EUR" in refusal("perf", cap="9 EUR")
    assert "one run counts one currency" in refusal("perf", cap="9 EUR")
