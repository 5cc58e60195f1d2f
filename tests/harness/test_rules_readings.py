"""Rules about what the documents leave open: every reading passes, and is named."""

from __future__ import annotations

from typing import Any

import pytest

from pixelproof.verdict import Verdict

from .builders import PROMPT, error, picture, say, silence, success, verdict_of, wallet

AMBIGUOUS, FAIL, NOT_RUN = Verdict.AMBIGUOUS, Verdict.FAIL, Verdict.NOT_RUN
WIDE = {"model": "gpt-image-1", "prompt": PROMPT, "size": "1536x1024"}


@pytest.mark.parametrize(
    ("answer", "reading"),
    [(success(images=(picture("1536x1024"),)), "served"), (error(400), "refused"), (error(422), "refused")],
)
def test_a_disputed_request_may_be_served_or_refused_and_the_report_says_which(answer: Any, reading: str) -> None:
    said = say("served_or_refused", answer, sent=WIDE, claim="AIV-10")
    assert said.verdict is AMBIGUOUS
    assert f"'{reading}'" in said.got


@pytest.mark.parametrize(
    "answer",
    [success(images=(picture("1024x1024"),)), success(images=(picture(problem="cut"),)), error(500), silence()],
    ids=["another size", "no image", "500", "none"],
)
def test_what_is_neither_reading_is_a_finding(answer: Any) -> None:
    assert verdict_of("served_or_refused", answer, sent=WIDE, claim="AIV-10") is FAIL


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [("billing_error", AMBIGUOUS), ("insufficient_balance", AMBIGUOUS), ("api_error", FAIL), (None, FAIL), ([], FAIL)],
)
def test_a_disputed_error_type_is_one_of_those_the_pages_name(kind: Any, verdict: Verdict) -> None:
    assert verdict_of("type_of_either_page", error(402, type=kind), claim="AIV-29") is verdict


def test_another_error_says_nothing_about_the_disputed_one() -> None:
    assert verdict_of("type_of_either_page", error(401), claim="AIV-29") is NOT_RUN


def drawn(first: Any, second: Any, start: int, end: int) -> Any:
    return say("overdraft", wallet("before", start), first, second, wallet("after", end), claim="AIV-32")


REFUSED = [error(402, step) for step in ("first", "second")]
SERVED = [success(step) for step in ("first", "second")]


def test_a_wallet_is_never_negative_or_one_request_pushes_it_below_zero() -> None:
    never = drawn(REFUSED[0], REFUSED[1], 10, 10)
    once = drawn(SERVED[0], REFUSED[1], 10, -10)
    assert (never.verdict, once.verdict) == (AMBIGUOUS, AMBIGUOUS)
    assert ("'never'" in never.got, "'one_request'" in once.got) == (True, True)


@pytest.mark.parametrize(
    ("first", "second", "end"),
    [(SERVED[0], SERVED[1], -30), (REFUSED[0], REFUSED[1], 0), (SERVED[0], REFUSED[1], 0)],
    ids=["two requests below zero", "refused and charged", "served and not charged"],
)
def test_two_requests_below_zero_or_a_charge_for_a_refusal_are_neither(first: Any, second: Any, end: int) -> None:
    assert drawn(first, second, 10, end).verdict is FAIL
