"""What an honest server may do otherwise, learned from providers that are not ours: none of it is a finding."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from pixelproof import loading
from pixelproof.client import Answer
from pixelproof.deviation import Tier
from pixelproof.exchange import Exchange
from pixelproof.levers import Levers
from pixelproof.money import Currency, MoneyError, Units
from pixelproof.planning.case import Advance, Case, Check, Key, KeyRole, ReadBalance, Send, Together
from pixelproof.problems import BadUsage
from pixelproof.rules import judge
from pixelproof.strategies import PlanRequest, make_plan
from pixelproof.targets.file import BalanceLever, Target
from pixelproof.targets.missing import MissingLever
from pixelproof.verdict import Reason, Verdict

from .builders import (
    BASE,
    ScriptedWire,
    case_of,
    error,
    error_answer,
    evidence,
    exchange,
    ok_answer,
    picture,
    success,
    verdict_of,
    wallet,
)
from .test_conductor import Stage, send

PASS, FAIL, NOT_RUN, MOOT = Verdict.PASS, Verdict.FAIL, Verdict.NOT_RUN, Verdict.NOT_APPLICABLE
CENT = 10_000
LIMITED = Key(role=KeyRole.LIMITED, limit_per_minute=2)
KEYS = {"default": "sk-default", "limited": "sk-limited"}


def planned(profile: str, tier: Tier = Tier.FULL, **more: Any) -> dict[str, Case]:
    plan = make_plan(PlanRequest(contract=loading.shipped(profile), tier=tier, **more))
    return {case.id: case for case in plan.cases}


# statuses and types that no document fixes


def test_a_model_that_does_not_exist_may_be_404_where_no_row_is_about_it() -> None:
    asked = {"row": "unknown_model", "not_found_is_refusal": True}
    assert verdict_of("error_row", error(404, type="not_found"), **asked) is MOOT
    assert verdict_of("error_row", error(403), **asked) is FAIL
    assert verdict_of("error_row", error(404), row="invalid_request") is FAIL


def test_a_model_that_does_not_exist_has_the_status_of_its_row_where_there_is_one() -> None:
    asked = {"row": "unknown_model", "not_found_is_refusal": True}
    assert verdict_of("error_row", error(404), profile="aicredits", **asked) is FAIL


def test_a_model_that_is_no_text_is_as_disputed_as_one_that_does_not_exist() -> None:
    assert "refusals/model-of-wrong-type" not in planned("aicredits")
    assert "refusals/model-of-wrong-type" in planned("aivene")


def test_an_instant_that_is_a_number_may_have_a_fraction() -> None:
    said = exchange(said={"created": 1_795_000_000.25, "data": []})
    assert verdict_of("response_field", said, profile="perf", field="created") is PASS
    assert verdict_of("response_field", said, profile="aivene", field="created") is FAIL


def test_nobody_has_to_take_a_quality_that_the_model_does_not_have() -> None:
    assert {name for name in planned("perf") if name.endswith("quality-omitted")} == {"money/dall-e-3/quality-omitted"}


# wallets


def credits_of(*amounts: str) -> list[Answer]:
    return [Answer(status=200, body=f'{{"left": {amount}}}'.encode()) for amount in amounts]


def lever(**more: Any) -> BalanceLever:
    return BalanceLever(**{"method": "GET", "path": "/credits", "pointer": "/left", **more})


def read(amount: str, **more: Any) -> tuple[int, int]:
    """What a wallet reads as, and how exactly."""
    stage = Stage(*credits_of(amount), balance=lever(**more))
    (found,) = stage.conduct(case_of(ReadBalance(name="before")))
    value = found.facts["balance"]
    assert isinstance(value, int)
    return value, stage.conductor.levers.wallet.resolution


@pytest.mark.parametrize(
    ("amount", "resolution"), [("1.25", 0), ("1.250001", 0), ("1.2500004", 1), ('"1.2500004"', 1), ("7", 0)]
)
def test_a_wallet_finer_than_the_smallest_unit_is_judged_with_one_unit_of_patience(
    amount: str, resolution: int
) -> None:
    assert read(amount)[1] == resolution


def test_a_stated_resolution_is_kept_when_the_wallet_is_finer_still() -> None:
    assert read("1.2500004", resolution="0.01") == (1_250_000, CENT)


@pytest.mark.parametrize(("unit", "shown"), [("", "1.25"), ("usd", "1.25"), ("0.01 USD", "125"), ("0.001 USD", "1250")])
def test_a_wallet_may_count_cents_or_mills(unit: str, shown: str) -> None:
    assert read(shown, unit=unit) == (1_250_000, 0)


@pytest.mark.parametrize("unit", ["cents", "0.01 EUR", "x USD"])
def test_a_unit_that_nobody_can_convert_is_no_finding_but_a_slip_of_usage(unit: str) -> None:
    with pytest.raises(BadUsage, match="balance"):
        Stage(balance=lever(unit=unit))


def test_amounts_are_rounded_once_and_it_is_told() -> None:
    rupees = Currency(code="INR", scale=2)
    assert rupees.rounded("3.3683") == (Units(337), True)
    assert rupees.rounded(336.5, rupees.worth("0.01 INR")) == (Units(337), True)
    with pytest.raises(MoneyError):
        rupees.worth("paise")


def test_what_earlier_requests_cost_shows_before_the_first_look() -> None:
    stage = Stage(ok_answer(), *credits_of("1.0"), balance=lever(settle_s=30.0))
    stage.conduct(case_of(send(), ReadBalance(name="before")))
    assert stage.waits == [pytest.approx(30.0, abs=1.0)]


def test_nobody_waits_for_a_charge_that_was_never_made() -> None:
    stage = Stage(*credits_of("1.0"), balance=lever(settle_s=30.0))
    stage.conduct(case_of(ReadBalance(name="before")))
    assert stage.waits == []


def spending(first: int, second: int) -> tuple[Exchange, ...]:
    """Two requests and what each of them took."""
    start = 100_000_000
    return (
        wallet("before", start),
        success("cheaper"),
        wallet("between", start - first),
        success("dearer"),
        wallet("after", start - first - second),
    )


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (2 * CENT, 2 * CENT, NOT_RUN),  # 0.016 and 0.020 in whole cents
        (2 * CENT, 1 * CENT, NOT_RUN),
        (2 * CENT, 4 * CENT, PASS),
        (4 * CENT, 2 * CENT, FAIL),
        (90 * CENT, 90 * CENT, NOT_RUN),
        (900 * CENT, 900 * CENT, FAIL),
        (900 * CENT, 901 * CENT, FAIL),  # far from the edge of what it shows, and as good as equal
    ],
)
def test_a_coarse_wallet_tells_two_prices_apart_or_nothing(first: int, second: int, verdict: Verdict) -> None:
    assert verdict_of("cheaper", *spending(first, second), says="so", resolution=CENT) is verdict


def test_about_twice_allows_for_what_a_coarse_wallet_hides() -> None:
    assert verdict_of("cheaper", *spending(2 * CENT, 6 * CENT), says="so", times=2, resolution=CENT) is PASS
    assert verdict_of("cheaper", *spending(2 * CENT, 6 * CENT), says="so", times=2) is FAIL


def test_a_charge_that_a_coarse_wallet_cannot_show_is_not_missed() -> None:
    looks = (wallet("before", CENT), success(), wallet("after", CENT))
    assert verdict_of("charged", *looks, price=None, resolution=CENT) is NOT_RUN
    assert verdict_of("charged", *looks, price=None, resolution=1) is FAIL


def test_a_disputed_price_is_seen_through_a_coarse_wallet() -> None:
    looks = (wallet("before", 500_000), success(), wallet("after", 500_000 - 12 * CENT - 4))
    how = {"profile": "perf", "claim": "PRF-24", "table": 80_000}
    assert verdict_of("price_of_either", *looks, resolution=CENT, **how) is Verdict.AMBIGUOUS
    assert verdict_of("price_of_either", *looks, **how) is FAIL


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ("90.0", "86.6", PASS),  # tenths of a rupee
        ("90.0", "86.4", FAIL),
        (90, 87, FAIL),  # a count of something: it hides nothing
        ("90.00", "86.63", PASS),
    ],
)
def test_the_wallet_s_page_may_be_coarser_than_the_wallet(first: Any, second: Any, verdict: Verdict) -> None:
    looks = (
        wallet("before", 9_000),
        exchange("first", said={"left": first}),
        success(),
        wallet("after", 9_000 - 337),
        exchange("second", said={"left": second}),
    )
    assert verdict_of("wallet_moves", *looks, profile="aicredits") is verdict


def test_a_stated_price_speaks_of_the_model_s_defaults_only() -> None:
    cases = planned("aivene", prices={"dall-e-3": Units(51_000)})

    def price(name: str) -> object:
        return next(check.args["price"] for check in cases[name].checks if check.rule == "charged")

    assert price("money/dall-e-3/one") == 51_000
    hd = [name for name in cases if name.startswith("money/dall-e-3/") and "hd" in name]
    assert hd
    assert {price(name) for name in hd} == {None}


# limits


def pressed(*seconds: int) -> tuple[Exchange, ...]:
    """Three served requests, so many seconds after a full minute."""
    names = ("first", "second", "over")
    times = [f"Sat, 21 Nov 2026 14:{second // 60:02}:{second % 60:02} GMT" for second in seconds]
    return tuple(success(name, headers={"date": time}) for name, time in zip(names, times, strict=True))


def walked(exchanges: tuple[Exchange, ...], *, real_time: bool) -> Verdict:
    found = replace(evidence(*exchanges), real_time=real_time)
    args = {"within": ["first", "second"], "over": "over", "limit": 2}
    return judge(found, Check(rule="limit_enforced", claim="AIV-24", args=args)).verdict


def test_a_minute_of_the_clock_may_end_within_a_burst() -> None:
    assert walked(pressed(58, 59, 60), real_time=True) is NOT_RUN
    assert walked(pressed(57, 58, 59), real_time=True) is FAIL
    assert walked(pressed(58, 59, 60), real_time=False) is FAIL


def test_without_a_date_our_own_clock_tells_whether_a_minute_ended() -> None:
    at = [datetime(2026, 11, 21, 14, 0, second, tzinfo=UTC).isoformat() for second in (1, 2, 3)]
    same = tuple(success(name, at=time) for name, time in zip(("first", "second", "over"), at, strict=True))
    assert walked(same, real_time=True) is FAIL


def pressing(name: str) -> Case:
    return case_of(send(name, key=LIMITED), case_id=f"limits/{name}")


def test_one_case_uses_a_minute_of_the_limited_key_up_and_the_next_one_says_so() -> None:
    stage = Stage(ok_answer(), keys=KEYS)
    stage.conduct(pressing("one"))
    refused = stage.refusal(pressing("two"))
    assert (refused.reason, refused.hint) == (Reason.LEVER, "--select 'limits/two' runs it alone")
    assert len(stage.wire.sent) == 1


def test_a_case_that_cannot_run_does_not_tire_the_limited_key() -> None:
    stage = Stage(ok_answer(), keys=KEYS)
    needs_more = case_of(send("one", key=LIMITED), send("two", provoke="server_error"))
    stage.refusal(needs_more)
    assert len(stage.conduct(pressing("three"))) == 1


def test_a_limited_key_is_of_the_lowest_tier_and_of_no_other() -> None:
    known = Target(base_url=BASE, keys=KEYS)
    levers = Levers(loading.shipped("perf"), known, ScriptedWire([]), None)
    assert levers.keys.grant(Key(role=KeyRole.LIMITED, tier="free")).key == "sk-limited"
    with pytest.raises(MissingLever, match="tier 'pro'"):
        levers.keys.grant(Key(role=KeyRole.LIMITED, tier="pro"))


@pytest.mark.parametrize(
    ("limits", "within"), [({}, 2), ({"requests_per_minute": 5}, 5), ({"requests_per_minute": 1}, 1)]
)
def test_the_limited_key_is_asked_as_often_as_its_owner_says(limits: dict[str, int], within: int) -> None:
    walk = planned("aivene", limits=limits)["limits/requests-per-minute"]
    (check,) = (check for check in walk.checks if check.rule == "limit_enforced")
    assert check.args["within"] == [step.name for step in walk.sends()][:within]
    assert [step.name for step in walk.sends()][within:] == ["over", "after"]


def test_what_the_headers_leave_is_judged_without_a_clock() -> None:
    walk = planned("aicredits")["limits/requests-per-minute"]
    assert [check.args["used"] for check in walk.checks if check.rule == "limit_shown"] == [1, 2]


def test_the_walk_to_the_end_of_a_minute_needs_no_clock() -> None:
    cases = planned("perf")
    assert not any(isinstance(step, Advance) for step in cases["limits/images-per-minute"].steps)
    assert any(isinstance(step, Advance) for step in cases["limits/images-per-minute-next"].steps)


def test_that_urls_work_at_all_needs_no_clock() -> None:
    checks = planned("perf")["images/dall-e-2/minimal"].checks
    assert "PRF-18" in {check.claim for check in checks if check.rule == "url_reachable"}


# bad luck, and no time


PACED = exchange(status=429, said={"error": {"type": "rate_limit_error", "message": "slower"}})


@pytest.mark.parametrize(
    ("rule", "args"),
    [
        ("error_row", {"row": "content_policy"}),
        ("error_reached", {"row": "unauthorized"}),
        ("served_or_refused", {"claim": "AIV-10"}),
    ],
)
def test_a_429_where_another_error_was_due_says_nothing_of_that_error(rule: str, args: dict[str, Any]) -> None:
    assert verdict_of(rule, PACED, **args) is NOT_RUN
    assert verdict_of(rule, error(403), **args) is FAIL


def test_a_disputed_status_is_not_settled_by_a_429() -> None:
    assert verdict_of("status_of_either", PACED, profile="aicredits", claim="AIC-28") is NOT_RUN


def test_where_429_is_documented_for_an_empty_wallet_it_is_judged() -> None:
    said = error(429, type="insufficient_quota", code="rate_limit_exceeded", param=None)
    assert verdict_of("error_row", said, profile="openai", row="insufficient_funds") is FAIL


@pytest.mark.parametrize(("left", "verdict"), [("0", NOT_RUN), ("7", FAIL), ("", FAIL)])
def test_a_minute_that_is_used_up_says_nothing_of_what_may_be_in_flight(left: str, verdict: Verdict) -> None:
    turned = [exchange(f"slow-{n}", 429, headers={"x-ratelimit-remaining": left}) for n in range(2)]
    served = [success(f"slow-{n}") for n in range(2, 6)]
    steps = [f"slow-{n}" for n in range(6)]
    args = {"profile": "aicredits", "steps": steps, "limit": 5}
    assert verdict_of("at_most_in_flight", *turned, *served, **args) is verdict


def refusal(**more: Any) -> Send:
    return send(positive=False, **more)


def test_a_breakdown_that_does_not_repeat_is_not_held_against_a_refusal() -> None:
    stage = Stage(error_answer(503), error_answer(400))
    assert [found.status for found in stage.conduct(case_of(refusal()))] == [503, 400]


def test_a_breakdown_that_repeats_is_judged() -> None:
    stage = Stage(error_answer(503), error_answer(503))
    assert [found.status for found in stage.conduct(case_of(refusal()))] == [503, 503]


def test_two_breakdowns_of_two_kinds_are_bad_luck() -> None:
    assert Stage(error_answer(503), error_answer(500)).refusal(case_of(refusal())).reason is Reason.UNLUCKY


def test_a_breakdown_that_was_provoked_is_not_repeated() -> None:
    stage = Stage(error_answer(503), prompts={"unavailable": "away"})
    assert len(stage.conduct(case_of(refusal(provoke="unavailable")))) == 1


def test_a_breakdown_on_the_way_to_a_limit_ends_the_walk() -> None:
    stage = Stage(error_answer(503), keys=KEYS)
    within, over = refusal(key=LIMITED, price=Units(1), worst=Units(1)), refusal(name="over", key=LIMITED)
    refused = stage.refusal(case_of(within, over))
    assert (refused.reason, len(stage.wire.sent)) == (Reason.UNLUCKY, 1)


def test_a_burst_with_a_breakdown_in_it_is_sent_once_more() -> None:
    stage = Stage(ok_answer(), error_answer(503), ok_answer(), ok_answer(), prompts={"latency": "slowly"})
    burst = Together(
        name="together", sends=(refusal(name="a", provoke="latency"), refusal(name="b", provoke="latency"))
    )
    assert [found.status for found in stage.conduct(case_of(burst))][2:] == [200, 200]


def test_an_empty_wallet_that_is_told_by_a_429_is_not_waited_out() -> None:
    stage = Stage(error_answer(429), keys={**KEYS, "broke": "sk-broke"})
    (found,) = stage.conduct(case_of(refusal(key=Key(role=KeyRole.BROKE))))
    assert (found.status, stage.waits) == (429, [])


def test_a_key_without_credit_is_hardly_turned_away_for_its_pace() -> None:
    paced = replace(PACED, step="main")
    for role, verdict in ((KeyRole.BROKE, FAIL), (KeyRole.DEFAULT, NOT_RUN)):
        case = case_of(refusal(key=Key(role=role)))
        found = replace(evidence(paced), case=case)
        check = Check(rule="error_row", claim="AIV-22", args={"row": "insufficient_funds"})
        assert judge(found, check).verdict is verdict


def test_a_limit_that_is_told_by_a_503_is_judged_to_its_end() -> None:
    stage = Stage(*[error_answer(503)] * 3, keys=KEYS)
    steps = (refusal(name="over", key=LIMITED), refusal(name="after", key=LIMITED, price=Units(1), worst=Units(1)))
    assert [found.step for found in stage.conduct(case_of(*steps))] == ["over", "over", "after"]


def test_a_size_in_steps_of_eight_may_be_refused_but_not_rounded() -> None:
    how = {"size": "1280x720", "or_refused": True, "profile": "perf"}
    assert verdict_of("image_size", error(400), **how) is MOOT
    assert verdict_of("image_size", success(images=(picture("1280x704"),)), **how) is FAIL
