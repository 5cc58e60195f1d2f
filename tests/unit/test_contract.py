"""The typed contract answers the questions that mock and rules ask of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pixelproof import loading
from pixelproof.contract import FALLBACKS, MEDIA, MEDIA_LIST, About, Contract
from pixelproof.money import Units


@pytest.fixture
def reference() -> Contract:
    return loading.shipped("openai")


@pytest.fixture
def aivene() -> Contract:
    return loading.shipped("aivene")


@pytest.fixture
def stratizon() -> Contract:
    return loading.shipped("stratizon")


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


def test_operations_that_make_images_come_in_the_contracts_order(stratizon: Contract, aivene: Contract) -> None:
    assert [operation.name for operation in stratizon.creating()] == ["generate", "transform"]
    assert [operation.creates_task for operation in stratizon.creating()] == [True, True]
    assert [(operation.name, operation.creates_task) for operation in aivene.creating()] == [("generate", False)]


def test_a_parameter_may_belong_to_one_capability(stratizon: Contract) -> None:
    image, extra = stratizon.parameters["image"], stratizon.parameters["extra_images"]
    assert (image.domain.type, image.required, image.capabilities) == (MEDIA, True, ("image_to_image",))
    assert (extra.domain.type, extra.domain.maximum, extra.required) == (MEDIA_LIST, 15, False)
    assert stratizon.parameters["prompt"].capabilities is None


def test_values_that_exclude_each_other_are_read(stratizon: Contract, aivene: Contract) -> None:
    (exclusion,) = stratizon.exclusions
    assert exclusion.when == {"aspect_ratio": ("auto",), "quality": ("hd",)}
    assert (exclusion.parameter, exclusion.claim) == ("aspect_ratio", ("STR-07",))
    assert aivene.exclusions == ()


def test_a_task_says_where_it_keeps_what(stratizon: Contract, aivene: Contract) -> None:
    tasks = stratizon.tasks
    assert tasks is not None
    assert tasks.pointers["charged"] == "/billing/charged_credits"
    assert set(tasks.pointers) == {"id", "status", "images", "charged", "refunded", "references", "error"}
    assert tasks.states["canceled"] == ("canceled",)
    assert (tasks.queued_s, tasks.running_s) == (1, 2)
    assert (tasks.claimed("chaining"), tasks.claimed("unheard_of")) == (("STR-12",), ())
    assert aivene.tasks is None


def test_reference_images_have_kinds_and_an_upload(stratizon: Contract, aivene: Contract) -> None:
    media = stratizon.media
    assert media is not None
    assert list(media.kinds) == ["url", "artifact", "data_uri"]
    assert media.kinds["artifact"] == {"type": "artifact", "artifact_id": "{artifact_id}"}
    assert media.claimed("kinds") == ("STR-10",)
    assert media.upload is not None
    assert (media.upload.field, media.upload.artifact_id) == ("file", "/artifact_id")
    assert media.upload.claims["stores"] == ("STR-04",)
    assert aivene.media is None


def test_every_ratio_has_pixels_of_that_ratio(stratizon: Contract) -> None:
    images = stratizon.images
    name = images.ratio_parameter
    assert name == "aspect_ratio"
    assert set(images.sizes) == set(stratizon.parameters[name].domain.enum or ())
    for ratio, size in images.sizes.items():
        wide, high = map(int, ("1:1" if ratio == "auto" else ratio).split(":"))
        width, height = map(int, size.split("x"))
        assert abs(width / height / (wide / high) - 1) * 100 <= images.ratio_tolerance_percent


def test_a_model_may_only_stand_for_another(stratizon: Contract) -> None:
    assert stratizon.models["auto"].routes_to == "gpt-image-2"
    assert stratizon.models["auto"].routes_to in stratizon.models


def test_an_amount_shown_may_be_disputed_and_covers_no_request(stratizon: Contract) -> None:
    (point,) = stratizon.ambiguities
    assert (point.about, set(point.readings), point.mock) == (About.CHARGED, {"gross", "net"}, "gross")
    assert not point.covers({"model": "auto"})


def test_a_refund_example_names_its_operation(stratizon: Contract) -> None:
    partly, other, wholly = stratizon.billing.refund_examples
    assert (partly.operation, partly.delivered, partly.refund) == ("generate", 1, Units(9_000_000))
    assert (other.operation, wholly.delivered) == ("transform", 0)
