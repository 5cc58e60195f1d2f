"""The matrix says what is wrong with a request, and what a request runs with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pixelproof import loading
from pixelproof.contract import Json
from pixelproof.matrix import Fault, Matrix


@pytest.fixture
def aivene() -> Matrix:
    return Matrix(loading.shipped("aivene"))


@pytest.fixture
def reference() -> Matrix:
    return Matrix(loading.shipped("openai"))


@pytest.fixture
def from_text() -> Matrix:
    return Matrix(loading.shipped("stratizon"), "text_to_image")


@pytest.fixture
def from_images() -> Matrix:
    return Matrix(loading.shipped("stratizon"), "image_to_image")


PICTURE: dict[str, Json] = {"type": "url", "url": "https://a/b.png"}
STORED: dict[str, Json] = {"type": "artifact", "artifact_id": "art_1"}
INLINE: dict[str, Json] = {"type": "data_uri", "data_uri": "data:image/png;base64,aGk="}


def body(**parameters: Json) -> dict[str, Json]:
    return {"model": "dall-e-3", "prompt": "a red bicycle", **parameters}


@pytest.mark.parametrize(
    ("request_body", "parameter", "fault", "claim"),
    [
        ({"model": "dall-e-3"}, "prompt", Fault.MISSING, "AIV-03"),
        (body(prompt=None), "prompt", Fault.MISSING, "AIV-03"),
        (body(prompt=""), "prompt", Fault.TOO_SHORT, "AIV-30"),
        (body(prompt=["a"]), "prompt", Fault.TYPE, "AIV-30"),
        (body(model="dall-e-9"), "model", Fault.UNKNOWN_MODEL, "AIV-04"),
        (body(n=2), "n", Fault.MAXIMUM, "AIV-30"),
        (body(n=0), "n", Fault.MINIMUM, "AIV-30"),
        (body(size="256x256"), "size", Fault.ENUM, "AIV-07"),
        (body(quality="low"), "quality", Fault.ENUM, "AIV-07"),
        (body(style="grim"), "style", Fault.ENUM, "AIV-13"),
        (body(response_format="jpeg"), "response_format", Fault.ENUM, "AIV-15"),
        (body(user=7), "user", Fault.TYPE, "AIV-16"),
        (body(safety_identifier=7), "user", Fault.TYPE, "AIV-16"),
    ],
)
def test_the_first_thing_wrong_is_named_with_its_claim(
    aivene: Matrix, request_body: dict[str, Json], parameter: str, fault: Fault, claim: str
) -> None:
    first = aivene.violations(request_body)[0]
    assert (first.parameter, first.fault) == (parameter, fault)
    assert claim in first.claim
    assert parameter in first.message


@pytest.mark.parametrize("value", [True, "1", 1.5, [1], {"n": 1}], ids=["boolean", "text", "fraction", "list", "map"])
def test_a_number_of_images_is_a_whole_number(aivene: Matrix, value: Json) -> None:
    assert [violation.fault for violation in aivene.violations(body(n=value))][:1] == [Fault.TYPE]


def test_an_integral_float_is_a_whole_number(aivene: Matrix) -> None:
    assert aivene.violations(body(n=1.0)) == ()


def test_null_counts_as_left_out(aivene: Matrix) -> None:
    assert aivene.violations(body(size=None, quality=None)) == ()
    assert aivene.effective(body(size=None))["size"] == "1024x1024"


def test_an_unknown_parameter_is_ignored_or_refused_as_the_contract_says(aivene: Matrix, reference: Matrix) -> None:
    assert aivene.violations(body(colour="red")) == ()
    (violation,) = reference.violations(body(colour="red"))
    assert (violation.parameter, violation.fault, violation.error) == (
        "colour",
        Fault.UNKNOWN_PARAMETER,
        "unknown_parameter",
    )


def test_a_refused_parameter_is_answered_with_the_row_the_cell_names(reference: Matrix) -> None:
    (violation,) = reference.violations(body(model="gpt-image-1", response_format="url"))
    assert (violation.fault, violation.error, violation.claim) == (Fault.UNSUPPORTED, "unknown_parameter", ("OAI-04",))


def test_an_ignored_parameter_is_taken_and_has_no_effect(aivene: Matrix) -> None:
    request = body(model="dall-e-2", style="natural")
    assert aivene.violations(request) == ()
    assert "style" not in aivene.effective(request)


def test_an_ignored_parameter_still_has_its_type(aivene: Matrix) -> None:
    assert aivene.violations(body(model="dall-e-2", style=5))[0].parameter == "style"


def test_a_request_without_a_model_runs_with_the_default_model(reference: Matrix, aivene: Matrix) -> None:
    assert reference.effective({"prompt": "x"})["model"] == "dall-e-2"
    assert [violation.parameter for violation in aivene.violations({"prompt": "x"})] == ["model", "model"]


def test_an_empty_model_name_does_not_stand_for_the_default_model(reference: Matrix) -> None:
    assert [violation.fault for violation in reference.violations({"prompt": "x", "model": ""})] == [
        Fault.UNKNOWN_MODEL
    ]


def test_defaults_are_those_of_the_model(reference: Matrix) -> None:
    assert reference.effective({"model": "gpt-image-1"})["size"] == "auto"
    assert reference.effective({"model": "dall-e-3"})["size"] == "1024x1024"


def test_an_alias_is_the_same_parameter(aivene: Matrix) -> None:
    assert aivene.canonical({"safety_identifier": "u-1"}) == {"user": "u-1"}
    assert aivene.canonical({"user": "u-1", "safety_identifier": "u-2"}) == {"user": "u-1"}


def test_a_second_spelling_must_be_well_formed_too(aivene: Matrix) -> None:
    (violation,) = aivene.violations(body(user="u-1", safety_identifier=7))
    assert (violation.parameter, violation.fault) == ("user", Fault.TYPE)


def test_the_longest_prompt_is_taken_and_one_more_character_is_not(reference: Matrix) -> None:
    assert reference.violations(body(prompt="é" * 4000)) == ()
    (violation,) = reference.violations(body(prompt="é" * 4001))
    assert (violation.fault, violation.claim) == (Fault.TOO_LONG, ("OAI-01",))


@pytest.mark.parametrize("model", [[], {}, 5, True, "x" * 10_000])
def test_any_json_value_as_model_is_refused_and_quoted_short(aivene: Matrix, model: Json) -> None:
    violations = aivene.violations(body(model=model))
    assert violations
    assert all(len(violation.message) < 200 for violation in violations)


def changed(**parameters: Json) -> dict[str, Json]:
    """Build an image-to-image request."""
    return {"prompt": "a red bicycle", "image": PICTURE, **parameters}


@pytest.mark.parametrize("reference_image", [PICTURE, STORED, INLINE, {**PICTURE, "note": "x"}])
def test_a_reference_image_of_every_kind_is_taken(from_images: Matrix, reference_image: Json) -> None:
    assert from_images.violations(changed(image=reference_image)) == ()


@pytest.mark.parametrize(
    "value",
    ["https://a/b.png", [PICTURE], {}, {"type": "url"}, {"type": "url", "url": ""}, {"type": "artifact", "url": "u"}],
)
def test_what_has_the_shape_of_no_kind_is_refused(from_images: Matrix, value: Json) -> None:
    first = from_images.violations(changed(image=value))[0]
    assert (first.parameter, first.fault, first.error) == ("image", Fault.TYPE, "invalid_request")
    assert "url, artifact, data_uri" in first.message


def test_an_image_to_image_request_needs_an_image(from_images: Matrix) -> None:
    (violation,) = from_images.violations({"prompt": "x"})
    assert (violation.parameter, violation.fault, violation.claim) == ("image", Fault.MISSING, ("STR-09",))


def test_fifteen_extra_images_are_taken_and_sixteen_are_not(from_images: Matrix) -> None:
    mixed: list[Json] = [PICTURE, STORED, INLINE] * 5
    assert from_images.violations(changed(extra_images=mixed)) == ()
    (violation,) = from_images.violations(changed(extra_images=[*mixed, PICTURE]))
    assert (violation.parameter, violation.fault) == ("extra_images", Fault.TOO_MANY)
    assert "STR-09" in violation.claim


@pytest.mark.parametrize("value", [PICTURE, "x", [PICTURE, "x"], [PICTURE, {"type": "url"}], [[PICTURE]]])
def test_extra_images_are_a_list_of_reference_images(from_images: Matrix, value: Json) -> None:
    first = from_images.violations(changed(extra_images=value))[0]
    assert (first.parameter, first.fault) == ("extra_images", Fault.TYPE)


def test_no_extra_images_are_no_violation(from_images: Matrix) -> None:
    assert from_images.violations(changed(extra_images=[])) == ()
    assert from_images.violations(changed(extra_images=None)) == ()


def test_a_parameter_of_another_capability_is_unknown(from_text: Matrix) -> None:
    # Unknown parameters are ignored here, so even a senseless one is no violation.
    assert from_text.violations({"prompt": "x", "image": 5}) == ()


@pytest.mark.parametrize(
    ("parameters", "excluded"),
    [
        ({"aspect_ratio": "auto", "quality": "hd"}, True),
        ({"aspect_ratio": "auto", "quality": "standard"}, False),
        ({"aspect_ratio": "auto"}, False),
        ({"aspect_ratio": "1:1", "quality": "hd"}, False),
        ({"quality": "hd"}, False),
        ({"aspect_ratio": "auto", "quality": None}, False),
    ],
)
def test_values_that_exclude_each_other_are_refused_together(
    from_text: Matrix, from_images: Matrix, parameters: dict[str, Json], *, excluded: bool
) -> None:
    for matrix in (from_text, from_images):
        faults = [(v.parameter, v.fault, v.claim) for v in matrix.violations(changed(**parameters))]
        assert faults == ([("aspect_ratio", Fault.EXCLUDED, ("STR-07",))] if excluded else [])


def test_an_excluded_default_counts_when_it_is_left_out() -> None:
    contract = loading.shipped("stratizon")
    square = replace(contract.exclusions[0], when={"aspect_ratio": ("1:1",), "quality": ("hd",)})
    matrix = Matrix(replace(contract, exclusions=(square,)))
    assert [v.fault for v in matrix.violations({"prompt": "x", "quality": "hd"})] == [Fault.EXCLUDED]
    assert matrix.violations({"prompt": "x", "quality": "hd", "aspect_ratio": "2:1"}) == ()


def test_a_request_runs_with_its_capability_and_defaults(from_text: Matrix, from_images: Matrix) -> None:
    assert from_text.effective({"prompt": "x"}) == {
        "capability": "text_to_image",
        "model": "auto",
        "prompt": "x",
        "quality": "standard",
        "aspect_ratio": "1:1",
        "n": 1,
    }
    assert from_images.effective(changed())["capability"] == "image_to_image"
    assert from_images.effective(changed())["image"] == PICTURE
