"""Success bodies beyond OpenAI's, the wallet, and errors whose code is a number."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from PIL import Image

from pixelproof import loading
from pixelproof.contract import About
from pixelproof.edges import create_mock
from pixelproof.settings import MockSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient


@pytest.fixture
def user(caller: Callable[..., Any], serve_mock: Callable[..., FlaskClient]) -> Callable[..., Any]:
    """Open an account of one of the three providers: ``user("perf", balance="1.00")``."""
    client = serve_mock("aicredits", "perf", "fineapi")
    return lambda profile, **account: caller(profile, client=client, **account)


@pytest.fixture
def settled(caller: Callable[..., Any]) -> Callable[..., Any]:
    """Open an account of a provider whose dispute is settled in another way."""

    def make(profile: str, about: About, reading: str) -> Any:
        contract = loading.shipped(profile)
        disputes = (replace(item, mock=reading) if item.about is about else item for item in contract.ambiguities)
        app = cast("Flask", create_mock([replace(contract, ambiguities=tuple(disputes))], MockSettings()))
        return caller(profile, client=app.test_client())

    return make


def perf(one: Any, **changes: Any) -> dict[str, Any]:
    answer = one.generate(**changes)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json()["perf"])


@pytest.mark.parametrize(
    ("request_", "cost"),
    [
        ({}, 0.04),
        ({"quality": "hd"}, 0.08),
        ({"model": "dall-e-2", "size": "512x512", "n": 7}, 0.126),
        ({"model": "stable-diffusion-3", "n": 3}, 0.105),
        ({"model": "flux-pro", "n": 3}, 0.165),
    ],
)
def test_the_cost_is_that_of_the_whole_request_as_an_exact_number(
    user: Callable[..., Any], request_: dict[str, Any], cost: float
) -> None:
    one = user("perf", balance="1.00")
    answer = one.generate(**request_)
    assert answer.get_json()["perf"]["cost_usd"] == cost
    assert f'"cost_usd":{cost},' in answer.text
    assert one.balance == f"{1 - cost:.6f}"


def test_only_delivered_images_are_in_the_cost(user: Callable[..., Any]) -> None:
    one = user("perf")
    answer = one.generate({"X-Mock-Fault": "partial=1"}, model="flux-pro", n=4)
    assert answer.get_json()["perf"]["cost_usd"] == 0.055


def test_the_body_says_what_was_used(user: Callable[..., Any]) -> None:
    one = user("perf")
    used = ("model_used", "size", "quality")
    assert [perf(one)[name] for name in used] == ["dall-e-3", "1024x1024", "standard"]
    asked = {"size": "1792x1024", "quality": "hd"}
    assert [perf(one, **asked)[name] for name in used] == ["dall-e-3", "1792x1024", "hd"]


def test_a_model_without_qualities_shows_the_default_one(user: Callable[..., Any]) -> None:
    assert perf(user("perf"), model="dall-e-2", quality="hd")["quality"] == "standard"


def test_the_request_id_is_the_one_of_the_header_and_of_no_other_request(user: Callable[..., Any]) -> None:
    one = user("perf")
    answers = [one.generate() for _ in range(3)]
    ids = [answer.get_json()["perf"]["request_id"] for answer in answers]
    assert ids == [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == 3


def test_the_latency_is_what_the_request_really_took(user: Callable[..., Any]) -> None:
    one = user("perf")
    assert 0 <= perf(one)["latency_ms"] < 10_000
    assert perf(one, prompt="mock:latency=0.2 a lighthouse")["latency_ms"] >= 200


@pytest.mark.parametrize("size", ["256x256", "768x1344", "2048x2048", "264x2040"])
def test_a_custom_size_is_delivered_to_the_pixel(user: Callable[..., Any], size: str) -> None:
    one = user("perf")
    answer = one.generate(model="flux-dev", size=size)
    assert answer.get_json()["perf"]["size"] == size
    picture = Image.open(io.BytesIO(one.client.get(answer.get_json()["data"][0]["url"]).data))
    picture.load()
    assert f"{picture.width}x{picture.height}" == size


@pytest.mark.parametrize(
    ("model", "size"),
    [
        ("flux-dev", "248x256"),
        ("flux-dev", "2056x256"),
        ("flux-dev", "260x256"),
        ("flux-dev", "0256x256"),
        ("flux-dev", "256x256x256"),
        ("flux-dev", "x256"),
        ("imagen-3", "768x1344"),
        ("dall-e-3", "768x1344"),
    ],
)
def test_a_size_outside_the_custom_ones_is_refused(user: Callable[..., Any], model: str, size: str) -> None:
    refused = user("perf").generate(model=model, size=size)
    assert (refused.status_code, refused.get_json()["error"]["param"]) == (400, "size")


def test_the_wallet_shows_the_balance_of_the_key_as_a_number(user: Callable[..., Any]) -> None:
    one = user("aicredits", balance="100.00", limits={"images_per_minute": 1})
    assert one.generate().status_code == 200
    for _ in range(2):
        answer = one.client.get(one.path("/credits"), headers=one.auth)
        assert (answer.status_code, answer.get_json()) == (200, {"balance": 96.5, "currency": "INR"})
    assert one.client.get(one.path("/credits")).status_code == 401


def test_the_code_of_an_error_is_its_status_as_a_number(user: Callable[..., Any]) -> None:
    one, poor = user("aicredits"), user("aicredits", balance="0.00")
    for answer, status, kind in (
        (one.generate(size="1x1"), 400, "invalid_request_error"),
        (one.generate({"Authorization": ""}), 401, "authentication_error"),
        (poor.generate(), 402, "insufficient_funds"),
        (one.send(b" " * (10 * 1024 * 1024 + 1)), 413, "request_too_large"),
        (one.generate({"X-Mock-Fault": "upstream_error"}), 502, "upstream_error"),
        (one.generate({"X-Mock-Fault": "timeout"}), 504, "gateway_timeout"),
        (one.client.get(one.path("/images/generations")), 405, "invalid_request_error"),
    ):
        error = answer.get_json()["error"]
        assert (answer.status_code, error["code"], error["type"]) == (status, status, kind)
        assert set(error) == {"message", "type", "code"}


@pytest.mark.parametrize("reading", ["400", "503"])
def test_a_disputed_status_is_answered_with_the_contracts_reading(settled: Callable[..., Any], reading: str) -> None:
    refused = settled("aicredits", About.STATUS, reading).generate(model="dall-e-9")
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (int(reading), int(reading))


@pytest.mark.parametrize(("reading", "cost"), [("request", 0.165), ("image", 0.055)])
def test_a_disputed_cost_is_told_with_the_contracts_reading(
    settled: Callable[..., Any], reading: str, cost: float
) -> None:
    assert perf(settled("perf", About.COST, reading), model="flux-pro", n=3)["cost_usd"] == cost


def test_what_has_no_price_is_free_and_leaves_no_entry(user: Callable[..., Any]) -> None:
    one = user("fineapi", balance="0")
    assert one.generate(quality="hd").status_code == 200
    entries = one.admin("GET", "/accounts/{account}/ledger").json["entries"]
    assert [entry["kind"] for entry in entries if entry["kind"] != "opening"] == []
    assert one.admin("GET", "/accounts/{account}/ledger/check").json["balanced"] is True
