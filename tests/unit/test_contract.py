"""The typed contract answers the questions that mock and rules ask of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pixelproof import loading
from pixelproof.contract import FALLBACKS, Contract


@pytest.fixture
def reference() -> Contract:
    return loading.shipped("openai")


@pytest.fixture
def aivene() -> Contract:
    return loading.shipped("aivene")


def test_a_missing_error_row_is_answered_by_its_nearest_relative(aivene: Contract) -> None:
    assert "malformed" not in aivene.errors.rows
    assert aivene.error("malformed").name == "invalid_request"
    assert aivene.error("model_retired").name == "invalid_request"


def test_every_fallback_ends_at_a_row_that_the_schema_demands() -> None:
    for name in FALLBACKS:
        seen = name
        while seen in FALLBACKS:
            seen = FALLBACKS[seen]
        assert seen in {"invalid_request", "insufficient_funds", "server_error", "not_found"}


def test_an_unknown_error_name_is_no_row(aivene: Contract) -> None:
    with pytest.raises(KeyError):
        aivene.errors.row("made_up")


def test_a_model_may_answer_an_error_with_its_own_keys(reference: Contract) -> None:
    assert reference.error("content_policy", "dall-e-3").keys["code"] == "content_policy_violation"
    assert reference.error("content_policy", "gpt-image-1-mini").keys["code"] == "moderation_blocked"


def test_assumed_keys_are_never_judged(aivene: Contract) -> None:
    row = aivene.error("content_policy")
    assert row.keys["code"] == "content_policy_violation"
    assert row.judged_keys == {"type": "invalid_request_error"}


def test_an_error_may_have_two_equally_good_statuses(aivene: Contract) -> None:
    assert aivene.error("upstream_error").statuses == (502, 503)


def test_a_model_like_another_has_its_whole_row(reference: Contract) -> None:
    twin = replace(reference.models["gpt-image-1-mini"], id="gpt-image-1", like=None)
    assert twin == reference.models["gpt-image-1"]


def test_a_cell_narrows_the_parameter(aivene: Contract) -> None:
    cell = aivene.models["dall-e-3"].cells["n"]
    assert (cell.domain.type, cell.domain.minimum, cell.domain.maximum, cell.default) == ("integer", 1, 1, 1)


def test_a_default_that_the_model_does_not_have_falls_away(reference: Contract) -> None:
    assert reference.parameters["quality"].default == "standard"
    assert reference.models["gpt-image-1"].cells["quality"].default == "auto"


def test_an_ambiguity_covers_its_subject_only(aivene: Contract) -> None:
    sizes = aivene.ambiguities[0]
    assert sizes.covers({"model": "gpt-image-1", "size": "auto"})
    assert not sizes.covers({"model": "gpt-image-1", "size": "1024x1024"})
    assert not sizes.covers({"model": "dall-e-3", "size": "auto"})


def test_a_claim_says_where_it_stands(aivene: Contract) -> None:
    assert aivene.claims["AIV-05"].source == "Aivene docs: Image Generations, Body: n (read 2026-11-01)"


def test_what_is_not_claimed_has_no_claim(aivene: Contract) -> None:
    assert aivene.parameters["user"].claimed("default") == ()
    assert aivene.billing.claimed("budget") == ("AIV-22", "AIV-28")
