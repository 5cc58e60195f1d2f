"""The page stays quick with a full journal and a thousand accounts: what it holds does not grow with them."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .desk import Desk

if TYPE_CHECKING:
    from playwright.sync_api import Page

Visit = Callable[..., "Page"]
#: Far beyond what a view takes (some 0.3 s), and far below what it would take with everything in it.
QUICK_S = 6.0


def test_ten_thousand_requests(desk: Desk, visit: Visit) -> None:
    desk.draw(desk.customer(), n=99)
    journal = desk.world.journal
    (line,) = journal.lines()
    for _ in range(9_999):
        journal.write(line)
    began = monotonic()
    page = visit(desk.page)
    expect(page.locator("tr.request")).to_have_count(300)
    assert monotonic() - began < QUICK_S
    expect(page.get_by_text("10000 kept, the newest 300 shown")).to_be_visible()
    for _ in range(50):
        journal.write(line._replace(status=418))
    page.locator("tr.request .chip", has_text="418").first.wait_for()
    expect(page.locator("tr.request")).to_have_count(300)
    assert page.evaluate("document.querySelectorAll('*').length") < 8_000


def test_a_thousand_accounts_with_tasks(desk: Desk, visit: Visit) -> None:
    customers = [desk.customer("stratizon") for _ in range(1_000)]
    for customer in customers[:60]:
        desk.draw(customer)
    began = monotonic()
    page = visit(f"{desk.page}#wallets")
    expect(page.locator("tbody tr")).to_have_count(50)
    assert monotonic() - began < QUICK_S
    expect(page.get_by_text("1\u201350 of 1000")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("51\u2013100 of 1000")).to_be_visible()
    page.locator("[name=search]").fill(customers[7].id)
    page.locator("[name=search]").press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("tab", name="Tasks").click()
    expect(page.locator(".tasks li")).to_have_count(50)
    expect(page.get_by_text("60 tasks, the newest 50 shown")).to_be_visible()
