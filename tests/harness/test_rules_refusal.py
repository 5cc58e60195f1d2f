"""Rules about requests that the document does not allow, and about the shape of errors."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelproof.verdict import Verdict

from .builders import error, exchange, page, say, silence, success, verdict_of

PASS, FAIL, WARN, NOT_RUN = Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.NOT_RUN
MOOT = Verdict.NOT_APPLICABLE


@pytest.mark.parametrize("status", [400, 405, 413, 415, 422])
def test_an_invalid_request_is_refused(status: int) -> None:
    assert verdict_of("refused", error(status), must=True) is PASS


def test_an_invalid_request_that_is_served_is_a_finding() -> None:
    said = say("refused", success(), must=True, why="dall-e-2 has no size 1000x1000")
    assert said.verdict is FAIL
    assert "1000x1000" in said.wanted
    assert said.got == "served: 200 with 1 image"


def test_serving_what_the_document_does_not_clearly_rule_out_is_a_warning() -> None:
    assert verdict_of("refused", success()) is WARN


@pytest.mark.parametrize("answer", [error(500), page(502), silence()], ids=["500", "502", "none"])
def test_breaking_down_on_an_invalid_request_is_a_finding(answer: Any) -> None:
    assert verdict_of("refused", answer) is FAIL


@pytest.mark.parametrize("status", [401, 402, 403, 408, 429])
def test_a_refusal_about_something_else_proves_nothing(status: int) -> None:
    assert verdict_of("refused", error(status), must=True) is NOT_RUN


def test_404_refuses_an_unknown_model_and_nothing_else() -> None:
    assert verdict_of("refused", error(404), not_found_is_refusal=True) is PASS
    assert verdict_of("refused", error(404)) is FAIL


def test_a_redirect_is_no_refusal() -> None:
    assert verdict_of("refused", exchange(status=302)) is FAIL


@given(st.integers(100, 599))
def test_no_answer_but_a_4xx_passes_for_a_refusal(status: int) -> None:
    if verdict_of("refused", error(status), must=True) is PASS:
        assert 400 <= status < 500


def test_an_error_of_its_row_passes() -> None:
    answer = error(401, type="authentication_error")
    assert verdict_of("error_row", answer, row="unauthorized") is PASS


@pytest.mark.parametrize(
    ("answer", "got"),
    [
        (error(403, type="authentication_error"), "403 with error {'type': 'authentication_error'}"),
        (error(401, type="invalid_request_error"), "type 'invalid_request_error'"),
        (exchange(status=401, said={"detail": "no"}), "type None"),
        (page(401), "type None"),
        (silence(), "no answer (timeout)"),
        (success(), "200 with 1 image"),
    ],
    ids=["status", "type", "flat", "html", "none", "served"],
)
def test_an_error_with_another_status_or_key_than_its_row_is_a_finding(answer: Any, got: str) -> None:
    said = say("error_row", answer, row="unauthorized")
    assert said.verdict is FAIL
    assert got in said.got


def test_a_key_that_two_pages_dispute_is_left_to_its_own_rule() -> None:
    answer = error(402, type="insufficient_balance")
    assert verdict_of("error_row", answer, row="insufficient_funds", shielded=["type"]) is PASS
    assert verdict_of("error_row", answer, row="insufficient_funds") is FAIL


def test_a_request_that_was_served_has_no_error_to_judge() -> None:
    assert verdict_of("error_row", success(), row="invalid_request", unless_served=True) is MOOT


@pytest.mark.parametrize("status", [502, 503])
def test_any_status_of_a_row_with_several_passes(status: int) -> None:
    assert verdict_of("error_row", error(status, type="upstream_error"), row="upstream_error") is PASS


def test_keys_that_we_assumed_ourselves_are_never_judged() -> None:
    # the row's status and code are ours (OAI-06 says nothing of them), its claim is about the envelope
    answer = error(422, code="anything", param=None)
    assert verdict_of("error_row", answer, row="invalid_request", profile="openai") is PASS


@pytest.mark.parametrize(("param", "verdict"), [("stile", PASS), ("style", FAIL), (None, FAIL)])
def test_an_unknown_parameter_is_named(param: str | None, verdict: Verdict) -> None:
    answer = error(400, code="unknown_parameter", param=param)
    said = verdict_of("error_row", answer, row="unknown_parameter", parameter="stile", profile="openai")
    assert said is verdict


@pytest.mark.parametrize(
    ("model", "code", "verdict"),
    [
        ("dall-e-3", "content_policy_violation", PASS),
        ("gpt-image-1", "moderation_blocked", PASS),
        ("gpt-image-1", "content_policy_violation", FAIL),
    ],
)
def test_a_row_follows_what_differs_for_the_model(model: str, code: str, verdict: Verdict) -> None:
    answer = error(400, code=code, param=None)
    assert verdict_of("error_row", answer, row="content_policy", model=model, profile="openai") is verdict


@pytest.mark.parametrize(("status", "verdict"), [(403, PASS), (401, FAIL), (200, FAIL)])
def test_a_provoked_error_comes_with_a_status_of_its_row(status: int, verdict: Verdict) -> None:
    assert verdict_of("error_reached", error(status), row="forbidden") is verdict


@pytest.mark.parametrize(
    ("answer", "verdict"), [(error(415), PASS), (success(), WARN), (error(500), FAIL), (silence(), FAIL)]
)
def test_a_body_of_another_media_type_is_refused_and_serving_it_is_a_warning(answer: Any, verdict: Verdict) -> None:
    assert verdict_of("other_media_type_refused", answer) is verdict


def test_an_error_is_the_documented_object_and_may_say_more() -> None:
    assert verdict_of("error_envelope", error(400, code=None, hint="see docs")) is PASS


@pytest.mark.parametrize(
    "said",
    [
        {"error": "no"},
        {"error": None},
        {"message": "no", "type": "x"},
        {"error": {"type": "x"}},
        {"error": {"type": 7, "message": "no"}},
        {"error": {"type": "x", "message": None}},
        {"error": {"type": "x", "message": True}},
        [],
    ],
)
def test_an_error_of_another_shape_is_a_finding(said: Any) -> None:
    assert verdict_of("error_envelope", exchange(status=400, said=said)) is FAIL


def test_an_html_page_is_no_envelope() -> None:
    said = say("error_envelope", page(502))
    assert said.verdict is FAIL
    assert "<h1>Bad gateway</h1>" in said.got


def test_a_nullable_key_may_be_null_but_must_be_there() -> None:
    assert verdict_of("error_envelope", error(400, param=None, code=None), profile="openai") is PASS
    assert verdict_of("error_envelope", error(400, param=None), profile="openai") is FAIL


@pytest.mark.parametrize("answer", [success(), silence()], ids=["success", "none"])
def test_where_no_error_came_there_is_no_envelope(answer: Any) -> None:
    assert verdict_of("error_envelope", answer) is MOOT
