"""A web page of another origin can neither read the control plane nor change anything through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from .desk import Desk

if TYPE_CHECKING:
    from playwright.sync_api import Page

Visit = Callable[..., "Page"]


class Blank(BaseHTTPRequestHandler):
    """A page without anything on it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title><link rel='icon' href='data:,'><body>")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def elsewhere() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Blank)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def stranger(desk: Desk, browser: object) -> Iterator[Page]:
    """Open a page of another port; its console complains of everything that is blocked, as it should."""
    from playwright.sync_api import Browser

    assert isinstance(browser, Browser)
    desk.customer(key="sk-aivene-known")
    desk.http.post("/__admin/faults", json={"effect": "latency", "seconds": 0, "match": {"prompt": "never"}})
    with elsewhere() as url:
        context = browser.new_context()
        page = context.new_page()
        page.goto(url)
        yield page
        context.close()


READS = """async ([url, options]) => {
  try { const answer = await fetch(url, options); return `${answer.type} ${await answer.text()}`; }
  catch (error) { return error.name; }
}"""
PATHS = ["accounts", "requests", "snapshot", "faults", "about", "metrics", ""]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_read(path: str, desk: Desk, stranger: Page) -> None:
    for mode in ("cors", "no-cors"):
        told = stranger.evaluate(READS, [f"{desk.page}{path}", {"mode": mode, "credentials": "include"}])
        assert told in {"TypeError", "opaque "}


TYPES = ("application/json", "text/plain", "application/x-www-form-urlencoded")
WRITES = [
    ("POST", "reset", "{}"),
    ("POST", "reset", None),
    ("POST", "clock/freeze", None),
    ("POST", "faults", '{"effect":"server_error"}'),
    ("POST", "accounts", '{"profile":"aivene"}'),
    ("POST", "clock/freeze", "{}"),
    ("PUT", "forex", '{"usd_inr":"1"}'),
    ("DELETE", "faults", None),
    ("DELETE", "requests", None),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_nothing_is_changed_by_fetch(method: str, path: str, body: str | None, desk: Desk, stranger: Page) -> None:
    desk.draw(desk.customer())
    before, journal = desk.state(), desk.told("requests")["total"]
    content = {"body": body} if body is not None else {}
    for mode, kind in product(("cors", "no-cors"), TYPES):
        options = {"method": method, "mode": mode, "headers": {"Content-Type": kind}, **content}
        stranger.evaluate(READS, [f"{desk.page}{path}", options])
    assert desk.state() == before
    assert desk.told("requests")["total"] == journal


FORM = """([url, enctype]) => {
  const sink = { name: `sink${frames.length}` };
  const frame = document.body.appendChild(Object.assign(document.createElement('iframe'), sink));
  const form = document.body.appendChild(document.createElement('form'));
  Object.assign(form, { method: 'post', action: url, enctype, target: frame.name });
  const input = form.appendChild(document.createElement('input'));
  Object.assign(input, { name: '{"effect":"server_error","message":"', value: '"}' });
  const loaded = new Promise((done, fail) => { frame.onload = done; setTimeout(fail, 8000); });
  form.submit();
  return loaded.then(() => null);
}"""


@pytest.mark.parametrize("path", ["faults", "reset", "clock/freeze", "accounts"])
def test_nothing_is_changed_by_a_form(path: str, desk: Desk, stranger: Page) -> None:
    before = desk.state()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        stranger.evaluate(FORM, [f"{desk.page}{path}", kind])
    assert desk.state() == before


ELEMENT = """([tag, url]) => new Promise((done) => {
  const element = document.createElement(tag);
  setTimeout(() => done('nothing came'), 8000);
  element.onload = () => done('loaded');
  element.onerror = () => done('refused');
  document.body.append(Object.assign(element, { src: url }));
})"""


@pytest.mark.parametrize(("tag", "path"), [("img", "images"), ("script", "accounts"), ("script", "page/main.js")])
def test_nothing_is_embedded(tag: str, path: str, desk: Desk, stranger: Page) -> None:
    assert stranger.evaluate(ELEMENT, [tag, f"{desk.page}{path}"]) == "refused"


def test_the_page_is_not_framed(desk: Desk, stranger: Page) -> None:
    stranger.evaluate(ELEMENT, ["iframe", desk.page])
    framed = stranger.frames[-1]
    assert not framed.url.startswith(desk.url)


def test_a_name_that_was_bound_to_this_machine_reaches_nothing(desk: Desk) -> None:
    for path in PATHS:
        answer = desk.http.get(f"/__admin/{path}", headers={"Host": f"evil.example:{desk.url.rpartition(':')[2]}"})
        assert answer.status_code == 403, path
        assert answer.json()["error"]["field"] == "Host"


def test_a_link_from_elsewhere_still_opens_the_page(desk: Desk, stranger: Page) -> None:
    stranger.evaluate("(url) => { location.href = url }", desk.page)
    stranger.get_by_text("Nothing was asked yet").wait_for()
