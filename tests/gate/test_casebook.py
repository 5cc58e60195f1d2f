"""The cases of a gateway follow from the contract of the provider behind it."""

from __future__ import annotations

import pytest

from pixelproof import loading
from pixelproof.gate.casebook import LOG_CASE, Terms, gate_cases
from pixelproof.rules import RULES

EVERYTHING = Terms(idempotency="Idempotency-Key")
#: Providers that answer at once; the others answer with tasks.
AT_ONCE = [name for name in loading.profiles() if not loading.shipped(name).operations["generate"].creates_task]


@pytest.mark.parametrize("profile", AT_ONCE)
def test_every_claim_about_gateways_is_asked_before_any_provider(profile: str) -> None:
    cases = gate_cases(loading.shipped(profile), EVERYTHING)
    checks = [*LOG_CASE.checks, *(check for case in cases for check in case.case.checks)]
    assert {check.claim for check in checks} == set(loading.gateway_claims())
    assert {check.rule for check in checks} <= set(RULES)
    assert len({case.case.id for case in cases}) == len(cases)


@pytest.mark.parametrize("profile", sorted(set(loading.profiles()) - set(AT_ONCE)))
def test_a_provider_that_answers_with_tasks_has_no_cases_yet(profile: str) -> None:
    assert gate_cases(loading.shipped(profile), EVERYTHING) == ()


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
