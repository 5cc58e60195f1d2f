"""The generated OpenAPI says what the matrix says, and what is committed is what is generated."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from pixelproof import loading, openapi
from pixelproof.contract import MEDIA, MEDIA_LIST, Contract, CustomSizes, Domain, Media
from pixelproof.matrix import Matrix, parameters_of
from pixelproof.openapi.reference import reference_schema
from pixelproof.openapi.request import domain_schema

PROFILES = loading.profiles()
#: Every operation that makes images, by profile.
CREATING = [(profile, operation.name) for profile in PROFILES for operation in loading.shipped(profile).creating()]
#: Error rows that no documented request meets.
ELSEWHERE = {"not_found", "method_not_allowed", "conflict"}


@cache
def document(profile: str) -> dict[str, Any]:
    return openapi.generate(loading.shipped(profile))


def component(profile: str, name: str) -> Draft202012Validator:
    """Return a validator of one component; its references find the others."""
    components = document(profile)["components"]
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": components})


def request_schema(profile: str) -> dict[str, Any]:
    schema: dict[str, Any] = document(profile)["components"]["schemas"]["ImageRequest"]
    return schema


def described(profile: str, name: str = "generate") -> dict[str, Any]:
    """Return what the document says of an operation."""
    operation = loading.shipped(profile).operations[name]
    found: dict[str, Any] = document(profile)["paths"][operation.path][operation.method.lower()]
    return found


def request_validator(profile: str, name: str = "generate") -> Draft202012Validator:
    (content,) = described(profile, name)["requestBody"]["content"].values()
    return Draft202012Validator({**content["schema"], "components": document(profile)["components"]})


def generation(profile: str) -> dict[str, Any]:
    return described(profile)


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


@pytest.mark.parametrize(("profile", "name"), CREATING)
def test_every_example_is_valid_under_the_schema_it_stands_beside(profile: str, name: str) -> None:
    content = described(profile, name)["requestBody"]["content"]["application/json"]
    validator = request_validator(profile, name)
    examples = [example["value"] for example in content.get("examples", {}).values()]
    assert len(examples) == len([e for e in loading.shipped(profile).billing.examples if e.operation == name])
    assert [error.message for example in examples for error in validator.iter_errors(example)] == []


def references(contract: Contract) -> list[Any]:
    """Return reference images of every kind, and values that are nearly one."""
    kinds = [dict(template) for template in contract.media.kinds.values()] if contract.media else []
    broken = [{**kind, next(reversed(kind)): ""} for kind in kinds] + [dict(list(kind.items())[:1]) for kind in kinds]
    return [*kinds, *kinds, *broken, {**kinds[0], "note": 1}, "x", {}, 5] if kinds else []


@st.composite
def bodies(draw: st.DrawFn, contract: Contract, capability: str) -> dict[str, Any]:
    """Draw requests near the border: known names, values of any model, now and then nonsense."""
    body: dict[str, Any] = {}
    media = references(contract)
    for name, parameter in parameters_of(contract, capability).items():
        values: list[Any] = [
            *(parameter.domain.enum or ()),
            None,
            None,
            0,
            1,
            4,
            10,
            11,
            2.0,
            2.5,
            "",
            "x",
            "x" * 4001,
            True,
            [],
        ]
        usual = [parameter.default] if parameter.default is not None else ["x"]
        if name == "model":
            values = [*contract.models, *contract.models, "unheard-of", "", None, 7]
        if parameter.domain.type == MEDIA:
            values, usual = [*media, None], media[:3]
        if parameter.domain.type == MEDIA_LIST:
            values, usual = [media[:1] * 16, [draw(st.sampled_from(media))], media[0], "x", None], [[], media[:3] * 5]
        for spelling in (name, *parameter.aliases):
            if draw(st.sampled_from([parameter.required, True, False, False])):
                body[spelling] = draw(st.sampled_from(values) | st.sampled_from(usual))
    return body | draw(st.sampled_from([{}, {}, {}, {"colour": "red"}]))


@pytest.mark.parametrize(("profile", "name"), CREATING)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_schema_takes_exactly_what_the_matrix_takes(profile: str, name: str, data: st.DataObject) -> None:
    contract = loading.shipped(profile)
    capability = contract.operations[name].capability or ""
    body = data.draw(bodies(contract, capability))
    by_schema = request_validator(profile, name).is_valid(body)
    assert by_schema == (Matrix(contract, capability).violations(body) == ())


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


@pytest.mark.parametrize(
    ("prompt", "valid"), [("x", True), (" x ", True), ("", False), (" \n", False), ("\x1c\x85\u2003", False)]
)
def test_a_blank_prompt_is_no_prompt(prompt: str, *, valid: bool) -> None:
    for profile, name in CREATING:
        if name == "generate":
            body = {"prompt": prompt, "model": next(iter(loading.shipped(profile).models))}
            assert request_validator(profile).is_valid(body) is valid


@pytest.mark.parametrize(
    ("body", "valid"),
    [
        ({"prompt": "x", "model": None, "size": None, "n": None, "user": None}, True),
        ({"prompt": "x", "model": None, "size": "1792x1024"}, False),
        ({"prompt": "x", "moderation": None}, True),
        ({"prompt": "x", "colour": None}, False),
        ({"prompt": None}, False),
    ],
)
def test_null_leaves_an_optional_parameter_out(body: dict[str, Any], *, valid: bool) -> None:
    assert Draft202012Validator(request_schema("openai")).is_valid(body) is valid


def test_a_refused_parameter_and_an_unknown_one_are_refused() -> None:
    validator = Draft202012Validator(request_schema("openai"))
    assert not validator.is_valid({"prompt": "x", "model": "gpt-image-1", "response_format": "url"})
    assert not validator.is_valid({"prompt": "x", "colour": "red"})


def test_a_default_that_differs_by_model_stands_with_the_model() -> None:
    schema = request_schema("openai")
    assert "default" not in schema["properties"]["size"]
    models = [condition["if"]["properties"]["model"] for condition in schema["allOf"]]
    defaults = {
        model.get("const"): condition["then"]["properties"]["size"].get("default")
        for model, condition in zip(models, schema["allOf"], strict=True)
    }
    assert (defaults["dall-e-3"], defaults["gpt-image-1"]) == ("1024x1024", "auto")


def answered(profile: str, names: set[str]) -> set[str]:
    rows = loading.shipped(profile).errors.rows
    return {str(status) for name in names & set(rows) for status in rows[name].statuses}


@pytest.mark.parametrize(("profile", "name"), CREATING)
def test_every_status_of_the_error_table_that_an_operation_can_give_is_there(profile: str, name: str) -> None:
    contract = loading.shipped(profile)
    wanted = answered(profile, set(contract.errors.rows) - ELSEWHERE)
    if contract.operations[name].capability == "image_to_image":
        wanted |= answered(profile, {"not_found"})  # a reference that is nobody's, or somebody else's
    assert wanted == set(described(profile, name)["responses"]) - {str(contract.operations[name].success)}


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


TASK = {"task_id": "t_1", "status": "succeeded", "billing": {"charged_credits": 50, "refunded_credits": 0}}
IMAGE = {"url": "https://a/b.png", "artifact_id": "art_1"}


def outgoing() -> set[tuple[str, str, str]]:
    """Return the links that schemathesis finds: operation, status, target."""
    import schemathesis
    from schemathesis.core.result import Ok
    from schemathesis.specs.openapi.stateful import collect_transitions

    schema = schemathesis.openapi.from_dict(document("stratizon"))
    loaded = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    found = collect_transitions(loaded).operations
    return {(label, link.status_code, link.target.label) for label, node in found.items() for link in node.outgoing}


def test_each_capability_has_its_own_request_where_there_are_several() -> None:
    names = set(document("stratizon")["components"]["schemas"])
    assert names == {"TextToImageRequest", "ImageToImageRequest", "ReferenceImage", "Task", "Error"}
    assert "ImageRequest" in document("openai")["components"]["schemas"]


def test_a_reference_image_is_of_exactly_one_kind() -> None:
    validator = component("stratizon", "ReferenceImage")
    kinds = [{"type": "url", "url": "u"}, {"type": "artifact", "artifact_id": "a"}]
    assert all(validator.is_valid(kind) for kind in kinds)
    assert not validator.is_valid({"type": "artifact", "url": "u"})
    assert not validator.is_valid({"type": "url", "url": ""})
    assert not validator.is_valid("https://a/b.png")


def test_kinds_that_nothing_tells_apart_may_both_fit() -> None:
    bare = Media(kinds={"url": {"url": "{url}"}, "artifact": {"id": "{artifact_id}"}}, upload=None, claims={})
    assert list(reference_schema(bare)) == ["anyOf"]
    assert Draft202012Validator(reference_schema(bare)).is_valid({"url": "u", "id": "a"})


@pytest.mark.parametrize(
    ("name", "body", "valid"),
    [
        ("generate", {"prompt": "x"}, True),
        ("generate", {"prompt": "x", "image": 5}, True),
        ("generate", {"prompt": "x", "aspect_ratio": "auto"}, True),
        ("generate", {"prompt": "x", "aspect_ratio": "auto", "quality": "hd"}, False),
        ("generate", {"prompt": "x", "model": "gpt-image-2", "aspect_ratio": "auto", "quality": "hd"}, False),
        ("generate", {"prompt": "x", "aspect_ratio": "1:1", "quality": "hd"}, True),
        ("transform", {"prompt": "x"}, False),
        ("transform", {"prompt": "x", "image": {"type": "url", "url": "u"}}, True),
        ("transform", {"prompt": "x", "image": {"type": "url"}}, False),
    ],
)
def test_each_operation_has_its_own_parameters_and_exclusions(name: str, body: dict[str, Any], *, valid: bool) -> None:
    assert request_validator("stratizon", name).is_valid(body) is valid


def test_fifteen_extra_images_are_valid_and_sixteen_are_not() -> None:
    validator = request_validator("stratizon", "transform")
    image = {"type": "url", "url": "u"}
    assert validator.is_valid({"prompt": "x", "image": image, "extra_images": [image] * 15})
    assert not validator.is_valid({"prompt": "x", "image": image, "extra_images": [image] * 16})


@pytest.mark.parametrize(
    "size", ["1024x1024", "auto", "64x64", "80x96", "72x64", "96x112", "48x64", "064x64", "64X64", "x"]
)
def test_custom_sizes_are_those_that_the_contract_covers(size: str) -> None:
    custom = CustomSizes(minimum=60, maximum=100, step=16, claim=(), bounds_claim=())
    schema = domain_schema(Domain(type="string", enum=("1024x1024", "auto"), custom=custom))
    covered = size in {"1024x1024", "auto"} or custom.covers(size)
    assert Draft202012Validator(schema).is_valid(size) is covered
    assert covered is (size in {"1024x1024", "auto", "64x64", "80x96"})


def test_an_exclusion_also_meets_a_default_that_is_left_out() -> None:
    contract = loading.shipped("stratizon")
    square = replace(contract.exclusions[0], when={"aspect_ratio": ("1:1",), "quality": ("hd",)})
    schema = openapi.generate(replace(contract, exclusions=(square,)))["components"]["schemas"]["TextToImageRequest"]
    assert not Draft202012Validator(schema).is_valid({"prompt": "x", "quality": "hd"})
    assert Draft202012Validator(schema).is_valid({"prompt": "x", "quality": "hd", "aspect_ratio": "2:1"})


@pytest.mark.parametrize(
    ("changes", "valid"),
    [
        ({"output": {"images": [IMAGE]}}, True),
        ({"output": {"images": [IMAGE]}, "billing": {"charged_credits": "50.0000", "refunded_credits": None}}, True),
        ({"status": "running"}, True),
        ({"status": "queued", "output": None, "error": None}, True),
        ({"status": "failed", "output": {"images": []}, "error": {"message": "x"}}, True),
        ({"output": {"images": [{**IMAGE, "more": 1}]}, "more": 1}, True),
        ({}, False),
        ({"output": None}, False),
        ({"output": {"images": []}}, False),
        ({"output": {"images": [{"url": "u"}]}}, False),
        ({"output": {"images": [{"url": None, "artifact_id": "a"}]}}, False),
        ({"output": {"images": [IMAGE]}, "billing": {"charged_credits": [50]}}, False),
        ({"status": "running", "task_id": None}, False),
    ],
)
def test_a_task_has_its_images_once_it_succeeded(changes: dict[str, Any], *, valid: bool) -> None:
    assert component("stratizon", "Task").is_valid({**TASK, **changes}) is valid


def test_creating_polling_and_canceling_answer_with_the_task() -> None:
    for name, status in (("generate", "202"), ("transform", "202"), ("task", "200"), ("cancel", "200")):
        content = described("stratizon", name)["responses"][status]["content"]
        assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/Task"}


def test_a_task_is_named_in_the_path() -> None:
    (parameter,) = described("stratizon", "task")["parameters"]
    assert (parameter["name"], parameter["in"], parameter["required"]) == ("task_id", "path", True)
    assert "requestBody" not in described("stratizon", "cancel")
    assert "404" in described("stratizon", "task")["responses"]
    assert "409" not in described("stratizon", "task")["responses"]
    assert {"404", "409"} <= set(described("stratizon", "cancel")["responses"])


def test_an_upload_is_a_form_with_a_file_and_names_what_it_stored() -> None:
    form = described("stratizon", "upload")["requestBody"]["content"]["multipart/form-data"]
    assert form["schema"]["required"] == ["file"]
    assert form["schema"]["properties"]["file"]["format"] == "binary"
    assert form["encoding"]["file"]["contentType"] == "image/png, image/jpeg, image/webp"
    answer = described("stratizon", "upload")["responses"]["201"]["content"]["application/json"]["schema"]
    assert Draft202012Validator(answer).is_valid({"artifact_id": "art_1", "more": 1})
    assert not Draft202012Validator(answer).is_valid({"id": "art_1"})


def test_links_lead_from_creating_to_polling_and_from_an_image_to_its_reuse() -> None:
    create, change = "POST /images/generations", "POST /images/image-to-image"
    poll, cancel, upload = "GET /tasks/{task_id}", "POST /tasks/{task_id}/cancel", "POST /uploads"
    assert outgoing() == {
        (create, "202", poll),
        (create, "202", cancel),
        (change, "202", poll),
        (change, "202", cancel),
        (poll, "200", change),
        (upload, "201", change),
    }


def test_a_link_names_the_id_and_the_image_where_the_contract_keeps_them() -> None:
    links = described("stratizon")["responses"]["202"]["links"]
    assert links["task"]["parameters"] == {"task_id": "$response.body#/task_id"}
    reuse = described("stratizon", "task")["responses"]["200"]["links"]["transform"]["requestBody"]
    assert reuse == {"image": {"type": "artifact", "artifact_id": "$response.body#/output/images/0/artifact_id"}}


def test_an_answer_without_a_task_has_no_links() -> None:
    assert "links" not in generation("openai")["responses"]["200"]


def test_an_envelope_of_our_own_choice_demands_no_keys() -> None:
    assert component("stratizon", "Error").is_valid({"error": {"message": "no"}})
    assert not component("stratizon", "Error").is_valid({"message": "no"})
    assert not component("stratizon", "Error").is_valid({"error": {"message": 5}})


@pytest.mark.parametrize("profile", PROFILES)
def test_every_example_of_an_answer_is_valid_under_its_schema(profile: str) -> None:
    components = document(profile)["components"]
    found = []
    for item in document(profile)["paths"].values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                content = response["content"]["application/json"]
                examples = [each["value"] for each in content.get("examples", {}).values()]
                examples += [content["example"]] if "example" in content else []
                validator = Draft202012Validator({**content["schema"], "components": components})
                found += [(operation["operationId"], status, validator.is_valid(example)) for example in examples]
    assert all(valid for _, _, valid in found), found
    errors = {status for _, status, _ in found if int(status) >= 400}
    assert {"400", "401", "429"} <= errors


def test_the_example_of_a_task_shows_what_it_has_in_its_state() -> None:
    states = {}
    for name, status in (("generate", "202"), ("task", "200"), ("cancel", "200")):
        body = described("stratizon", name)["responses"][status]["content"]["application/json"]["example"]
        states[body["status"]] = (len(body["output"]["images"]), body["billing"])
    assert states == {
        "queued": (0, {"charged_credits": 50, "refunded_credits": 0, "currency": "credits"}),
        "succeeded": (1, {"charged_credits": 50, "refunded_credits": 0, "currency": "credits"}),
        "canceled": (0, {"charged_credits": 50, "refunded_credits": 50, "currency": "credits"}),
    }


def test_an_example_names_what_a_request_without_options_gets() -> None:
    body = generation("perf")["responses"]["200"]["content"]["application/json"]["example"]
    assert body["perf"]["model_used"] == "dall-e-3"
    assert (body["perf"]["size"], body["perf"]["quality"], body["perf"]["cost_usd"]) == ("1024x1024", "standard", 0.04)
    assert "usage" not in generation("openai")["responses"]["200"]["content"]["application/json"]["example"]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_operation_says_in_a_line_what_it_does(profile: str) -> None:
    summaries = [operation["summary"] for item in document(profile)["paths"].values() for operation in item.values()]
    assert len(set(summaries)) == len(summaries)
    assert not any("/" in summary for summary in summaries)
