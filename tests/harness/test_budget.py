"""The budget: nothing is started that could overshoot the cap."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelproof.money import Currency, Units
from pixelproof.planning.budget import Budget, Price, Purse, parse_cap
from pixelproof.problems import BadUsage

USD = Currency(code="USD", scale=6)


def price(documented: int, worst: int | None = None, images: int = 1) -> Price:
    return Price(documented=Units(documented), worst=Units(documented if worst is None else worst), images=images)


def allows(budget: Budget, *prices: int) -> bool:
    return budget.allows([price(one) for one in prices])


def call(budget: Budget, documented: int, *, charged: int | None = None, said: int | None = None, **of: Any) -> None:
    """Make one call, served; ``charged`` is what the wallet of ``purse`` falls by, ``said`` what the answer reports."""
    purse = of.pop("purse", Purse())
    made = budget.start(price(documented, **of), purse)
    budget.end(made, served=True)
    if said is not None:
        budget.report(made, Units(said))
    if charged is not None and purse.shown is not None:
        budget.look(purse, Units(purse.shown - charged))


def seen_purse(budget: Budget, amount: int = 1_000) -> Purse:
    purse = Purse()
    budget.look(purse, Units(amount))
    return purse


def test_a_call_that_could_pass_the_cap_is_not_started() -> None:
    budget = Budget(currency=USD, cap=Units(100), spent=Units(90))
    assert allows(budget, 10)
    assert not budget.stopped
    assert not allows(budget, 11)
    assert budget.stopped


def test_a_free_call_is_started_with_an_empty_budget() -> None:
    assert allows(Budget(currency=USD, cap=Units(0)), 0)
    assert not allows(Budget(currency=USD, cap=Units(0)), 1)


def test_a_free_call_is_started_though_a_liar_spent_too_much() -> None:
    assert allows(Budget(currency=USD, cap=Units(10), spent=Units(20)), 0)


def test_without_a_cap_everything_is_allowed() -> None:
    assert allows(Budget(currency=USD), 10**18)


def test_a_cap_of_the_exact_sum_lets_the_whole_plan_run() -> None:
    budget = Budget(currency=USD, cap=Units(100))
    for _ in range(5):
        assert allows(budget, 20)
        call(budget, 20)
    assert (budget.spent, allows(budget, 1)) == (100, False)


def test_calls_in_flight_count_with_the_most_they_can_cost() -> None:
    budget = Budget(currency=USD, cap=Units(100))
    flying = budget.start(price(0, worst=60), Purse())
    assert not allows(budget, 41)
    budget.end(flying, served=False)
    assert allows(budget, 100)


def test_calls_sent_together_are_allowed_together_or_not_at_all() -> None:
    budget = Budget(currency=USD, cap=Units(100))
    assert allows(budget, 50, 50)
    assert not allows(budget, 50, 51)


def test_an_unanswered_call_counts_as_the_worst() -> None:
    budget = Budget(currency=USD, cap=Units(100))
    budget.end(budget.start(price(0, worst=60), Purse()), served=None)
    assert (budget.spent, budget.documented) == (60, 60)


@pytest.mark.parametrize("factor", [2, 10])
def test_a_target_that_reports_more_is_stopped_at_the_next_call(factor: int) -> None:
    budget = Budget(currency=USD, cap=Units(50))
    call(budget, 20, said=20 * factor)
    assert (budget.spent, budget.reported, budget.documented) == (20 * factor, 20 * factor, 20)
    assert not allows(budget, 20)


@pytest.mark.parametrize("factor", [2, 10])
def test_a_target_that_takes_more_in_silence_is_stopped_at_the_next_call(factor: int) -> None:
    budget = Budget(currency=USD, cap=Units(50))
    call(budget, 20, charged=20 * factor, purse=seen_purse(budget))
    assert (budget.spent, budget.measured, budget.reported) == (20 * factor, 20 * factor, None)
    assert not allows(budget, 20)


@pytest.mark.parametrize("witness", ["said", "charged"])
def test_a_target_that_charged_double_once_is_expected_to_do_so_again(witness: str) -> None:
    budget = Budget(currency=USD, cap=Units(75))
    call(budget, 20, purse=seen_purse(budget), **{witness: 40})
    assert allows(budget, 17)  # 40 spent, 34 expected
    assert not allows(budget, 20)  # 40 spent, 40 expected


@pytest.mark.parametrize("said", [0, 1, None])
def test_a_target_that_reports_less_or_nothing_gains_nothing(said: int | None) -> None:
    budget = Budget(currency=USD, cap=Units(50))
    call(budget, 20, said=said)
    call(budget, 20, said=said)
    assert budget.spent == 40
    assert not allows(budget, 20)


def test_a_small_report_does_not_hide_what_the_wallet_shows() -> None:
    budget = Budget(currency=USD, cap=Units(50))
    call(budget, 20, said=1, charged=40, purse=seen_purse(budget))
    assert budget.spent == 40


def test_money_that_is_reported_and_measured_is_counted_once() -> None:
    budget = Budget(currency=USD, cap=Units(500))
    purse = seen_purse(budget)
    made = budget.start(price(20), purse)
    budget.end(made, served=True)
    budget.look(purse, Units(960))
    budget.report(made, Units(40))
    assert budget.spent == 40


def test_a_refund_buys_no_further_calls() -> None:
    budget = Budget(currency=USD, cap=Units(50))
    purse = seen_purse(budget)
    call(budget, 40, charged=40, purse=purse)
    budget.look(purse, Units(1_000))
    assert (budget.spent, budget.measured) == (40, 40)
    assert not allows(budget, 20)


def test_new_money_in_the_wallet_hides_no_charge() -> None:
    budget = Budget(currency=USD, cap=Units(200))
    purse = seen_purse(budget)
    budget.look(purse, Units(90_000))
    call(budget, 20, charged=60, purse=purse)
    assert budget.spent == 60


def test_a_charge_that_shows_late_is_counted_once() -> None:
    budget = Budget(currency=USD, cap=Units(200))
    purse = seen_purse(budget)
    call(budget, 20, charged=0, purse=purse)
    call(budget, 20, charged=40, purse=purse)
    assert (budget.spent, budget.overcharge) == (40, 1)


def test_a_charge_of_a_call_in_flight_is_no_overcharge() -> None:
    budget = Budget(currency=USD, cap=Units(200))
    purse = seen_purse(budget)
    flying = budget.start(price(0, worst=30), purse)
    budget.look(purse, Units(970))
    assert budget.spent == 0
    budget.end(flying, served=True)
    assert budget.spent == 30


def test_images_are_counted_where_no_price_is_known() -> None:
    budget = Budget(currency=USD, most_images=3)
    call(budget, 0, images=2)
    assert budget.allows([price(0, images=1)])
    assert not budget.allows([price(0, images=2)])
    assert budget.stopped
    assert budget.allows([price(0, images=0)])


def test_a_refused_request_uses_no_images_up() -> None:
    budget = Budget(currency=USD, most_images=1)
    budget.end(budget.start(price(0, images=1), Purse()), served=False)
    assert (budget.images, budget.allows([price(0, images=1)])) == (0, True)


def test_images_beyond_those_asked_for_are_counted_too() -> None:
    budget = Budget(currency=USD, most_images=4)
    budget.end(budget.start(price(0, images=1), Purse()), served=True, images=4)
    assert budget.images == 4


charges = st.lists(st.tuples(st.integers(1, 100), st.integers(0, 10), st.booleans(), st.booleans()), max_size=30)


@given(st.integers(0, 1000), charges)
def test_a_liar_overshoots_by_the_overcharge_of_one_call_at_most(
    cap: int, calls: list[tuple[int, int, bool, bool]]
) -> None:
    """Whatever it charges, and whether it says so or the wallet shows it: the next call knows."""
    budget = Budget(currency=USD, cap=Units(cap))
    purse, taken, beyond = seen_purse(budget, 10**9), 0, 0
    for documented, factor, says, shows in calls:
        if not allows(budget, documented):
            continue
        charged = documented * factor if says or shows else documented
        worst = budget.worst(price(documented))
        call(budget, documented, said=charged if says else None, charged=charged, purse=purse)
        taken += charged
        beyond = max(beyond, charged - worst)
        assert budget.spent >= taken
    assert taken <= cap + max(0, beyond)


@given(st.integers(0, 1000), st.lists(st.integers(0, 100)))
def test_what_is_spent_never_passes_the_cap(cap: int, prices: list[int]) -> None:
    budget = Budget(currency=USD, cap=Units(cap))
    for one in prices:
        if allows(budget, one):
            call(budget, one)
    assert budget.spent <= cap
    assert budget.stopped == (budget.spent != sum(prices))


@pytest.mark.parametrize("text", ["0.50 USD", "0.50 usd", " 0.50 USD ", "0.50"])
def test_a_cap_is_read_in_the_currency_of_the_contract(text: str) -> None:
    assert parse_cap(text, USD) == 500_000


def test_no_cap_is_no_cap() -> None:
    assert parse_cap(None, USD) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.50 EUR", "the contract in USD; one run counts one currency"),
        ("much", "is no amount"),
        ("nan USD", "is no amount"),
    ],
)
def test_a_cap_in_another_currency_or_in_words_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadUsage, match=said):
        parse_cap(text, USD)
