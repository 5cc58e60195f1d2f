"""What looks right in one answer and is wrong beside another, under its name, or on the bill."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pixelproof.exchange import Exchange, Role
from pixelproof.planning.case import Check
from pixelproof.rules import judge
from pixelproof.verdict import Verdict

from .builders import CREATED, error, evidence, exchange, items, picture, say, success, verdict_of, wallet

PASS, WARN, FAIL = Verdict.PASS, Verdict.WARN, Verdict.FAIL
NOT_RUN, MOOT = Verdict.NOT_RUN, Verdict.NOT_APPLICABLE
STEPS = ["first", "other"]
#: CREATED as HTTP and as ISO write it.
DATE, AT = "Wed, 18 Nov 2026 11:06:40 GMT", "2026-11-18T11:06:40+00:00"


def fetched(named: str | None) -> Exchange:
    """A picture that came with a content type, or with none."""
    headers = {} if named is None else {"content-type": named}
    return exchange(role=Role.IMAGE, images=(picture(),), headers=headers)


@pytest.mark.parametrize(
    "named", ["image/png", "IMAGE/JPEG", "application/octet-stream", "binary/octet-stream", "text/plain", "", None]
)
def test_a_picture_may_come_under_any_name_that_is_no_document(named: str | None) -> None:
    assert verdict_of("image_decodes", success(), fetched(named)) is PASS


@pytest.mark.parametrize("named", ["text/html", "text/html; charset=utf-8", "application/json", "Application/XML"])
def test_a_picture_that_is_called_a_document_is_a_finding(named: str) -> None:
    said = say("image_decodes", success(), fetched(named))
    assert (said.verdict, named.partition(";")[0].lower() in said.got) == (FAIL, True)


def of_prompts(first: Any, other: Any, rule: str = "pictures_differ") -> Verdict:
    return verdict_of(rule, first, other, steps=STEPS)


def test_another_prompt_has_another_picture() -> None:
    same = picture(pixels="same")
    assert of_prompts(success("first", images=(picture(),)), success("other", images=(picture(),))) is PASS
    assert of_prompts(success("first", images=(same,)), success("other", images=(same,))) is WARN
    assert of_prompts(success("first", images=(same,)), error(step="other")) is NOT_RUN


def revised(step: str, used: str | None, prompt: str = "a boat") -> Exchange:
    return success(step, data=items(1, revised_prompt=used), sent={"prompt": prompt})


@pytest.mark.parametrize(
    ("first", "other", "verdict"),
    [
        ("a red boat", "a blue tower", PASS),
        ("a cat", "a cat", WARN),
        (None, None, MOOT),
        ("a boat", "a tower", PASS),
        ("a cat", "a boat", FAIL),
    ],
    ids=["each its own", "one for all", "none", "unchanged", "that of another request"],
)
def test_the_prompt_that_was_used_is_of_its_own_request(first: str | None, other: str | None, verdict: Verdict) -> None:
    assert of_prompts(revised("first", first), revised("other", other, "a tower"), "revised_apart") is verdict


@pytest.mark.parametrize(
    ("named", "verdict"),
    [
        ("application/json", PASS),
        ("application/json; charset=utf-8", PASS),
        ("application/vnd.api+json", PASS),
        ("", PASS),
        ("text/plain", FAIL),
        ("text/html; charset=utf-8", FAIL),
    ],
)
def test_a_json_body_is_not_called_text(named: str, verdict: Verdict) -> None:
    headers = {"content-type": named} if named else {}
    assert verdict_of("said_to_be_json", success(headers=headers)) is verdict


@pytest.mark.parametrize(
    ("off_s", "headers", "verdict"),
    [
        (60, {"date": DATE}, PASS),
        (7200, {"date": DATE}, FAIL),
        (-7200, {"date": DATE}, FAIL),
        (7200, {}, PASS),
        (7200, {"date": "yesterday"}, PASS),
        (7200, {"date": "Wed, 18 Nov 2026 13:06:40 GMT"}, PASS),
        (200_000, {}, FAIL),
    ],
    ids=["a minute", "a zone", "a zone back", "no date", "no real date", "a clock that is off", "days"],
)
def test_an_instant_is_of_now_by_the_clock_of_its_server(off_s: int, headers: dict[str, str], verdict: Verdict) -> None:
    answer = exchange(said={"created": CREATED + off_s, "data": items()}, headers=headers, at=AT)
    found = replace(evidence(answer), real_time=True)
    assert judge(found, Check(rule="response_field", claim="AIV-18", args={"field": "created"})).verdict is verdict


def paid(amount: int | None, **args: Any) -> Verdict:
    """What is said of a request of ten images at 16 to 20 thousandths each."""
    readings = () if amount is None else (wallet("before", 10**6), wallet("after", 10**6 - amount))
    known = {"least": 160_000, "most": 200_000, "n": 10, **args}
    return verdict_of("charged_each", success(n=10), *readings, profile="perf", **known)


def test_ten_images_are_charged_the_price_of_ten_once() -> None:
    assert [paid(amount) for amount in (160_000, 200_000)] == [PASS, PASS]
    assert [paid(amount) for amount in (320_000, 20_000, 0, 210_000)] == [FAIL, FAIL, FAIL, FAIL]


def test_where_no_wallet_can_be_read_nobody_looks() -> None:
    assert paid(None) is MOOT


def test_of_an_unknown_price_only_that_there_is_one_can_be_seen() -> None:
    assert (paid(1, least=None, most=None), paid(0, least=None, most=None)) == (PASS, FAIL)


def shown(cost: object, profile: str = "perf", n: int = 4) -> Verdict:
    body = {"created": CREATED, "data": items(n), "perf": {"cost_usd": cost}}
    return verdict_of("cost_shown", exchange(said=body), profile=profile, least=100_000, most=100_000, n=n)


def test_a_cost_is_of_all_images_or_of_one() -> None:
    assert [shown(cost) for cost in (0.1, 0.025)] == [PASS, PASS]
    assert [shown(cost) for cost in (0.05, 0.2, 0)] == [FAIL, FAIL, FAIL]


def test_where_no_cost_is_shown_another_check_says_so() -> None:
    assert [shown(cost) for cost in (None, [])] == [MOOT, MOOT]
