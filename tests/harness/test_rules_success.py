"""Rules about the body of a success."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelproof.rules import RULES
from pixelproof.verdict import Verdict

from .builders import PROMPT, body, error, exchange, items, page, picture, say, silence, success, verdict_of

PASS, FAIL, NOT_RUN, MOOT = Verdict.PASS, Verdict.FAIL, Verdict.NOT_RUN, Verdict.NOT_APPLICABLE
#: Rules that say nothing when the request was not served: ``served`` reports that.
QUIET = ("response_field", "items_hold_an_image", "image_count", "format_delivered", "revised_prompt")


def test_a_documented_request_is_served() -> None:
    assert verdict_of("served", success()) is PASS


@pytest.mark.parametrize("answer", [error(400), error(500), page(200), silence()], ids=["400", "500", "html", "none"])
def test_a_documented_request_that_is_not_served_is_a_finding(answer: Any) -> None:
    assert verdict_of("served", answer) is FAIL


def test_another_success_status_than_the_documented_one_is_a_finding() -> None:
    said = say("served", success(), status=202)
    assert (said.verdict, said.got) == (FAIL, "200 with 1 image")


@pytest.mark.parametrize("rule", QUIET)
def test_a_refusal_is_one_finding_and_not_five(rule: str) -> None:
    assert verdict_of(rule, error(500), field="created") is NOT_RUN


@pytest.mark.parametrize("created", [1_795_000_000, 1_795_000_000.0])
def test_created_is_in_unix_seconds(created: float) -> None:
    assert verdict_of("response_field", success(fields={"created": created}), field="created") is PASS


@pytest.mark.parametrize(
    "created",
    [1_795_000_000_000, 17, "1795000000", 1_795_000_000.5, True, [], "2026-11-20T00:00:00Z", 1e22, 10**400, 1e999],
    ids=["milliseconds", "small", "text", "fraction", "bool", "list", "date", "1e22", "400 digits", "inf"],
)
def test_created_of_another_kind_is_a_finding_and_never_our_crash(created: object) -> None:
    assert verdict_of("response_field", success(fields={"created": created}), field="created") is FAIL


def test_a_field_that_the_document_calls_optional_may_be_missing() -> None:
    assert verdict_of("response_field", exchange(said={"data": items()}), field="created") is PASS


@pytest.mark.parametrize("fields", [{}, {"created": None}])
def test_a_field_that_the_reference_requires_must_be_there(fields: dict[str, object]) -> None:
    answer = exchange(said={"data": items(), **fields})
    assert verdict_of("response_field", answer, field="created", profile="openai") is FAIL


@pytest.mark.parametrize(
    ("usage", "verdict"), [({"total_tokens": 3}, PASS), ({"total_tokens": "3"}, FAIL), ({}, FAIL), (7, FAIL)]
)
def test_a_field_inside_another_one_is_judged_by_its_path(usage: object, verdict: Verdict) -> None:
    answer = success(fields={"usage": usage})
    assert verdict_of("response_field", answer, field="usage.total_tokens", profile="openai") is verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [({"size": "1024x1024"}, PASS), ({"size": "512x512"}, FAIL), ({}, PASS)],
    ids=["same", "other", "silent"],
)
def test_an_echo_repeats_the_value_that_was_used(said: dict[str, object], verdict: Verdict) -> None:
    sent = {"model": "gpt-image-1", "prompt": PROMPT, "size": "1024x1024"}
    assert verdict_of("echo", success(fields=said), sent=sent, profile="openai", field="size") is verdict


def test_an_echo_of_auto_may_say_anything() -> None:
    sent = {"model": "gpt-image-1", "prompt": PROMPT}
    answer = success(fields={"size": "1024x1024"})
    assert verdict_of("echo", answer, sent=sent, profile="openai", field="size") is MOOT


@pytest.mark.parametrize(
    ("item", "verdict"),
    [
        ({"url": "http://x/1"}, PASS),
        ({"b64_json": "AAAA", "url": None}, PASS),
        ({"url": None, "b64_json": None}, FAIL),
        ({"url": ""}, FAIL),
        ({"url": 7}, FAIL),
        ({}, FAIL),
        ("http://x/1", FAIL),
        (None, FAIL),
    ],
)
def test_an_item_holds_a_url_or_a_payload(item: object, verdict: Verdict) -> None:
    assert verdict_of("items_hold_an_image", success(data=[item])) is verdict


@pytest.mark.parametrize("said", [{"created": 1}, {"data": None}, {"data": {}}, [], "done", 7])
def test_a_success_without_a_list_of_images_is_a_finding(said: Any) -> None:
    assert verdict_of("items_hold_an_image", exchange(said=said)) is FAIL


def test_a_refusal_that_is_as_good_leaves_no_items_to_judge() -> None:
    assert verdict_of("items_hold_an_image", error(400), or_refused=True) is MOOT
    assert verdict_of("items_hold_an_image", error(500), or_refused=True) is NOT_RUN


def test_as_many_images_come_back_as_were_asked_for() -> None:
    assert verdict_of("image_count", success(n=2), n=2) is PASS


@pytest.mark.parametrize(("n", "came"), [(2, 1), (1, 2), (2, 0)])
def test_more_or_fewer_images_are_a_finding(n: int, came: int) -> None:
    said = say("image_count", success(n=came), n=n)
    assert (said.verdict, said.got) == (FAIL, f"200 with {came}")


def test_the_same_picture_twice_does_not_count_as_two() -> None:
    twice = (picture(pixels="same"), picture(pixels="same"))
    assert verdict_of("image_count", success(n=2, images=twice), n=2) is FAIL
    assert verdict_of("image_count", success(n=2, images=(picture(), picture())), n=2) is PASS


@pytest.mark.parametrize(("status", "verdict"), [(400, PASS), (422, PASS), (500, FAIL)])
def test_where_a_model_may_refuse_more_than_one_only_a_4xx_is_as_good(status: int, verdict: Verdict) -> None:
    assert verdict_of("image_count", error(status), n=2, or_refused=True) is verdict


def test_fewer_images_with_200_are_a_finding_also_where_a_refusal_is_as_good() -> None:
    assert verdict_of("image_count", success(n=1), n=2, or_refused=True) is FAIL


@given(n=st.integers(1, 10), came=st.integers(0, 12))
def test_only_the_number_that_was_asked_for_passes(n: int, came: int) -> None:
    assert (verdict_of("image_count", success(n=came), n=n) is PASS) == (n == came)


@pytest.mark.parametrize(("came", "verdict"), [("url", PASS), ("b64_json", FAIL)])
def test_images_come_in_the_format_that_was_asked_for(came: str, verdict: Verdict) -> None:
    assert verdict_of("format_delivered", success(key=came), format="url") is verdict


def test_no_image_is_no_format() -> None:
    assert verdict_of("format_delivered", success(n=0), format="url") is FAIL


def test_null_beside_the_other_key_counts_as_absent() -> None:
    assert verdict_of("format_delivered", success(data=[{"url": "http://x", "b64_json": None}]), format="url") is PASS


@pytest.mark.parametrize(("given_prompt", "verdict"), [("a lighthouse, richly", PASS), (None, FAIL), ("  ", FAIL)])
def test_a_model_that_rewrites_says_what_it_used(given_prompt: str | None, verdict: Verdict) -> None:
    answer = success(data=items(2, revised_prompt=given_prompt))
    assert verdict_of("revised_prompt", answer, presence="always") is verdict


@pytest.mark.parametrize(("given_prompt", "verdict"), [(None, PASS), (PROMPT, PASS), ("another prompt", FAIL)])
def test_a_model_that_does_not_rewrite_leaves_the_prompt_alone(given_prompt: str | None, verdict: Verdict) -> None:
    answer = success(data=items(revised_prompt=given_prompt), sent=body())
    assert verdict_of("revised_prompt", answer, presence="never") is verdict


@pytest.mark.parametrize(
    ("models", "verdict"), [(["dall-e-2"], PASS), ([], FAIL), (None, NOT_RUN)], ids=["one", "none", "foreign shape"]
)
def test_the_list_of_models_names_at_least_one(models: Any, verdict: Verdict) -> None:
    answer = exchange(said={"data": []}, facts={"models": models})
    assert verdict_of("model_listed", answer) is verdict


def test_a_list_of_models_that_is_refused_is_a_finding() -> None:
    assert verdict_of("model_listed", error(404)) is FAIL


@pytest.mark.parametrize(
    ("answer", "verdict"), [(success(), PASS), (error(400), PASS), (error(500), FAIL), (silence(), FAIL)]
)
def test_a_request_is_served_or_refused_and_never_hangs(answer: Any, verdict: Verdict) -> None:
    assert verdict_of("answered", answer) is verdict


def test_a_step_without_any_exchange_is_our_error_and_no_finding() -> None:
    assert verdict_of("served") is Verdict.ERROR


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_says_its_sentence(name: str) -> None:
    assert RULES[name].says.endswith(".")
