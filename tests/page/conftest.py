"""A browser for each module, a server and a tab for each test; a tab must end without an error in its console."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from .desk import Desk, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: Neither sandbox (tests may run as root) nor anything that calls home.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: Patience with one step of the browser, in milliseconds.
PATIENCE_MS = 10_000
#: What the console says of every answer that is an error, also where the page expects one.
REFUSED = "Failed to load resource"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the browser; for each module anew, as its event loop is in the way of other tests."""
    program = the_chromium()
    playwright_api = pytest.importorskip("playwright.sync_api")
    with playwright_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield started
        started.close()


def the_chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is not None:
        return found
    if os.environ.get("PIXELPROOF_WITHOUT_CHROMIUM") == "1":
        pytest.skip("PIXELPROOF_WITHOUT_CHROMIUM=1")
    pytest.fail(
        "Chromium is not installed: `apt-get install chromium` (or your system's package), "
        "or set PIXELPROOF_WITHOUT_CHROMIUM=1 to leave these tests out",
        pytrace=False,
    )


@pytest.fixture
def desk() -> Iterator[Desk]:
    with serving() as served:
        yield served


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open an address in a fresh profile: ``visit(desk.page, width=390, color_scheme="dark")``."""
    wrong: list[str] = []
    contexts = []

    def listen(message: Any) -> None:
        if message.type in {"error", "warning"} and REFUSED not in message.text:
            wrong.append(message.text)

    def opened(url: str, *, width: int = 1280, height: int = 800, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce", **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        tab = context.new_page()
        tab.on("console", listen)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.goto(url)
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []
