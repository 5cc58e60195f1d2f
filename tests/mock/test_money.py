"""Money leaves the wallet once, for what was delivered, and never below what the contract allows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

PROFILES = ["openai", "aivene"]


@pytest.mark.parametrize("profile", PROFILES)
def test_64_threads_with_money_for_ten_images_get_exactly_ten(profile: str, caller: Callable[..., Any]) -> None:
    poor = caller(profile, balance="0.16", limits={"requests_per_minute": None})

    def ask(number: int) -> int:
        return int(poor.generate(prompt=f"picture {number}", model="dall-e-2", size="256x256").status_code)

    with ThreadPoolExecutor(64) as pool:
        statuses = list(pool.map(ask, range(64)))
    assert statuses.count(200) == 10
    assert set(statuses) == {200, 429 if profile == "openai" else 402}
    check = poor.admin("GET", "/accounts/{account}/ledger/check").json
    assert (check["balanced"], check["balance"], check["charged"]) == (True, "0.000000", "0.160000")


@pytest.mark.parametrize(
    ("request_body", "cost"),
    [
        ({"model": "dall-e-2", "size": "256x256", "n": 3}, "0.048000"),
        ({"model": "dall-e-3", "quality": "hd"}, "0.080000"),
        ({"model": "gpt-image-1", "quality": "low", "n": 2}, "0.022000"),
        ({"model": "dall-e-2", "n": 2.0}, "0.040000"),
    ],
)
@pytest.mark.parametrize("profile", PROFILES)
def test_the_documented_price_times_n_is_charged(
    profile: str, request_body: dict[str, Any], cost: str, caller: Callable[..., Any]
) -> None:
    rich = caller(profile)
    assert rich.generate(**request_body).status_code == 200
    assert rich.admin("GET", "/accounts/{account}/ledger/check").json["charged"] == cost


@pytest.mark.parametrize(
    "fault", ["server_error", "upstream_error", "unavailable", "timeout", "content_policy", "rate_limited", "reset"]
)
@pytest.mark.parametrize("profile", PROFILES)
def test_what_fails_costs_nothing(profile: str, fault: str, caller: Callable[..., Any]) -> None:
    one = caller(profile, balance="1.00")
    _drop_tolerant(lambda: one.generate({"X-Mock-Fault": fault}, n=2, model="dall-e-2"))
    check = one.admin("GET", "/accounts/{account}/ledger/check").json
    assert (check["balance"], check["held"], check["charged"]) == ("1.000000", "0.000000", "0.000000")


@pytest.mark.parametrize(
    "fault", ["truncated_body", "lost_response", "reset=after", "wrong_content_type", "bad_success=empty", "latency=0"]
)
def test_what_is_made_but_arrives_broken_is_charged(fault: str, caller: Callable[..., Any]) -> None:
    one = caller("aivene", balance="1.00")
    _drop_tolerant(lambda: one.generate({"X-Mock-Fault": fault}))
    assert one.balance == "0.980000"


def test_a_partial_delivery_is_charged_for_what_arrived(caller: Callable[..., Any]) -> None:
    one = caller("aivene", balance="1.00")
    assert len(one.generate({"X-Mock-Fault": "partial=2"}, n=5).json["data"]) == 2
    assert one.balance == "0.960000"


def test_a_spent_budget_refuses_while_the_wallet_is_full(caller: Callable[..., Any]) -> None:
    rich = caller("aivene", budget="0.05")
    assert [rich.generate().status_code for _ in range(3)] == [200, 200, 402]
    assert caller("openai", budget="0").generate().json["error"]["code"] == "billing_hard_limit_reached"


def test_a_failed_request_gives_its_budget_back(caller: Callable[..., Any]) -> None:
    rich = caller("aivene", budget="0.02")
    assert rich.generate({"X-Mock-Fault": "server_error"}).status_code == 500
    assert rich.generate().status_code == 200


def test_an_unbilled_key_pays_nothing(caller: Callable[..., Any]) -> None:
    tester = caller("aivene", balance="0", billed=False)
    assert tester.generate().status_code == 200
    assert tester.balance == "0.000000"


def test_a_second_key_spends_the_same_wallet(caller: Callable[..., Any]) -> None:
    one = caller("aivene", balance="1.00")
    other = one.admin("POST", "/accounts/{account}/keys").json["key"]
    assert one.generate({"Authorization": f"Bearer {other}"}).status_code == 200
    assert one.balance == "0.980000"


def test_the_ledger_tells_each_movement_and_its_request(caller: Callable[..., Any]) -> None:
    one = caller("aivene", balance="1.00")
    request_id = one.generate().headers["x-request-id"]
    page = one.admin("GET", "/accounts/{account}/ledger").json
    moves = [(e["seq"], e["kind"], e["amount"], e["request_id"], e["refers_to"]) for e in page["entries"]]
    assert moves == [
        (1, "opening", "1.000000", None, None),
        (2, "hold", "-0.020000", request_id, None),
        (3, "release", "0.020000", request_id, 2),
        (4, "charge", "-0.020000", request_id, 2),
    ]
    assert page["next"] is None


def _drop_tolerant(ask: Callable[[], TestResponse]) -> None:
    try:
        ask()
    except ConnectionAbortedError:
        return
