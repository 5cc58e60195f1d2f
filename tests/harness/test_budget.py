"""The budget: nothing is started that could overshoot the cap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelproof.budget import Budget, parse_cap
from pixelproof.money import Currency, Units
from pixelproof.problems import BadUsage

USD = Currency(code="USD", scale=6)


def test_a_call_that_could_pass_the_cap_is_not_started() -> None:
    budget = Budget(currency=USD, cap=Units(100), spent=Units(90))
    assert budget.allows(Units(10))
    assert not budget.stopped
    assert not budget.allows(Units(11))
    assert budget.stopped


def test_a_free_call_is_started_with_an_empty_budget() -> None:
    assert Budget(currency=USD, cap=Units(0)).allows(Units(0))


def test_without_a_cap_everything_is_allowed() -> None:
    assert Budget(currency=USD).allows(Units(10**18))


@given(st.integers(0, 1000), st.lists(st.integers(0, 100)))
def test_what_is_spent_never_passes_the_cap(cap: int, prices: list[int]) -> None:
    budget = Budget(currency=USD, cap=Units(cap))
    for price in prices:
        if budget.allows(Units(price)):
            budget.spend(Units(price))
    assert budget.spent <= cap
    assert budget.stopped == (budget.spent != sum(prices))


@pytest.mark.parametrize("text", ["0.50 USD", "0.50 usd", " 0.50 USD ", "0.50"])
def test_a_cap_is_read_in_the_currency_of_the_contract(text: str) -> None:
    assert parse_cap(text, USD) == 500_000


def test_no_cap_is_no_cap() -> None:
    assert parse_cap(None, USD) is None


@pytest.mark.parametrize(
    ("text", "said"), [("0.50 EUR", "the contract in USD"), ("much", "is no amount"), ("nan USD", "is no amount")]
)
def test_a_cap_in_another_currency_or_in_words_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadUsage, match=said):
        parse_cap(text, USD)
