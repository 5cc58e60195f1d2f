"""Faults strike whom they are meant for, as often as asked, through every door."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import orjson
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


def statuses(one: Any, count: int, **body: Any) -> list[int]:
    return [one.generate(**body).status_code for _ in range(count)]


def test_twice_429_then_fine(caller: Callable[..., Any]) -> None:
    one = caller("aivene")
    assert statuses(one, 4, prompt="mock:rate_limited=2 a cat") == [429, 429, 200, 200]
    assert statuses(one, 3, prompt="mock:rate_limited=2 a dog") == [429, 429, 200]
    assert statuses(caller("aivene"), 1, prompt="mock:rate_limited=2 a cat") == [429]


def test_the_header_does_the_same_and_comes_first(caller: Callable[..., Any]) -> None:
    one = caller("openai")
    headers = {"X-Mock-Fault": "unavailable=1"}
    assert [one.generate(headers).status_code for _ in range(2)] == [503, 200]


def test_a_correlation_token_stands_before_the_magic_word(caller: Callable[..., Any]) -> None:
    one = caller("openai")
    assert one.generate(prompt="[pp-abc123] mock:server_error x").status_code == 500
    assert one.journal(trace="abc123")[0]["fault"] == "server_error"


def test_a_correlation_token_counts_neither_as_length_nor_as_prompt(caller: Callable[..., Any]) -> None:
    one = caller("openai")
    assert one.generate(prompt="[pp-abc123] " + "x" * 1000).status_code == 200
    assert one.generate(prompt="[pp-abc123] ").status_code == 400
    assert one.generate(prompt="[pp-abc123]").status_code == 400


@pytest.mark.parametrize(
    "fault",
    ["nonsense", "server_error=0", "server_error=x", "latency=-1", "latency=1e9", "bad_success=x", "reset=x", ""],
)
def test_an_unknown_fault_is_a_400(fault: str, caller: Callable[..., Any]) -> None:
    assert caller("openai").generate({"X-Mock-Fault": fault}).status_code == 400


def test_an_ordinary_prompt_about_mocks_is_ordinary(caller: Callable[..., Any]) -> None:
    one = caller("openai")
    assert statuses(one, 1, prompt="mock: a satire") == [200]
    assert statuses(one, 1, prompt="a mock:server_error x") == [200]
    assert statuses(one, 1, prompt="mock:nonsense x") == [400]


def test_a_fault_of_the_control_plane_meets_only_its_match(caller: Callable[..., Any]) -> None:
    one, other = caller("openai"), caller("openai")
    put = one.admin(
        "POST", "/faults", effect="upstream_error", match={"account": one.account, "prompt": "boat"}, times=2, after=1
    )
    assert put.status_code == 201
    assert statuses(one, 1) == [200]
    assert statuses(other, 1, prompt="a boat") == [200]
    assert statuses(one, 4, prompt="a boat") == [200, 502, 502, 200]
    assert one.admin("DELETE", f"/faults/{put.json['id']}").status_code == 200
    assert one.admin("GET", "/faults").json == {"faults": []}


def test_the_upstream_fault_may_choose_among_its_statuses(caller: Callable[..., Any]) -> None:
    one = caller("aivene")
    one.admin("POST", "/faults", effect="upstream_error", status=503, match={"account": one.account})
    assert statuses(one, 1) == [503]


def test_chance_depends_on_the_seed_alone(caller: Callable[..., Any]) -> None:
    def run(seed: int) -> list[int]:
        one = caller("openai", key=f"sk-chance-{time.monotonic_ns()}")
        fault = one.admin("POST", "/faults", effect="server_error", probability=0.5, seed=seed).json["id"]
        seen = [one.generate(prompt=f"picture {number}").status_code for number in range(24)]
        one.admin("DELETE", f"/faults/{fault}")
        return seen

    first = run(1)
    assert first == run(1)
    assert first != run(2)
    assert {200, 500} == set(first)


def test_a_fault_with_a_life_ends_on_the_clock(caller: Callable[..., Any]) -> None:
    one = caller("openai")
    one.admin("POST", "/faults", effect="server_error", ttl_s=60, match={"account": one.account})
    assert statuses(one, 1) == [500]
    one.advance(61)
    assert statuses(one, 1) == [200]


def test_latency_waits_and_then_serves(caller: Callable[..., Any]) -> None:
    began = time.monotonic()
    assert caller().generate({"X-Mock-Fault": "slow=0.05"}).status_code == 200
    assert time.monotonic() - began >= 0.05


@pytest.mark.parametrize(
    ("variant", "looks"),
    [
        ("error_body", lambda answer: "error" in answer.json),
        ("empty", lambda answer: answer.data == b""),
        ("html", lambda answer: answer.data.startswith(b"<!doctype") and "html" in answer.content_type),
        ("text_plain", lambda answer: answer.content_type == "text/plain" and "data" in orjson.loads(answer.data)),
        ("no_created", lambda answer: set(answer.json) == {"data"}),
        ("created_string", lambda answer: isinstance(answer.json["created"], str)),
        ("no_data", lambda answer: set(answer.json) == {"created"}),
        ("empty_data", lambda answer: answer.json["data"] == []),
        ("null_items", lambda answer: answer.json["data"] == [{"url": None}, {"url": None}]),
    ],
)
def test_each_bad_success_is_a_200_that_is_none(
    variant: str, looks: Callable[[Any], bool], caller: Callable[..., Any]
) -> None:
    answer = caller("openai").generate({"X-Mock-Fault": f"bad_success={variant}"}, n=2)
    assert answer.status_code == 200
    assert looks(answer)


@pytest.mark.parametrize("settings", [{"faults": False}, {"loopback": False}])
def test_no_door_is_open_when_faults_are_off(
    settings: dict[str, Any], serve_mock: Callable[..., Any], caller: Callable[..., Any]
) -> None:
    client = serve_mock("openai", **settings)
    assert client.post("/__admin/faults", json={"effect": "reset"}).status_code == 403
    headers = {"Authorization": "Bearer sk-1", "X-Mock-Fault": "server_error"}
    body = {"prompt": "mock:server_error x"}
    wanted = 200 if settings.get("loopback", True) else 401
    assert client.post("/v1/images/generations", json=body, headers=headers).status_code == wanted
