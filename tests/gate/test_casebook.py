"""The cases of a gateway follow from the contract of the provider behind it."""

from __future__ import annotations

import pytest

from pixelproof import loading
from pixelproof.gate.casebook import Terms, gate_cases
from pixelproof.gate.unsent import LOG_CASE
from pixelproof.planning.case import Poll
from pixelproof.rules import RULES

EVERYTHING = Terms(idempotency="Idempotency-Key")


@pytest.mark.parametrize("profile", loading.profiles())
def test_every_claim_about_gateways_is_asked_before_any_provider(profile: str) -> None:
    cases = gate_cases(loading.shipped(profile), EVERYTHING)
    checks = [*LOG_CASE.checks, *(check for case in cases for check in case.case.checks)]
    assert {check.claim for check in checks} == set(loading.gateway_claims())
    assert {check.rule for check in checks} <= set(RULES)
    assert len({case.case.id for case in cases}) == len(cases)


def test_before_a_provider_with_tasks_every_image_is_waited_for() -> None:
    cases = [case.case for case in gate_cases(loading.shipped("stratizon"), EVERYTHING)]
    watched = {step.of for case in cases for step in case.steps if isinstance(step, Poll)}
    assert watched == {"main", "burst", "again"}
    assert {case.id for case in cases} >= {"gate/faults/task_failure", "gate/callers/foreign-task"}


def test_the_matrix_of_faults_is_whole() -> None:
    names = {
        case.case.id.split("/")[2]
        for case in gate_cases(loading.shipped("openai"), Terms())
        if "/faults/" in case.case.id
    }
    assert names == {
        *("content_policy", "unauthorized", "insufficient_funds", "forbidden", "invalid_request", "model_retired"),
        *("rate_limited", "rate_limited-once", "server_error", "server_error-once", "upstream_error", "unavailable"),
        *("timeout", "hang", "reset-before", "reset-after", "truncated_body", "lost_response", "partial"),
        *("wrong_content_type", "bad_success-error_body", "bad_success-empty", "bad_success-html"),
        *("bad_success-text_plain", "bad_success-no_created", "bad_success-created_string", "bad_success-no_data"),
        *("bad_success-empty_data", "bad_success-null_items"),
    }


def test_a_request_that_meets_a_fault_is_followed_by_one_that_meets_none() -> None:
    (case,) = (
        case for case in gate_cases(loading.shipped("openai"), Terms(hang_s=2)) if case.case.id == "gate/faults/hang"
    )
    assert [step.name for step in case.case.steps] == ["main", "alive"]
    assert (case.effect, case.arguments) == ("latency", {"seconds": 2})
