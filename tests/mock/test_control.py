"""The control plane is strict, safe against web pages, and never shows a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pixelproof import loading
from pixelproof.edges import create_mock
from pixelproof.problems import BadUsage
from pixelproof.settings import MockSettings

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("POST", "/accounts", {"profile": "openai", "ballance": "1"}, 400, "ballance"),
        ("POST", "/accounts", {}, 400, "profile"),
        ("POST", "/accounts", {"profile": "nobody"}, 400, "profile"),
        ("POST", "/accounts", {"profile": "openai", "balance": 0.5}, 400, "balance"),
        ("POST", "/accounts", {"profile": "openai", "balance": "-1"}, 400, "balance"),
        ("POST", "/accounts", {"profile": "openai", "balance": "0.0000001"}, 400, "balance"),
        ("POST", "/accounts", {"profile": "openai", "key": "sk-invalid"}, 400, "key"),
        ("POST", "/accounts", {"profile": "aivene", "scopes": ["images:wirte"]}, 400, "scopes"),
        ("POST", "/accounts", {"profile": "openai", "limits": {"rpm": 1}}, 400, "limits.rpm"),
        ("PATCH", "/accounts/{account}", {"balance": "5"}, 400, "balance"),
        ("POST", "/accounts/{account}/top-ups", {"amount": "0"}, 400, "amount"),
        ("POST", "/accounts/{account}/top-ups", {}, 400, "amount"),
        ("POST", "/clock/advance", {"seconds": -1}, 400, "seconds"),
        ("POST", "/clock/advance", {"seconds": 1e300}, 400, "seconds"),
        ("POST", "/clock/advance", {"seconds": 1, "acount": "x"}, 400, "acount"),
        ("POST", "/faults", {"effect": "servererror"}, 400, "effect"),
        ("POST", "/faults", {"effect": "latency", "status": 503}, 400, "status"),
        ("POST", "/faults", {"effect": "reset", "when": "later"}, 400, "when"),
        ("POST", "/faults", {"effect": "reset", "match": {"modell": "x"}}, 400, "match.modell"),
        ("GET", "/accounts/acc_none", {}, 404, None),
        ("GET", "/accounts/acc_none/ledger", {}, 404, None),
        ("DELETE", "/accounts/{account}/keys/key_none", {}, 404, None),
        ("DELETE", "/faults/flt_none", {}, 404, None),
        ("GET", "/requests?colour=red", {}, 400, "colour"),
        ("GET", "/requests?limit=-1", {}, 400, "limit"),
        ("GET", "/nothing", {}, 404, None),
        ("GET", "/tasks/task_1", {}, 404, None),
    ],
)
def test_what_cannot_be_done_is_said_with_the_field(  # noqa: PLR0913, PLR0917 - the columns of the table above
    method: str, path: str, body: dict[str, Any], status: int, field: str | None, caller: Callable[..., Any]
) -> None:
    answer = caller().admin(method, path, **body)
    assert answer.status_code == status
    assert set(answer.json["error"]) == {"message", "field", "suggestion"}
    assert answer.json["error"]["field"] == field


def test_a_misspelt_field_comes_with_the_right_one(caller: Callable[..., Any]) -> None:
    error = caller().admin("POST", "/accounts", ballance="1").json["error"]
    assert error["suggestion"] == "did you mean 'balance'?"


def test_a_known_key_is_a_conflict_that_names_its_account(caller: Callable[..., Any]) -> None:
    one = caller("openai", key="sk-mine")
    answer = one.admin("POST", "/accounts", profile="openai", key="sk-mine")
    assert (answer.status_code, answer.json["error"]["suggestion"]) == (409, one.account)
    assert one.admin("POST", "/accounts", profile="aivene", key="sk-mine").status_code == 201


def test_an_account_is_found_by_a_key_too(caller: Callable[..., Any]) -> None:
    one = caller("openai", key="sk:by.hand")
    assert one.admin("GET", "/accounts/sk%3Aby.hand").json["id"] == one.account


def test_top_ups_and_adjustments_are_written_down(caller: Callable[..., Any]) -> None:
    one = caller("openai", balance="1.00")
    assert one.admin("POST", "/accounts/{account}/top-ups", amount="0.50").json["balance"] == "1.500000"
    assert one.admin("PATCH", "/accounts/{account}", adjustment="-0.25").json["balance"] == "1.250000"
    check = one.admin("GET", "/accounts/{account}/ledger/check").json
    assert check == {
        "balanced": True,
        "opening": "1.000000",
        "top_ups": "0.500000",
        "adjustments": "-0.250000",
        "charged": "0.000000",
        "refunded": "0.000000",
        "held": "0.000000",
        "balance": "1.250000",
    }


def test_a_ledger_is_read_page_by_page(caller: Callable[..., Any]) -> None:
    one = caller("openai")
    one.generate()
    first = one.admin("GET", "/accounts/{account}/ledger?limit=3").json
    rest = one.admin("GET", f"/accounts/{{account}}/ledger?limit=3&after={first['next']}").json
    assert [entry["seq"] for entry in first["entries"] + rest["entries"]] == [1, 2, 3, 4]
    assert (first["next"], rest["next"]) == (3, None)


def test_the_clock_freezes_advances_and_resumes(caller: Callable[..., Any]) -> None:
    one = caller()
    frozen = one.admin("POST", "/clock/freeze").json
    assert frozen["frozen"] is True
    assert one.admin("GET", "/clock").json == frozen
    assert one.admin("POST", "/clock/advance", seconds=3600).json["now"] > frozen["now"]
    assert one.admin("POST", "/clock/resume").json["frozen"] is False


def test_the_journal_says_which_step_and_claim_answered(caller: Callable[..., Any]) -> None:
    one = caller("aivene")
    one.generate()
    one.generate(model=None)
    one.generate({"X-Mock-Fault": "server_error"})
    seen = [(line["status"], line["step"], line["claim"], line["fault"]) for line in one.journal()]
    assert seen == [
        (200, "respond", ["AIV-01"], None),
        (400, "check_shape", ["AIV-03"], None),
        (500, "run", ["AIV-25"], "server_error"),
    ]
    assert one.journal(status=400)[0]["request"] == {"prompt": "a lighthouse at dawn"}
    assert one.client.delete(f"/__admin/requests?account={one.account}").json == {"deleted": 3}
    assert one.journal() == []


def test_no_key_is_ever_in_the_journal_or_an_account(caller: Callable[..., Any]) -> None:
    one = caller("openai", key="sk-very-secret-key")
    one.generate(prompt="draw sk-very-secret-key", n=2, response_format="b64_json")
    one.generate(**{"sk-very-secret-key": 1})
    one.send(b"sk-very-secret-key")
    for path in ("/requests", "/accounts", f"/accounts/{one.account}", "/faults", f"/accounts/{one.account}/ledger"):
        assert "very-secret" not in one.client.get(f"/__admin{path}").text, path


def test_long_bodies_are_shortened_in_the_journal(caller: Callable[..., Any]) -> None:
    one = caller("openai")
    one.generate(prompt="x" * 900, n=10, response_format="b64_json")
    (line,) = one.journal()
    assert len(line["request"]["prompt"]) < 300
    assert len(line["response"]["data"]) == 10
    assert len(str(line)) < 5_000


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_web_page_cannot_reach_the_control_plane(headers: dict[str, str], serve_mock: Callable[..., Any]) -> None:
    assert serve_mock().get("/__admin/accounts", headers=headers).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1", "[::1]:8765", "127.0.0.1:8765"])
def test_the_machine_itself_can(host: str, serve_mock: Callable[..., Any]) -> None:
    headers = {"Host": host, "Origin": f"http://{host}"}
    assert serve_mock().get("/__admin/health", headers=headers).status_code == 200


def test_a_form_post_is_refused(serve_mock: Callable[..., Any]) -> None:
    answer = serve_mock("openai").post("/__admin/accounts", data="{}", content_type="text/plain")
    assert answer.json["error"]["field"] == "Content-Type"


def test_a_token_is_demanded_once_set(serve_mock: Callable[..., Any]) -> None:
    client = serve_mock("openai", admin_token="t0ken", loopback=False)
    assert client.get("/__admin/health").status_code == 401
    assert client.get("/__admin/health", headers={"X-Admin-Token": "wrong"}).status_code == 401
    assert client.get("/__admin/health", headers={"X-Admin-Token": "t0ken"}).status_code == 200
    assert client.get("/__admin/health", headers={"Authorization": "Bearer t0ken"}).status_code == 200


def test_the_control_plane_can_be_absent(serve_mock: Callable[..., Any]) -> None:
    assert serve_mock("openai", admin=False).get("/__admin/health").status_code == 404


def test_closed_keys_know_only_what_the_control_plane_made(
    serve_mock: Callable[..., Any], caller: Callable[..., Any]
) -> None:
    one = caller("openai", serve_mock("openai", closed_keys=True))
    assert one.generate().status_code == 200
    assert one.generate({"Authorization": "Bearer sk-stranger"}).status_code == 401


def test_an_unknown_key_opens_an_account_with_the_documented_balance(serve_mock: Callable[..., Any]) -> None:
    client = serve_mock("openai")
    client.get("/v1/models", headers={"Authorization": "Bearer sk-new"})
    (account,) = client.get("/__admin/accounts").json["accounts"]
    assert account["balance"] == "1000.000000"


def test_a_reset_says_what_it_cleared(caller: Callable[..., Any]) -> None:
    one = caller()
    assert one.admin("POST", "/reset").json == {
        "reset": ["accounts", "tasks", "artifacts", "faults", "requests", "clock", "forex"]
    }
    assert one.admin("GET", "/accounts").json == {"accounts": []}


def test_models_are_listed_in_openai_s_shape(caller: Callable[..., Any]) -> None:
    one = caller("aivene")
    body = one.client.get(one.path("/models"), headers=one.auth).json
    assert body["object"] == "list"
    assert [model["id"] for model in body["data"]] == list(loading.shipped("aivene").models)


def test_debug_headers_appear_only_when_asked_for(serve_mock: Callable[..., Any], caller: Callable[..., Any]) -> None:
    assert caller("openai", serve_mock("openai", debug_headers=True)).generate().headers["x-mock-step"] == "respond"
    assert "x-mock-step" not in caller("openai").generate().headers


def test_a_liar_is_planted_by_name(serve_mock: Callable[..., Any], caller: Callable[..., Any]) -> None:
    one = caller("aivene", serve_mock("aivene", liar="aivene-charged-twice"), balance="1.00")
    assert one.generate().status_code == 200
    assert one.balance == "0.960000"


def test_an_unknown_liar_is_named_with_the_nearest(serve_mock: Callable[..., Any]) -> None:
    with pytest.raises(BadUsage, match="did you mean"):
        serve_mock("aivene", liar="aivene-charged-twise")


def test_a_server_without_a_profile_is_refused() -> None:
    with pytest.raises(BadUsage):
        create_mock([], MockSettings())
    with pytest.raises(BadUsage):
        create_mock([loading.shipped("openai")] * 2, MockSettings())
