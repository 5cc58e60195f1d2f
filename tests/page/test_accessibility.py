"""Every view passes axe in light and dark, wide and narrow, and none scrolls sideways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from .desk import Desk, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

Visit = Callable[..., "Page"]
#: Rules of WCAG 2.2 up to level AA, with what axe knows of good practice.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
#: What a view shows once it is filled.
FILLED = {
    "requests": "tr.request",
    "gallery": ".gallery img",
    "wallets": ".wallet table",
    "tasks": ".tasks .timeline",
    "faults": "#panel-faults table",
    "clock": ".clock b",
}


@pytest.fixture(scope="module")
def busy() -> Iterator[Desk]:
    """Serve somebody who has seen everything once."""
    with serving() as desk:
        customer, other = desk.customer(), desk.customer("stratizon")
        desk.draw(customer, n=3)
        desk.draw(customer, n=99)
        desk.draw(customer, prompt="mock:upstream_error a boat")
        desk.draw(customer, prompt="W" * 900)
        for prompt in ("a harbour", "mock:task_failure a wreck"):
            desk.draw(other, prompt=prompt, n=2)
        desk.http.post("/__admin/clock/advance", json={"seconds": 60})
        held = desk.draw(other).json()["task_id"]
        desk.http.post(f"/__admin/tasks/{held}", json={"hold": True})
        match = {"account": customer.id, "prompt": "slow"}
        desk.http.post("/__admin/faults", json={"effect": "latency", "seconds": 2, "match": match, "ttl_s": 900})
        desk.http.post("/__admin/faults", json={"effect": "bad_success", "variant": "html", "times": 1})
        yield desk


def shown(desk: Desk, visit: Visit, view: str, width: int, theme: str) -> Page:
    rest = f"/{desk.told('accounts')['accounts'][0]['id']}" if view == "wallets" else ""
    page = visit(f"{desk.page}#{view}{rest}", width=width, color_scheme=theme)
    page.locator(FILLED[view]).first.wait_for()
    return page


def faults_found(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{item['id']}: {node['html'][:150]}" for item in found for node in item["nodes"]]


@pytest.mark.parametrize(("view", "width", "theme"), [*product(FILLED, (1280, 390), ("light", "dark"))])
def test_a_view_is_accessible(view: str, width: int, theme: str, busy: Desk, visit: Visit) -> None:
    page = shown(busy, visit, view, width, theme)
    assert faults_found(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_looked_at_closely_is_accessible(theme: str, busy: Desk, visit: Visit) -> None:
    page = shown(busy, visit, "requests", 390, theme)
    page.locator("tr.request button").first.click()
    page.locator("dialog pre").first.wait_for()
    assert faults_found(page) == []
    assert page.evaluate("document.querySelector('dialog').scrollWidth <= innerWidth")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_refused_is_readable(theme: str, busy: Desk, visit: Visit) -> None:
    page = shown(busy, visit, "clock", 390, theme)
    page.get_by_label("Seconds").fill("never")
    page.get_by_role("button", name="Advance", exact=True).click()
    page.get_by_role("alert").get_by_text("seconds: ").wait_for()
    assert faults_found(page) == []


@pytest.mark.parametrize("view", ["requests", "gallery", "wallets", "tasks", "faults"])
def test_an_empty_view_is_accessible(view: str, desk: Desk, visit: Visit) -> None:
    page = visit(f"{desk.page}#{view}", width=390)
    page.locator(f"#panel-{view} .empty").first.wait_for()
    assert faults_found(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_button_overrules_the_system_and_is_remembered(desk: Desk, visit: Visit) -> None:
    page = visit(desk.page, color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.get_by_role("button", name="Theme: auto").click()
    light = page.evaluate(ground)
    assert light != dark
    page.reload()
    page.get_by_role("button", name="Theme: light").wait_for()
    assert page.evaluate(ground) == light


def test_nothing_moves_for_those_who_asked_for_stillness(busy: Desk, visit: Visit) -> None:
    page = shown(busy, visit, "tasks", 1280, "light")
    assert page.evaluate("getComputedStyle(document.querySelector('.timeline span')).transitionDuration") == "0s"
