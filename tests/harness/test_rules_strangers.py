"""Rules about a window that is still full, a wallet that another one's charge must not move, and shapes of items."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pixelproof.verdict import Verdict

from .builders import exchange, items, success, verdict_of, wallet

PASS, FAIL, WARN, NOT_RUN = Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.NOT_RUN
WITHIN: dict[str, Any] = {"within": ["first", "second"]}


def minute(*statuses: int, early_at: str = "18:00:20") -> list[Any]:
    """Return four requests, the last of them at a time of the clock."""
    times = ("18:00:00", "18:00:01", "18:00:02", early_at)
    return [
        replace(exchange(name, status, {}), at=f"2026-11-20T{at}+00:00")
        for name, status, at in zip(("first", "second", "over", "early"), statuses, times, strict=True)
    ]


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ((200, 200, 429, 429), PASS),
        ((200, 200, 429, 200), FAIL),
        ((200, 200, 429, 400), FAIL),
        ((200, 200, 200, 200), NOT_RUN),
        ((200, 500, 429, 200), NOT_RUN),
    ],
    ids=["still full", "free again", "looked at again", "never full", "not filled by us"],
)
def test_a_minute_that_rolls_stays_full(statuses: tuple[int, ...], verdict: Verdict) -> None:
    assert verdict_of("window_still_full", *minute(*statuses), **WITHIN) is verdict


def test_a_minute_that_is_over_by_then_says_nothing() -> None:
    assert verdict_of("window_still_full", *minute(200, 200, 429, 200, early_at="18:00:58"), **WITHIN) is NOT_RUN


def looks(before: Any, after: Any, *, paid: int = 350) -> list[Any]:
    return [
        exchange("first", 200, before),
        wallet("before", 10_000),
        success("main"),
        wallet("after", 10_000 - paid),
        exchange("second", 200, after),
    ]


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ({"inr": 50.0, "as_of": 1}, {"inr": 50.0, "as_of": 9}, PASS),
        ({"inr": 50.0}, {"inr": 46.5}, FAIL),
        ({"paise": 5000}, {"paise": 4650}, FAIL),
        ({"inr": "50.00"}, {"inr": "46.50"}, FAIL),
        ({"inr": 50.0}, {"inr": 49.0}, PASS),
    ],
    ids=["at rest", "in rupees", "in paise", "as text", "by something else"],
)
def test_what_one_account_pays_does_not_move_the_wallet_of_another(before: Any, after: Any, verdict: Verdict) -> None:
    assert verdict_of("wallet_of_another_rests", *looks(before, after), profile="aicredits") is verdict


def test_nothing_is_said_of_a_wallet_where_nothing_was_charged() -> None:
    found = verdict_of("wallet_of_another_rests", *looks({"inr": 5}, {"inr": 5}, paid=0), profile="aicredits")
    assert found is NOT_RUN


@pytest.mark.parametrize(
    ("revised", "verdict"),
    [("a house", PASS), (None, PASS), (["a", "house"], FAIL), (5, FAIL), ({"text": "a house"}, FAIL)],
)
def test_a_revised_prompt_is_text_where_it_is_given(revised: Any, verdict: Verdict) -> None:
    answer = success(data=items(revised_prompt=revised))
    assert verdict_of("items_hold_an_image", answer) is verdict


@pytest.mark.parametrize(("beside", "verdict"), [({}, PASS), ({"b64_json": None}, PASS), ({"b64_json": "aGk="}, WARN)])
def test_an_image_in_both_formats_is_worth_a_warning(beside: Any, verdict: Verdict) -> None:
    assert verdict_of("format_delivered", success(data=items(**beside)), format="url") is verdict
