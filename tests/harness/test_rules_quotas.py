"""Rules about what the headers, the wallet's endpoint and keys of different kinds show of a quota."""

from __future__ import annotations

from typing import Any

import pytest

from pixelproof.contract import Json
from pixelproof.exchange import Exchange
from pixelproof.verdict import Verdict

from .builders import error, exchange, say, silence, success, verdict_of, wallet

PASS, FAIL, WARN, NOT_RUN = Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.NOT_RUN
#: 3.50 rupees in paise.
PRICE = 350


def showing(limit: str | None, remaining: str | None) -> Exchange:
    """A served request with rate headers."""
    given = {"x-ratelimit-limit": limit, "x-ratelimit-remaining": remaining}
    return success(headers={name: value for name, value in given.items() if value is not None})


@pytest.mark.parametrize(
    ("limit", "remaining", "verdict"),
    [
        ("60", "59", PASS),
        ("60", "0", PASS),
        ("60", "60", FAIL),
        ("100", "59", FAIL),
        ("0060", "59", PASS),
        ("sixty", "59", NOT_RUN),
        (None, "59", NOT_RUN),
        ("60", None, NOT_RUN),
    ],
)
def test_the_headers_show_the_limit_of_the_key_and_no_more_left_than_can_be(
    limit: str | None, remaining: str | None, verdict: Verdict
) -> None:
    answer = showing(limit, remaining)
    assert verdict_of("limit_shown", answer, profile="aicredits", limit=60, used=1) is verdict


def test_a_refused_request_shows_no_limit_to_judge() -> None:
    assert verdict_of("limit_shown", error(429), profile="aicredits", limit=60, used=1) is NOT_RUN


@pytest.mark.parametrize(
    ("statuses", "verdict", "step"),
    [((200, 200), PASS, ""), ((429, 200), FAIL, "live"), ((200, 429), FAIL, "test"), ((200, 500), NOT_RUN, "")],
)
def test_a_key_is_never_refused_for_what_another_kind_of_key_used_up(
    statuses: tuple[int, ...], verdict: Verdict, step: str
) -> None:
    answers = [exchange(name, status, {}) for name, status in zip(("live", "test"), statuses, strict=True)]
    said = say("counted_apart", *answers, profile="perf", steps=["live", "test"])
    assert (said.verdict, said.step) == (verdict, step)


@pytest.mark.parametrize(
    ("answer", "verdict"), [(success(), PASS), (error(400), PASS), (error(413), FAIL), (silence(), FAIL)]
)
def test_a_body_within_the_documented_length_is_never_too_long(answer: Exchange, verdict: Verdict) -> None:
    assert verdict_of("length_taken", answer, most=1000) is verdict


def looked(first: Json, second: Json, *, taken: int = PRICE) -> tuple[Any, ...]:
    """Two looks at the wallet's endpoint around one image, and what the wallet itself lost."""
    return (
        wallet("before", 100_000),
        exchange("first", 200, first),
        success(),
        wallet("after", 100_000 - taken),
        exchange("second", 200, second),
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"balance": 1000.0}, {"balance": 996.5}),
        ({"data": {"paise": 100_000}}, {"data": {"paise": 99_650}}),
        ({"spent": "7.00", "name": "a"}, {"spent": "10.50", "name": "b"}),
        ([{"credits": "12"}, 5], [{"credits": "8.5"}, 6]),
    ],
    ids=["rupees", "paise", "what was spent", "one of several"],
)
def test_whatever_its_shape_a_wallet_moves_by_what_was_taken(first: Json, second: Json) -> None:
    assert verdict_of("wallet_moves", *looked(first, second), profile="aicredits") is PASS


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"balance": 1000.0}, {"balance": 1000.0}),
        ({"balance": 1000.0}, {"balance": 999.0}),
        ({"balance": 1000.0}, {"left": 996.5}),
        ({"open": True}, {"open": False}),
        ({"balance": "NaN"}, {"balance": "Infinity"}),
        ({}, {}),
    ],
    ids=["still", "too little", "another place", "no figure", "no number", "empty"],
)
def test_a_wallet_that_does_not_move_with_the_money_is_a_finding(first: Json, second: Json) -> None:
    said = say("wallet_moves", *looked(first, second), profile="aicredits")
    assert said.verdict is FAIL
    assert "3.50 INR" in said.wanted


def test_a_wallet_from_which_nothing_was_taken_shows_nothing() -> None:
    still = looked({"balance": 1000.0}, {"balance": 1000.0}, taken=0)
    assert verdict_of("wallet_moves", *still, profile="aicredits") is NOT_RUN


@pytest.mark.parametrize(("latency_ms", "verdict"), [(12.5, PASS), (2500, PASS), (3500, WARN), (-1, FAIL)])
def test_a_server_cannot_have_taken_longer_than_was_waited_for_it(latency_ms: float, verdict: Verdict) -> None:
    answer = success(fields={"perf": {"latency_ms": latency_ms}}, elapsed_s=2.0)
    assert verdict_of("response_field", answer, field="perf.latency_ms", profile="perf") is verdict
