"""What the page shows is what the control plane says, as text."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .desk import Customer, Desk, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

Visit = Callable[..., "Page"]
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> <script>document.title='owned'</script>"


def rows(page: Page) -> list[str]:
    return page.locator("tr.request").all_inner_texts()


def test_a_request_appears_by_itself_with_its_reason(desk: Desk, visit: Visit) -> None:
    page = visit(f"{desk.page}#requests")
    page.get_by_text("Nothing was asked yet").wait_for()
    desk.draw(desk.customer(), n=99)
    row = page.locator("tr.request")
    row.wait_for()
    assert "400" in row.inner_text()
    assert "check_matrix" in row.inner_text()
    assert "'n' must be at most 10 for dall-e-2" in row.inner_text()


def test_the_newest_request_stands_first_with_its_fault(desk: Desk, visit: Visit) -> None:
    customer = desk.customer()
    desk.draw(customer)
    desk.draw(customer, prompt="mock:upstream_error a boat")
    page = visit(desk.page)
    page.locator("tr.request").nth(1).wait_for()
    first, second = rows(page)
    assert "upstream_error" in first
    assert "AIV-26" in first
    assert "200" in second


def test_a_hidden_page_and_a_paused_one_ask_for_nothing(desk: Desk, visit: Visit) -> None:
    page = visit("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.install()
    page.goto(desk.page)
    page.get_by_text("Nothing was asked yet").wait_for()
    page.evaluate(
        "Object.defineProperty(document, 'hidden', { get: () => globalThis.away ?? true, configurable: true })"
    )
    page.clock.run_for(3_000)
    asked.clear()
    page.clock.run_for(10_000)
    assert asked == []
    page.evaluate("globalThis.away = false; document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.run_for(2_000)
    assert asked != []
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(2_000)
    asked.clear()
    page.clock.run_for(10_000)
    assert asked == []


@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [("status_class", "4", ["400"]), ("path_part", "stratizon", ["202"]), ("trace", "abc123", ["502"])],
)
def test_requests_are_filtered(name: str, value: str, seen: list[str], desk: Desk, visit: Visit) -> None:
    aivene, stratizon = desk.customer(), desk.customer("stratizon")
    desk.draw(aivene, n=99)
    desk.draw(stratizon)
    desk.draw(aivene, prompt="[pp-abc123] mock:upstream_error a boat")
    page = visit(desk.page)
    page.locator("tr.request").nth(2).wait_for()
    control = page.locator(f"[name={name}]")
    control.select_option(value) if name == "status_class" else control.fill(value)
    control.press("Enter")
    expect(page.locator("tr.request")).to_have_count(1)
    assert page.locator("tr.request .chip").first.inner_text() == seen[0]


def test_a_filter_that_nothing_fits_says_so(desk: Desk, visit: Visit) -> None:
    desk.draw(desk.customer())
    page = visit(desk.page)
    page.locator("tr.request").wait_for()
    page.locator("[name=path_part]").fill("nowhere")
    page.locator("[name=path_part]").press("Enter")
    page.get_by_text("No request fits these filters.").wait_for()


@pytest.mark.parametrize("view", ["requests", "gallery"])
def test_a_hostile_prompt_is_text(view: str, desk: Desk, visit: Visit) -> None:
    desk.draw(desk.customer(), prompt=f"{HOSTILE} \x1b[31mred\x1b[0m \u202egnp.exe")
    page = visit(f"{desk.page}#{view}")
    page.locator("tr.request, .gallery li").wait_for()
    page.locator("tr.request button, .gallery button").click()
    said = page.locator("dialog").inner_text()
    assert "onerror" in said
    assert page.title() == "pixelproof mock"
    assert page.locator("img[src=x], main script, dialog script").count() == 0
    assert page.evaluate("/[\\u001b\\u202e]/.test(document.documentElement.innerText)") is False
    if view == "gallery":
        assert "␛[31mred␛[0m" in said
        assert "⟨U+202E⟩gnp.exe" in said


def test_a_prompt_of_a_megabyte_stays_small_on_the_page(desk: Desk, visit: Visit) -> None:
    desk.draw(desk.customer(), prompt="W" * 1_000_000)
    page = visit(desk.page)
    page.locator("tr.request button").click()
    assert len(page.locator("body").inner_text()) < 5_000
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_gallery_shows_images_with_prompt_model_size_and_price(desk: Desk, visit: Visit) -> None:
    desk.draw(desk.customer(), prompt="a red fox", n=2, size="512x512")
    page = visit(f"{desk.page}#gallery")
    page.locator(".gallery li").nth(1).wait_for()
    for image in page.locator(".gallery img").all():
        expect(image).to_have_js_property("naturalWidth", 512)
    text = page.locator(".gallery li").first.inner_text()
    assert "a red fox" in text
    assert "dall-e-2 \u00b7 512\u00d7512 \u00b7 0.018 USD" in text
    page.locator(".gallery button").first.click()
    address = page.get_by_role("link", name="open the image").get_attribute("href")
    assert desk.http.get(str(address)).headers["content-type"] == "image/png"


def test_a_wallet_shows_money_keys_and_every_entry(desk: Desk, visit: Visit) -> None:
    customer = desk.customer(balance="1.00", limits={"images_per_day": 7})
    desk.draw(customer)
    page = visit(f"{desk.page}#wallets/{customer.id}")
    page.get_by_text("balances").wait_for()
    wallet = page.locator(".wallet").inner_text()
    assert "0.98 USD" in wallet
    assert "images_per_day 7" in wallet
    assert customer.key not in page.content()
    kinds = page.locator(".wallet td[data-column=Kind]")
    kinds.first.wait_for()
    assert kinds.all_inner_texts() == ["charge", "release", "hold", "opening"]


def test_a_long_ledger_is_paged_from_its_end(desk: Desk, visit: Visit) -> None:
    customer = desk.customer(balance="1.00")
    account = desk.world.book.account(customer.id)
    for _ in range(70):
        account.ledger.top_up(1, 0.0)
    page = visit(f"{desk.page}#wallets/{customer.id}")
    numbers = page.locator(".wallet td[data-column='No.']")
    numbers.first.wait_for()
    assert (numbers.first.inner_text(), numbers.last.inner_text(), numbers.count()) == ("71", "22", 50)
    page.get_by_role("button", name="Older").click()
    page.locator("td[data-column='No.']", has_text="21").first.wait_for()
    assert (numbers.last.inner_text(), numbers.count()) == ("1", 21)


def test_a_task_shows_where_it_stands(desk: Desk, visit: Visit) -> None:
    customer = desk.customer("stratizon")
    desk.http.post("/__admin/clock/freeze", json={})
    desk.draw(customer, n=2)
    page = visit(f"{desk.page}#tasks")
    card = page.locator(".tasks li")
    card.wait_for()
    assert "queued" in card.inner_text()
    assert "0 of 2" in card.inner_text()
    desk.http.post("/__admin/clock/advance", json={"seconds": 3600})
    page.locator(".tasks .chip", has_text="succeeded").wait_for()
    assert "2 of 2" in card.inner_text()
    assert "art_" in card.inner_text()


@pytest.mark.parametrize("view", ["requests", "gallery", "wallets", "tasks"])
def test_an_empty_view_says_what_to_do(view: str, desk: Desk, visit: Visit) -> None:
    page = visit(f"{desk.page}#{view}")
    example = page.locator(f"#panel-{view} .empty pre").first
    example.wait_for()
    done = subprocess.run(["sh", "-c", f"{example.inner_text()} -s"], capture_output=True, text=True, check=True)
    assert '"created"' in done.stdout or '"task_id"' in done.stdout, done.stdout


def test_without_a_profile_with_tasks_the_view_says_so(visit: Visit) -> None:
    with serving("aivene") as desk:
        page = visit(f"{desk.page}#tasks")
        page.get_by_text("No profile served here has tasks").wait_for()
        page.get_by_role("tab", name="Clock").click()
        page.get_by_text("It never goes back").wait_for()
        assert page.get_by_text("Exchange rate").count() == 0


def test_the_page_asks_for_the_token_and_keeps_it_in_the_tab(visit: Visit) -> None:
    with serving("aivene", admin_token="t0ken") as desk:
        page = visit(desk.page)
        token = page.get_by_label("Token")
        token.fill("wrong")
        token.press("Enter")
        expect(token).to_have_js_property("validationMessage", "That token was refused.")
        token.fill("t0ken")
        token.press("Enter")
        page.get_by_text("Nothing was asked yet").wait_for()
        assert page.evaluate("Object.values(localStorage).join()") == ""
        page.reload()
        page.get_by_text("Nothing was asked yet").wait_for()
        assert not page.locator("#locked").is_visible()


def test_a_server_that_went_away_is_said_once(visit: Visit) -> None:
    with serving("aivene") as desk:
        page = visit(desk.page)
        page.get_by_text("Nothing was asked yet").wait_for()
    page.get_by_text("the server does not answer").wait_for()
    assert page.locator("#notices .wrong").count() == 1


def test_a_page_that_outlives_its_server_begins_again_with_the_next(desk: Desk, visit: Visit) -> None:
    customer = desk.customer()
    for _ in range(3):
        desk.draw(customer)
    page = visit(desk.page)
    page.locator("tr.request").nth(2).wait_for()
    desk.world.journal.__init__()  # as after a restart: numbers from 1 again
    _one_more(desk, customer)
    expect(page.locator("tr.request")).to_have_count(1)


def _one_more(desk: Desk, customer: Customer) -> None:
    assert desk.draw(customer).status_code == 200
