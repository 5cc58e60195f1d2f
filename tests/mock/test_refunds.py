"""The whole price goes at creation; what is not delivered comes back, once, without being asked for."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

#: (operation, quality) → credits for one image, from the page
PRICES = [
    ("create", "standard", 50),
    ("create", "hd", 300),
    ("transform", "standard", 60),
    ("transform", "hd", 320),
]


@pytest.mark.parametrize(("operation", "quality", "price"), PRICES)
@pytest.mark.parametrize("n", [1, 3])
def test_the_whole_price_leaves_the_wallet_when_the_task_is_created(
    n: int, operation: str, quality: str, price: int, tenant: Callable[..., Any]
) -> None:
    one = tenant(balance="2000")
    task = getattr(one, operation)(quality=quality, n=n)
    assert one.balance == f"{2000 - n * price}.0000"
    assert one.look(task).json["billing"] == {
        "charged_credits": f"{n * price}.0000",
        "refunded_credits": "0.0000",
        "currency": "credits",
    }
    one.finished(task)
    assert one.balance == f"{2000 - n * price}.0000"


@pytest.mark.parametrize(("operation", "quality", "price"), PRICES)
def test_a_partial_delivery_refunds_the_difference(
    operation: str, quality: str, price: int, tenant: Callable[..., Any]
) -> None:
    one = tenant(balance="2000")
    task = one.finished(getattr(one, operation)(prompt="mock:partial=1", quality=quality, n=4))
    assert (task["status"], len(task["output"]["images"])) == ("succeeded", 1)
    assert task["billing"]["charged_credits"] == f"{4 * price}.0000"
    assert task["billing"]["refunded_credits"] == f"{3 * price}.0000"
    assert one.balance == f"{2000 - price}.0000"


@pytest.mark.parametrize(("operation", "quality", "price"), PRICES)
def test_a_failed_task_refunds_the_whole_charge(
    operation: str, quality: str, price: int, tenant: Callable[..., Any]
) -> None:
    one = tenant(balance="2000")
    task = one.finished(getattr(one, operation)(prompt="mock:task_failure", quality=quality, n=2))
    assert task["billing"]["refunded_credits"] == f"{2 * price}.0000"
    assert one.balance == "2000.0000"


def test_partial_without_a_number_delivers_one_less(tenant: Callable[..., Any]) -> None:
    one = tenant(balance="2000")
    assert len(one.finished(one.create(prompt="mock:partial", n=3))["output"]["images"]) == 2
    assert one.finished(one.create(prompt="mock:partial", n=1))["status"] == "failed"
    assert one.balance == "1900.0000"


@pytest.mark.parametrize("read", ["balance", "check", "ledger", "snapshot", "metrics", "advance"])
def test_a_refund_does_not_wait_for_a_poll(read: str, tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    one.create(prompt="mock:partial=1", n=3)
    one.advance(2.9)
    assert one.check()["refunded"] == "0.0000"
    account = one.client.application.extensions["pixelproof"].book.account(one.account)
    if read == "advance":
        one.advance(1)
        assert account.ledger.refunded == 1_000_000
        return
    account.clock.advance(1)  # behind the control plane's back: nobody has settled yet
    assert account.ledger.refunded == 0
    if read == "balance":
        assert one.balance == "950.0000"
    elif read == "check":
        assert one.check()["refunded"] == "100.0000"
    elif read == "ledger":
        assert _kinds(one)[-1] == "refund"
    elif read == "snapshot":
        assert one.admin("GET", "/snapshot").json["accounts"][0]["ledger"]["balance"] == 9_500_000
    elif read == "metrics":
        line = 'pixelproof_wallet{profile="stratizon",kind="refunded",currency="credits"} 100.0000'
        assert line in one.admin("GET", "/metrics").text


def test_the_ledger_names_the_task_and_the_charge_of_a_refund(tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    task = one.create(prompt="mock:partial=1", n=3)
    one.advance(60)
    entries = one.admin("GET", "/accounts/{account}/ledger").json["entries"]
    charge, refund = (next(entry for entry in entries if entry["kind"] == kind) for kind in ("charge", "refund"))
    assert (charge["amount"], charge["task_id"]) == ("-150.0000", task)
    assert (refund["amount"], refund["task_id"], refund["refers_to"]) == ("100.0000", task, charge["seq"])


def test_looking_again_refunds_nothing_more(tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    task = one.create(prompt="mock:partial=1", n=3)
    for _ in range(5):
        one.finished(task)
    assert one.check() == {
        "balanced": True,
        "opening": "1000.0000",
        "top_ups": "0.0000",
        "adjustments": "0.0000",
        "charged": "150.0000",
        "refunded": "100.0000",
        "held": "0.0000",
        "balance": "950.0000",
    }


@pytest.mark.parametrize("after_s", [0, 1.5])
def test_a_canceled_task_refunds_what_was_not_delivered(after_s: float, tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    task = one.create(n=4)
    one.advance(after_s)
    answer = one.cancel(task)
    assert (answer.status_code, answer.json["status"]) == (200, "canceled")
    assert answer.json["billing"]["refunded_credits"] == "200.0000"
    assert one.cancel(task).json["error"]["code"] == "task_is_final"
    assert one.balance == "1000.0000"
    assert one.finished(task)["billing"]["refunded_credits"] == "200.0000"
    assert one.check()["refunded"] == "200.0000"


def test_a_finished_task_cannot_be_canceled_for_its_money(tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    task = one.create(n=4)
    one.advance(3)
    assert one.cancel(task).status_code == 409
    assert one.balance == "800.0000"


def test_too_poor_a_wallet_refuses_before_there_is_a_task(tenant: Callable[..., Any]) -> None:
    poor = tenant(balance="149.9999")
    answer = poor.post("/images/generations", {"prompt": "x", "n": 3})
    assert (answer.status_code, answer.json["error"]["code"]) == (402, "insufficient_credits")
    assert poor.balance == "149.9999"
    assert poor.admin("GET", "/accounts/{account}").json["tasks"] == 0


def test_a_refund_that_is_due_pays_for_the_next_task(tenant: Callable[..., Any]) -> None:
    one = tenant(balance="200")
    one.create(prompt="mock:fail", n=4)
    assert one.post("/images/generations", {"prompt": "x"}).status_code == 402
    one.client.application.extensions["pixelproof"].book.account(one.account).clock.advance(3)
    one.create(n=4)
    assert one.balance == "0.0000"


def test_a_refund_frees_the_spending_limit_of_the_key(tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000", budget="200")
    one.create(prompt="mock:fail", n=4)
    assert one.post("/images/generations", {"prompt": "x"}).status_code == 402
    one.advance(3)
    assert one.post("/images/generations", {"prompt": "x"}).status_code == 202


def test_an_unbilled_key_pays_nothing_and_gets_nothing_back(tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000", billed=False)
    one.finished(one.create(prompt="mock:partial=1", n=4))
    assert one.check()["charged"] == one.check()["refunded"] == "0.0000"


@pytest.mark.parametrize(
    "fault", ["server_error", "upstream_error", "unavailable", "content_policy", "rate_limited", "forbidden"]
)
def test_a_creation_that_fails_costs_nothing(fault: str, tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    assert one.post("/images/generations", {"prompt": f"mock:{fault}", "n": 2}).status_code >= 400
    assert (one.check()["charged"], one.balance) == ("0.0000", "1000.0000")
    assert one.admin("GET", "/accounts/{account}").json["tasks"] == 0


@pytest.mark.parametrize("fault", ["truncated_body", "wrong_content_type", "latency=1"])
def test_a_creation_that_arrives_broken_is_charged(fault: str, tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    with suppress(ConnectionAbortedError):
        one.post("/images/generations", {"prompt": f"mock:{fault}", "n": 2})
    assert one.balance == "900.0000"
    assert one.admin("GET", "/accounts/{account}").json["tasks"] == 1


def _kinds(one: Any) -> list[str]:
    return [entry["kind"] for entry in one.admin("GET", "/accounts/{account}/ledger").json["entries"]]
