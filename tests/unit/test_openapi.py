"""The generated OpenAPI says what the matrix says, and what is committed is what is generated."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from pixelproof import loading, openapi
from pixelproof.contract import Contract
from pixelproof.matrix import Matrix

PROFILES = loading.profiles()


@cache
def document(profile: str) -> dict[str, Any]:
    return openapi.generate(loading.shipped(profile))


def request_schema(profile: str) -> dict[str, Any]:
    schema: dict[str, Any] = document(profile)["components"]["schemas"]["ImageRequest"]
    return schema


def generation(profile: str) -> dict[str, Any]:
    operation: dict[str, Any] = document(profile)["paths"]["/images/generations"]["post"]
    return operation


def error_validator(profile: str, status: str) -> Draft202012Validator:
    schema = generation(profile)["responses"][status]["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": document(profile)["components"]})


@pytest.mark.parametrize("profile", PROFILES)
def test_the_committed_document_is_the_generated_one(profile: str) -> None:
    committed = (loading.specs_folder() / profile / "openapi.yaml").read_text("utf-8")
    assert committed == openapi.dump(document(profile)), "run `nox -s specs` and commit the result"


@pytest.mark.parametrize("profile", PROFILES)
def test_the_document_is_valid_openapi(profile: str) -> None:
    validate(yaml.safe_load(openapi.dump(document(profile))))


@pytest.mark.parametrize("profile", PROFILES)
def test_generating_and_dumping_is_stable(profile: str) -> None:
    text = openapi.dump(document(profile))
    assert openapi.dump(openapi.generate(loading.shipped(profile))) == text
    assert yaml.safe_load(text) == document(profile)
    assert "&id" not in text


@pytest.mark.parametrize("profile", PROFILES)
def test_schemathesis_loads_every_operation(profile: str) -> None:
    import schemathesis
    from schemathesis.core.result import Ok

    schema = schemathesis.openapi.from_dict(document(profile))
    loaded = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    labels = {f"{one.method} {one.path}" for one in loading.shipped(profile).operations.values()}
    assert {operation.label for operation in loaded} == labels


@pytest.mark.parametrize("profile", PROFILES)
def test_every_example_is_valid_under_the_schema_it_stands_beside(profile: str) -> None:
    content = generation(profile)["requestBody"]["content"]["application/json"]
    validator = Draft202012Validator(request_schema(profile))
    examples = [example["value"] for example in content["examples"].values()]
    assert len(examples) == len(loading.shipped(profile).billing.examples)
    assert [error.message for example in examples for error in validator.iter_errors(example)] == []


@st.composite
def bodies(draw: st.DrawFn, contract: Contract) -> dict[str, Any]:
    """Draw requests near the border: known names, values of any model, now and then nonsense."""
    body: dict[str, Any] = {}
    for name, parameter in contract.parameters.items():
        values: list[Any] = [*(parameter.domain.enum or ()), 0, 1, 4, 10, 11, 2.0, 2.5, "", "x", "x" * 4001, True, []]
        if name == "model":
            values = [*contract.models, *contract.models, "unheard-of", "", 7]
        usual = [parameter.default] if parameter.default is not None else ["x"]
        for spelling in (name, *parameter.aliases):
            if draw(st.sampled_from([parameter.required, True, False, False])):
                body[spelling] = draw(st.sampled_from(values) | st.sampled_from(usual))
    return body | draw(st.sampled_from([{}, {}, {}, {"colour": "red"}]))


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_schema_takes_exactly_what_the_matrix_takes(profile: str, data: st.DataObject) -> None:
    contract = loading.shipped(profile)
    body = data.draw(bodies(contract))
    by_schema = Draft202012Validator(request_schema(profile)).is_valid(body)
    assert by_schema == (Matrix(contract).violations(body) == ())


@pytest.mark.parametrize(
    ("body", "valid"),
    [
        ({"prompt": "x", "model": "gpt-image-1", "size": "auto"}, True),
        ({"prompt": "x", "model": "dall-e-3", "size": "auto"}, False),
        ({"prompt": "x", "model": "dall-e-3", "n": 2}, False),
        ({"prompt": "x", "model": "dall-e-2", "n": 2}, True),
        ({"prompt": "x"}, False),
        ({"prompt": "x", "model": "dall-e-3", "safety_identifier": "u-1"}, True),
        ({"prompt": "x", "model": "dall-e-3", "colour": "red"}, True),
    ],
)
def test_each_model_has_its_own_conditions(body: dict[str, Any], valid: bool) -> None:  # noqa: FBT001
    assert Draft202012Validator(request_schema("aivene")).is_valid(body) is valid


def test_conditions_of_the_default_model_hold_when_no_model_is_named() -> None:
    validator = Draft202012Validator(request_schema("openai"))
    assert validator.is_valid({"prompt": "x", "size": "256x256"})
    assert not validator.is_valid({"prompt": "x", "size": "1792x1024"})
    assert not validator.is_valid({"prompt": "x", "moderation": "low"})


def test_a_refused_parameter_and_an_unknown_one_are_refused() -> None:
    validator = Draft202012Validator(request_schema("openai"))
    assert not validator.is_valid({"prompt": "x", "model": "gpt-image-1", "response_format": "url"})
    assert not validator.is_valid({"prompt": "x", "colour": "red"})


def test_a_default_that_differs_by_model_stands_with_the_model() -> None:
    schema = request_schema("openai")
    assert "default" not in schema["properties"]["size"]
    defaults = {
        condition["if"]["properties"]["model"]["const"]: condition["then"]["properties"]["size"].get("default")
        for condition in schema["allOf"]
    }
    assert (defaults["dall-e-3"], defaults["gpt-image-1"]) == ("1024x1024", "auto")


@pytest.mark.parametrize("profile", PROFILES)
def test_every_status_of_the_error_table_that_an_operation_can_give_is_there(profile: str) -> None:
    rows = loading.shipped(profile).errors.rows
    wanted = {
        str(s) for name, row in rows.items() if name not in {"not_found", "method_not_allowed"} for s in row.statuses
    }
    assert wanted == set(generation(profile)["responses"]) - {"200"}


def test_an_error_has_the_documented_envelope_and_type() -> None:
    unauthorized = error_validator("aivene", "401")
    assert unauthorized.is_valid({"error": {"type": "authentication_error", "message": "no", "code": 5}})
    assert not unauthorized.is_valid({"error": {"type": "invalid_request_error", "message": "no"}})
    assert not unauthorized.is_valid({"error": {"type": "authentication_error"}})
    assert not unauthorized.is_valid({"type": "authentication_error", "message": "no"})


def test_every_reading_of_a_disputed_error_type_is_valid() -> None:
    broke = error_validator("aivene", "402")
    valid = [
        kind
        for kind in ("billing_error", "insufficient_balance", "broke")
        if broke.is_valid({"error": {"type": kind, "message": ""}})
    ]
    assert valid == ["billing_error", "insufficient_balance"]


def test_our_own_assumptions_do_not_narrow_an_error() -> None:
    assert error_validator("aivene", "413").is_valid({"error": {"type": "anything", "message": ""}})


def test_retry_after_is_required_where_the_page_promises_it() -> None:
    assert generation("aivene")["responses"]["429"]["headers"]["Retry-After"]["required"] is True
    assert "required" not in generation("openai")["responses"]["429"]["headers"]["Retry-After"]


@pytest.mark.parametrize(
    ("body", "valid"),
    [
        ({"created": 1, "data": [{"url": "https://a/b.png"}]}, True),
        ({"created": 1.0, "data": [{"url": None, "b64_json": "aGk=", "extra": 1}], "more": {}}, True),
        ({"created": 1, "data": []}, True),
        ({"created": 1, "data": [{"url": None}]}, False),
        ({"created": 1, "data": [{"revised_prompt": "x"}]}, False),
        ({"created": "1", "data": [{"url": "u"}]}, False),
        ({"data": [{"url": "u"}]}, False),
    ],
)
def test_a_success_has_the_documented_shape(body: dict[str, Any], valid: bool) -> None:  # noqa: FBT001
    schema = document("openai")["components"]["schemas"]["ImageResponse"]
    assert Draft202012Validator(schema).is_valid(body) is valid


def test_the_scope_of_a_key_is_named_where_there_is_one() -> None:
    assert generation("aivene")["security"] == [{"key": ["images:write"]}]
    assert document("aivene")["security"] == [{"key": []}]
