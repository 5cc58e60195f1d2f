"""Every row of the error table comes with its status, its keys and the whole envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pixelproof import loading

if TYPE_CHECKING:
    from collections.abc import Callable

PROFILES = ["openai", "aivene"]
ON_DEMAND = [
    "content_policy",
    "invalid_request",
    "unauthorized",
    "insufficient_funds",
    "forbidden",
    "rate_limited",
    "server_error",
    "upstream_error",
    "unavailable",
    "timeout",
    "model_retired",
]


@pytest.mark.parametrize("row_name", ON_DEMAND)
@pytest.mark.parametrize("profile", PROFILES)
def test_an_error_on_demand_is_shaped_by_the_table(profile: str, row_name: str, caller: Callable[..., Any]) -> None:
    answer = caller(profile).generate(prompt=f"mock:{row_name} a cat")
    row = loading.shipped(profile).error(row_name)
    envelope = loading.shipped(profile).errors.envelope
    assert answer.status_code == row.statuses[0]
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["x-request-id"]
    error = answer.json["error"]
    assert set(error) == {*envelope.keys, *envelope.extra}
    assert {key: error[key] for key in row.keys} == dict(row.keys)
    assert ("Retry-After" in answer.headers) is row.retry_after


@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        ({"prompt": None}, 400, "missing_required_parameter", "prompt"),
        ({"prompt": " \n "}, 400, "invalid_value", "prompt"),
        ({"n": 11}, 400, "invalid_value", "n"),
        ({"n": 1.5}, 400, "invalid_value", "n"),
        ({"n": True}, 400, "invalid_value", "n"),
        ({"size": "1x1"}, 400, "invalid_value", "size"),
        ({"model": "gpt-image-1", "response_format": "url"}, 400, "unknown_parameter", "response_format"),
        ({"model": "no-such-model"}, 400, "model_not_found", "model"),
        ({"temperature": 1}, 400, "unknown_parameter", "temperature"),
        ({"stream": True}, 400, "invalid_value", "stream"),
        ({"prompt": "x" * 1001}, 400, "invalid_value", "prompt"),
        (
            {"model": "gpt-image-1", "background": "transparent", "output_format": "jpeg"},
            400,
            "invalid_value",
            "background",
        ),
    ],
)
def test_a_violation_names_its_parameter(
    body: dict[str, Any], status: int, code: str, param: str, caller: Callable[..., Any]
) -> None:
    answer = caller("openai").generate(**body)
    error = answer.json["error"]
    assert (answer.status_code, error["code"], error["param"]) == (status, code, param)


def test_a_gpt_image_policy_rejection_has_its_own_code(caller: Callable[..., Any]) -> None:
    answer = caller("openai").generate(prompt="mock:content_policy x", model="gpt-image-1")
    assert answer.json["error"]["code"] == "moderation_blocked"


def test_a_disputed_value_is_served_in_the_contract_s_reading(caller: Callable[..., Any]) -> None:
    one = caller("aivene")
    for disputed in ({"size": "1536x1024"}, {"size": "auto"}, {"quality": "standard"}):
        assert one.generate(model="gpt-image-1", **disputed).status_code == 200


def test_an_unknown_parameter_is_ignored_where_the_contract_says_so(caller: Callable[..., Any]) -> None:
    assert caller("aivene").generate(temperature=1).status_code == 200


def test_an_alias_is_taken(caller: Callable[..., Any]) -> None:
    one = caller("aivene")
    assert one.generate(safety_identifier="user-1").status_code == 200
    assert one.generate(safety_identifier=7).status_code == 400


@pytest.mark.parametrize("profile", PROFILES)
def test_unknown_paths_and_methods_speak_the_profile_s_envelope(profile: str, caller: Callable[..., Any]) -> None:
    one = caller(profile)
    missing = one.client.get(one.path("/nothing"))
    wrong = one.client.put(one.path("/models"))
    assert (missing.status_code, wrong.status_code) == (404, 405)
    assert set(missing.json["error"]) == set(wrong.json["error"]) == {"message", "type", "param", "code"}
    assert "GET" in wrong.headers["Allow"]


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer sk-invalid-1", "Bearer \xff\xfe"]
)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_missing_or_wrong_key_is_unauthorized(profile: str, header: str | None, caller: Callable[..., Any]) -> None:
    one = caller(profile)
    headers = {} if header is None else {"Authorization": header}
    answer = one.client.post(one.path("/images/generations"), json={"prompt": "x"}, headers=headers)
    assert answer.status_code == 401


def test_a_revoked_key_is_unauthorized(caller: Callable[..., Any]) -> None:
    one = caller("aivene")
    key_id = one.admin("GET", "/accounts/{account}").json["keys"][0]["id"]
    assert one.admin("DELETE", f"/accounts/{{account}}/keys/{key_id}").status_code == 200
    assert one.generate().status_code == 401


def test_a_key_without_the_scope_is_forbidden(caller: Callable[..., Any]) -> None:
    reader = caller("aivene", scopes=["models:read"])
    assert reader.generate().json["error"]["type"] == "permission_error"
    assert reader.client.get(reader.path("/models"), headers=reader.auth).status_code == 200


def test_an_error_of_our_own_is_a_500_in_the_envelope_and_costs_nothing(
    caller: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    one = caller("aivene", balance="1.00")
    world = one.client.application.extensions["pixelproof"]
    world.book.account(one.account).seed = None  # no picture can be made without it, and the money is held by then
    answer = one.generate()
    assert (answer.status_code, answer.json["error"]["type"]) == (500, "internal_server_error")
    assert len(world.unexpected) == len(caplog.records) == 1
    assert one.balance == "1.000000"


def test_flask_s_own_way_answers_like_the_fast_lane(caller: Callable[..., Any]) -> None:
    one = caller("aivene")
    one.client.application.fast_lane.clear()
    assert one.generate().status_code == 200
    assert one.generate(model=None).status_code == 400
