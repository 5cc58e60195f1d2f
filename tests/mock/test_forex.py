"""Prices made of dollars hold at the contract's rate and move with the live one, rounded for each image."""

from __future__ import annotations

from decimal import Decimal
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from pixelproof.money import Units
from pixelproof.pricing import at_rate

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient


@pytest.fixture
def payer(caller: Callable[..., Any], serve_mock: Callable[..., FlaskClient]) -> Callable[..., Any]:
    """Open an account that pays in rupees: ``payer(balance="3.00")``."""
    client = serve_mock("aicredits")
    return lambda **account: caller("aicredits", client=client, **{"balance": "100.00", **account})


def set_rate(one: Any, rate: str, **whose: str) -> None:
    assert one.admin("PUT", "/forex", usd_inr=rate, **whose).status_code == 200


def paid(one: Any, **changes: Any) -> Decimal:
    before = Decimal(one.balance)
    assert one.generate(**changes).status_code == 200
    return before - Decimal(one.balance)


def test_without_a_rate_the_table_holds(payer: Callable[..., Any]) -> None:
    one = payer()
    assert paid(one) == Decimal("3.50")
    assert paid(one, quality="hd") == Decimal("7.00")


@pytest.mark.parametrize(("rate", "square"), [("87.50", "3.50"), ("175.00", "7.00"), ("90.00", "3.60"), ("75", "3.00")])
def test_the_charge_moves_in_proportion_to_the_rate(payer: Callable[..., Any], rate: str, square: str) -> None:
    one = payer()
    set_rate(one, rate)
    assert paid(one) == Decimal(square)


@pytest.mark.parametrize(
    ("rate", "ten"),
    [("88.00", "7.00"), ("88.125", "7.10"), ("88.124", "7.00")],
    ids=["0.704 is 0.70", "0.705 is 0.71", "0.704992 is 0.70"],
)
def test_each_image_is_rounded_half_up_before_it_is_counted(payer: Callable[..., Any], rate: str, ten: str) -> None:
    one = payer()
    set_rate(one, rate)
    assert paid(one, model="dall-e-2", size="256x256", n=10) == Decimal(ten)


def test_an_account_of_its_own_rate_ignores_everybodys(payer: Callable[..., Any]) -> None:
    one, other = payer(), payer()
    set_rate(one, "175.00", account=one.account)
    set_rate(one, "90.00")
    assert paid(one) == Decimal("7.00")
    assert paid(other) == Decimal("3.60")


def test_the_funds_asked_for_are_those_at_the_live_rate(payer: Callable[..., Any]) -> None:
    one = payer(balance="3.50")
    set_rate(one, "90.00")
    assert one.generate().status_code == 402
    set_rate(one, "87.50")
    assert one.generate().status_code == 200
    assert one.balance == "0.00"


def test_a_rate_that_changes_meanwhile_does_not_change_an_accepted_request(payer: Callable[..., Any]) -> None:
    one = payer()
    slow = Thread(target=lambda: one.generate(prompt="mock:latency=0.4 a lighthouse"))
    slow.start()
    while one.admin("GET", "/accounts/{account}").json["held"] == "0.00":
        pass
    set_rate(one, "175.00")
    slow.join()
    assert one.balance == "96.50"


def test_a_rate_leaves_providers_without_one_alone(caller: Callable[..., Any]) -> None:
    one = caller("aivene", balance="1.00")
    before = paid(one)
    set_rate(one, "175.00")
    assert paid(one) == before


def test_a_price_at_a_rate_is_exact_before_it_is_rounded() -> None:
    # 70 times 88.125 / 87.50 is 70.5 exactly; a binary float could say 70.49999
    assert at_rate(Units(70), Decimal("88.125"), Decimal("87.50")) == 71
    assert at_rate(Units(350), Decimal("29.17"), Decimal("87.51")) == 117
    assert at_rate(Units(0), Decimal(175), Decimal("87.50")) == 0
