"""What is done on the page is done on the server, and what is refused is explained where it was written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from .desk import Desk, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

Visit = Callable[..., "Page"]


def test_a_fault_switched_on_acts_on_the_next_request(desk: Desk, visit: Visit) -> None:
    customer = desk.customer()
    page = visit(f"{desk.page}#faults")
    page.get_by_label("Effect").select_option("rate_limited")
    page.get_by_label("retry_after_s").fill("7")
    page.get_by_label("times").fill("1")
    page.locator("[name='match.account']").fill(customer.id)
    page.get_by_role("button", name="Switch on").click()
    page.get_by_text("rate_limited stands as flt_1").wait_for()
    assert desk.draw(desk.customer()).status_code == 200
    refused = desk.draw(customer)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
    assert desk.draw(customer).status_code == 200
    page.get_by_text("used up").wait_for()


def test_a_fault_is_taken_down(desk: Desk, visit: Visit) -> None:
    desk.http.post("/__admin/faults", json={"effect": "server_error"})
    page = visit(f"{desk.page}#faults")
    page.get_by_role("button", name="Delete flt_1 server_error").click()
    page.get_by_text("No fault stands").wait_for()
    assert desk.told("faults") == {"faults": []}


def test_the_form_offers_exactly_the_words_of_the_server(desk: Desk, visit: Visit) -> None:
    page = visit(f"{desk.page}#faults")
    page.get_by_label("Effect").wait_for()
    words = desk.told("faults/vocabulary")
    assert page.locator("[name=effect] option").all_inner_texts() == [effect["name"] for effect in words["effects"]]
    for effect in words["effects"]:
        page.get_by_label("Effect").select_option(effect["name"])
        fields = page.locator("#panel-faults form > .fields [name]").evaluate_all("all => all.map((one) => one.name)")
        assert fields == ["effect", *effect["arguments"], "times"]


def test_a_wrong_value_is_explained_beside_its_field(desk: Desk, visit: Visit) -> None:
    page = visit(f"{desk.page}#faults")
    page.get_by_label("times").fill("many")
    page.get_by_role("button", name="Switch on").click()
    page.get_by_role("alert").get_by_text("times: 'times' must be a whole number").wait_for()
    assert page.get_by_label("times").get_attribute("aria-invalid") == "true"
    assert page.evaluate("document.activeElement.name") == "times"
    assert desk.told("faults") == {"faults": []}


def test_a_suggestion_of_the_server_is_shown(desk: Desk, visit: Visit) -> None:
    page = visit(f"{desk.page}#wallets/{desk.customer().id}")
    page.get_by_label("Top up, USD").fill("0")
    page.get_by_role("button", name="Add money").click()
    page.get_by_text('for example {"amount": "5.00"}').wait_for()


def test_faults_that_are_switched_off_are_not_offered(visit: Visit) -> None:
    with serving("aivene", faults=False) as desk:
        page = visit(f"{desk.page}#faults")
        page.get_by_text("start without --no-faults").wait_for()
        assert page.get_by_role("button", name="Switch on").count() == 0


@pytest.mark.parametrize(("button", "moved_s"), [("Advance 1 hour", 3600), ("Advance 1 day", 86_400)])
def test_the_clock_moves_as_far_as_the_button_says(button: str, moved_s: int, desk: Desk, visit: Visit) -> None:
    desk.http.post("/__admin/clock/freeze", json={})
    before = desk.world.clock.now()
    page = visit(f"{desk.page}#clock")
    page.get_by_role("button", name=button).click()
    page.get_by_text(f"Moved by {moved_s} seconds").wait_for()
    assert desk.world.clock.now() - before == moved_s


def test_the_clock_of_one_account_moves_alone(desk: Desk, visit: Visit) -> None:
    customer = desk.customer()
    account = desk.world.book.account(customer.id)
    page = visit(f"{desk.page}#clock")
    page.get_by_label("Whose clock").fill(customer.id)
    page.get_by_label("Seconds").fill("90")
    page.get_by_role("button", name="Advance", exact=True).click()
    page.get_by_text("Moved by 90 seconds").wait_for()
    ahead_s = account.clock.now() - desk.world.clock.now()
    assert 89.9 < ahead_s < 90.1


def test_the_clock_freezes_and_resumes(desk: Desk, visit: Visit) -> None:
    page = visit(f"{desk.page}#clock")
    page.get_by_role("button", name="Freeze").click()
    page.locator(".clock .chip", has_text="frozen").wait_for()
    assert desk.world.clock.frozen
    page.get_by_role("button", name="Resume").click()
    page.locator(".clock .chip", has_text="running").wait_for()
    assert not desk.world.clock.frozen


def test_the_exchange_rate_is_set(desk: Desk, visit: Visit) -> None:
    page = visit(f"{desk.page}#clock")
    page.get_by_label("Rate").fill("90.25")
    page.get_by_role("button", name="Set", exact=True).click()
    page.get_by_text("The rate is 90.25").wait_for()
    assert desk.told("forex") == {"usd_inr": "90.25"}


def test_money_is_added_to_a_wallet(desk: Desk, visit: Visit) -> None:
    customer = desk.customer(balance="1.00")
    page = visit(f"{desk.page}#wallets/{customer.id}")
    page.get_by_label("Top up, USD").fill("2.50")
    page.get_by_label("Top up, USD").press("Enter")
    page.get_by_text("2.50 USD added").wait_for()
    assert desk.told(f"accounts/{customer.id}")["balance"] == "3.500000"
    page.locator(".wallet td[data-column=Kind]", has_text="top_up").wait_for()


def test_an_account_is_opened_and_its_key_works(desk: Desk, visit: Visit) -> None:
    page = visit(f"{desk.page}#wallets")
    page.get_by_text("Open an account").click()
    page.get_by_label("Balance").fill("3")
    page.get_by_role("button", name="Open", exact=True).click()
    key = page.locator("#panel-wallets .card .command pre").first.inner_text()
    models = desk.http.get("/aivene/v1/models", headers={"Authorization": f"Bearer {key}"})
    assert models.status_code == 200
    (account,) = desk.told("accounts")["accounts"]
    assert account["balance"] == "3.000000"


@pytest.mark.parametrize(
    ("button", "state", "refunded"), [("Succeed", "succeeded", "0.0000"), ("Fail", "failed", "100.0000")]
)
def test_a_task_is_ended_by_hand(button: str, state: str, refunded: str, desk: Desk, visit: Visit) -> None:
    customer = desk.customer("stratizon", balance="500")
    desk.http.post("/__admin/clock/freeze", json={})
    task = desk.draw(customer, n=2).json()["task_id"]
    page = visit(f"{desk.page}#tasks")
    page.get_by_role("button", name=f"{button} {task}").click()
    page.locator(".tasks .chip", has_text=state).wait_for()
    after = desk.told(f"tasks/{task}")
    assert (after["status"], after["refunded"]) == (state, refunded)
    assert page.get_by_role("button", name=f"{button} {task}").count() == 0


def test_a_task_is_held_and_released(desk: Desk, visit: Visit) -> None:
    desk.http.post("/__admin/clock/freeze", json={})
    task = desk.draw(desk.customer("stratizon")).json()["task_id"]
    page = visit(f"{desk.page}#tasks")
    page.get_by_role("button", name=f"Hold {task}").click()
    page.get_by_role("button", name=f"Release {task}").click()
    page.get_by_role("button", name=f"Hold {task}").wait_for()
    assert desk.told(f"tasks/{task}")["held"] is False


def test_a_reset_is_confirmed_first(desk: Desk, visit: Visit) -> None:
    desk.customer()
    page = visit(f"{desk.page}#clock")
    page.get_by_role("button", name="Reset…").click()
    page.keyboard.press("Escape")
    assert len(desk.told("accounts")["accounts"]) == 1
    page.get_by_role("button", name="Reset…").click()
    page.get_by_role("button", name="Reset everything").click()
    page.get_by_text("Cleared: accounts").wait_for()
    assert desk.told("accounts") == {"accounts": []}


def test_requests_are_cleared(desk: Desk, visit: Visit) -> None:
    desk.draw(desk.customer())
    page = visit(desk.page)
    page.locator("tr.request").wait_for()
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("Nothing was asked yet").wait_for()
    assert desk.told("requests")["total"] == 0
