"""The matrix says what is wrong with a request, and what a request runs with."""

from __future__ import annotations

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
