"""Everything on the page is reached and left with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .desk import Desk

if TYPE_CHECKING:
    from playwright.sync_api import Page

Visit = Callable[..., "Page"]
VIEWS = ["requests", "gallery", "wallets", "tasks", "faults", "clock"]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.textContent"))


def tab_to(page: Page, wanted: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted in focused(page):
            return
    raise AssertionError(f"the Tab key never reaches {wanted}")


def test_the_arrows_go_round_through_all_tabs(desk: Desk, visit: Visit) -> None:
    page = visit(desk.page)
    tab_to(page, "tab-requests")
    for view in [*VIEWS[1:], VIEWS[0]]:
        page.keyboard.press("ArrowRight")
        assert focused(page) == f"tab-{view}"
        expect(page.locator(f"#panel-{view}")).to_be_visible()
        expect(page.locator(f"#tab-{view}")).to_have_attribute("aria-selected", "true")
        assert page.url.endswith(f"#{view}")
    page.keyboard.press("ArrowLeft")
    assert focused(page) == "tab-clock"
    page.keyboard.press("Home")
    assert focused(page) == "tab-requests"
    page.keyboard.press("End")
    assert focused(page) == "tab-clock"


@pytest.mark.parametrize("view", VIEWS)
def test_a_bookmark_opens_its_view_and_no_other(view: str, desk: Desk, visit: Visit) -> None:
    page = visit(f"{desk.page}#{view}")
    expect(page.locator(f"#panel-{view}")).to_be_visible()
    assert page.locator("[role=tabpanel]:visible").count() == 1
    assert page.locator("[role=tab][tabindex='0']").count() == 1


def test_going_back_returns_to_the_view_before(desk: Desk, visit: Visit) -> None:
    page = visit(f"{desk.page}#faults")
    page.get_by_role("tab", name="Clock").click()
    page.go_back()
    expect(page.locator("#panel-faults")).to_be_visible()


def test_enter_opens_a_request_and_escape_closes_it(desk: Desk, visit: Visit) -> None:
    customer = desk.customer()
    desk.draw(customer, prompt="a first boat")
    desk.draw(customer, prompt="a second boat")
    page = visit(desk.page)
    page.locator("tr.request").nth(1).wait_for()
    tab_to(page, "POST /aivene")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_contain_text("a first boat")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    assert "POST /aivene" in focused(page)
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_contain_text("a second boat")


def test_only_one_request_is_a_stop_of_the_tab_key(desk: Desk, visit: Visit) -> None:
    customer = desk.customer()
    for _ in range(5):
        desk.draw(customer)
    page = visit(desk.page)
    page.locator("tr.request").nth(4).wait_for()
    assert page.locator("button.open[tabindex='0']").count() == 1


def test_a_fault_is_switched_on_without_a_mouse(desk: Desk, visit: Visit) -> None:
    page = visit(f"{desk.page}#faults")
    page.get_by_label("Effect").focus()
    page.keyboard.type("forb")
    page.keyboard.press("Tab")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.get_by_text("forbidden stands as").wait_for()
    assert desk.draw(desk.customer()).status_code == 403


def test_what_has_focus_is_seen(desk: Desk, visit: Visit) -> None:
    page = visit(f"{desk.page}#clock")
    page.get_by_role("button", name="Freeze").wait_for()
    for _ in range(12):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid", focused(page)


def test_a_card_that_is_drawn_anew_keeps_the_focus(desk: Desk, visit: Visit) -> None:
    desk.http.post("/__admin/clock/freeze", json={})
    task = desk.draw(desk.customer("stratizon")).json()["task_id"]
    page = visit(f"{desk.page}#tasks")
    page.get_by_role("button", name=f"Fail {task}").focus()
    desk.http.post(f"/__admin/tasks/{task}", json={"hold": True})
    page.get_by_role("button", name=f"Release {task}").wait_for()
    assert focused(page) == "Fail"
