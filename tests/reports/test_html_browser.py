"""The HTML page in a browser: accessible, by keyboard, offline, in light and dark, and without scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.page import conftest as chromium
from tests.page.test_accessibility import RULES

from .html_samples import CURL, busy, calm, cut, page_of
from .records import hostile

if TYPE_CHECKING:
    from playwright.sync_api import Page

browser, visit = chromium.browser, chromium.visit
Visit = Callable[..., "Page"]
RECORDS = {"busy": busy, "calm": calm, "cut": cut, "hostile": hostile}
#: As for the other page, without the long list of what is right.
LOOKED_FOR = {**RULES, "resultTypes": ["violations"]}
#: Every fold open: what is hidden is not looked at.
OPEN = "for (const fold of document.querySelectorAll('details')) fold.open = true"
WIDE = "document.documentElement.scrollWidth"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The address of each page."""
    folder: Path = tmp_path_factory.mktemp("html")
    found = {}
    for name, made in RECORDS.items():
        path = folder / f"{name}.html"
        path.write_text(page_of(made()), "utf-8")
        found[name] = path.as_uri()
    return found


@pytest.fixture
def shown(pages: Mapping[str, str], visit: Visit) -> Page:
    return visit(pages["busy"])


@pytest.mark.parametrize(
    ("name", "width", "theme"),
    [*product(["busy"], (1280, 390), ("light", "dark")), ("calm", 1280, "light"), ("cut", 390, "dark")],
)
def test_a_page_is_accessible_and_never_scrolls_sideways(
    name: str, width: int, theme: str, pages: Mapping[str, str], visit: Visit
) -> None:
    page = visit(pages[name], width=width, color_scheme=theme)
    page.evaluate(OPEN)
    found = Axe().run(page, options=LOOKED_FOR).response["violations"]
    assert [f"{item['id']}: {node['html'][:150]}" for item in found for node in item["nodes"]] == []
    assert page.evaluate(WIDE) <= width


def test_the_broken_claim_and_its_curl_are_seen_without_a_click(shown: Page) -> None:
    card = shown.locator("article.cause.fail").first
    assert "AIV-28" in card.inner_text()
    assert card.get_by_text("curl -sS").first.is_visible()
    shown.context.grant_permissions(["clipboard-read", "clipboard-write"])
    card.get_by_role("button", name="Copy curl").click()
    card.get_by_role("button", name="Copied").wait_for()
    assert shown.evaluate("navigator.clipboard.readText()") == CURL


def test_a_slash_reaches_the_search_and_escape_leaves_everything_shown(shown: Page) -> None:
    shown.keyboard.press("/")
    shown.keyboard.type("512x512")
    shown.locator('details.claim[data-c="AIV-05"]').wait_for(state="hidden")
    assert shown.locator("details.case:visible > summary b").all_inner_texts() == ["money/512x512"]
    shown.keyboard.press("Escape")
    shown.locator('details.claim[data-c="AIV-05"]').wait_for(state="visible")


def test_filters_by_verdict_claim_and_level_join(shown: Page) -> None:
    shown.get_by_label("Verdict", exact=True).select_option("fail")
    assert shown.locator("article.cause:visible").count() == 2
    shown.get_by_label("Claim", exact=True).select_option("GWY-10")
    assert shown.locator("article.cause:visible").count() == 1
    assert shown.locator("details.claim:visible").count() == 1
    shown.get_by_label("Level", exact=True).select_option("D")
    shown.get_by_label("Claim", exact=True).select_option("AIV-05")
    assert shown.get_by_text("No finding matches.").is_visible()
    shown.get_by_role("button", name="Clear").click()
    assert shown.locator("article.cause:visible").count() == 5


def test_a_deep_link_opens_what_it_names(pages: Mapping[str, str], visit: Visit) -> None:
    page = visit(f"{pages['busy']}#claim-AIV-28")
    page.locator("#claim-AIV-28[open]").wait_for()
    page.locator("#claim-AIV-28").get_by_role("link", name="money/512x512").click()
    page.locator('[id="case-money/512x512"][open]').wait_for()
    assert page.evaluate("location.hash") == "#case-money/512x512"
    assert page.locator('[id="case-money/512x512"] summary').first.evaluate("node => node === document.activeElement")


def test_a_deep_link_to_what_is_filtered_away_shows_it(shown: Page) -> None:
    shown.get_by_label("Verdict", exact=True).select_option("warn")
    shown.locator("#claim-AIV-28").wait_for(state="hidden")
    shown.evaluate("location.hash = '#claim-AIV-28'")
    shown.locator("#claim-AIV-28[open]").wait_for()


def test_the_first_stop_of_the_keyboard_skips_to_the_report(shown: Page) -> None:
    shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.textContent") == "Skip to the report"
    shown.keyboard.press("Enter")
    shown.keyboard.press("Tab")
    assert shown.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_keyboard_reaches_everything_and_is_seen(shown: Page) -> None:
    shown.evaluate(OPEN)
    shown.evaluate("""() => {
        const what = 'a[href], button, input, select, summary, [tabindex="0"]';
        window.waiting = new Set([...document.querySelectorAll(what)].filter((node) => node.checkVisibility()));
        window.unseen = [];
        document.addEventListener('focusin', ({ target }) => {
            window.waiting.delete(target);
            if (getComputedStyle(target).outlineStyle === 'none') window.unseen.push(target.outerHTML.slice(0, 80));
        });
    }""")
    for _ in range(shown.evaluate("window.waiting.size") + 2):
        shown.keyboard.press("Tab")
    assert shown.evaluate("[...window.waiting].map((node) => node.outerHTML.slice(0, 80))") == []
    assert shown.evaluate("window.unseen") == []


def test_the_button_overrules_the_system_and_is_remembered(pages: Mapping[str, str], visit: Visit) -> None:
    page = visit(pages["calm"], color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.get_by_role("button", name="Theme: auto").click()
    assert page.evaluate(ground) != dark
    page.reload()
    page.get_by_role("button", name="Theme: light").wait_for()


def test_without_scripts_everything_can_be_read(pages: Mapping[str, str], visit: Visit) -> None:
    page = visit(pages["busy"], java_script_enabled=False)
    assert page.get_by_text("2 promises broken").is_visible()
    assert page.get_by_text("curl -sS").first.is_visible()
    assert page.locator("#search").is_hidden()
    assert page.get_by_role("button", name="Copy curl").count() == 0
    page.locator("#claim-AIV-28 summary").click()
    assert page.locator("#claim-AIV-28").get_by_role("link", name="money/512x512").is_visible()


def test_a_page_asks_nobody_for_anything(pages: Mapping[str, str], visit: Visit) -> None:
    page = visit("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(pages["busy"])
    assert [url for url in asked if not url.startswith(("data:", pages["busy"]))] == []


def test_nothing_that_a_server_said_runs(pages: Mapping[str, str], visit: Visit) -> None:
    page = visit("about:blank", width=390)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto(pages["hostile"])
    page.evaluate(OPEN)
    assert page.locator("script").count() == 1
    assert page.evaluate(WIDE) <= 390


def test_on_paper_there_are_the_findings_and_no_buttons(shown: Page) -> None:
    shown.emulate_media(media="print")
    assert shown.locator("article.cause").first.is_visible()
    assert shown.locator("nav").is_hidden()
    assert shown.get_by_role("button").count() == 0
    assert shown.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
