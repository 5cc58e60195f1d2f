"""A mock with its page: served from a thread, so that tests can also look at what is behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Thread
from typing import Any

import httpx
from werkzeug.serving import WSGIRequestHandler, make_server

from pixelproof import loading
from pixelproof.contract import Contract
from pixelproof.edges import create_mock
from pixelproof.settings import MockSettings

#: One that pays in dollars, one with tasks, one with an exchange rate.
PROFILES = ("aivene", "stratizon", "aicredits")


class Quiet(WSGIRequestHandler):
    """A request handler that writes no log."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's own signature
        """Say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """An account of the mock: its id, its profile, and the key that opens it."""

    id: str
    profile: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The server that the page belongs to."""

    url: str
    app: Any
    http: httpx.Client

    @property
    def page(self) -> str:
        """Where the page is."""
        return f"{self.url}/__admin/"

    @property
    def world(self) -> Any:
        """The state behind everything."""
        return self.app.extensions["pixelproof"]

    def customer(self, profile: str = "aivene", **account: object) -> Customer:
        made = self.http.post("/__admin/accounts", json={"profile": profile, **account}).raise_for_status().json()
        return Customer(id=made["id"], profile=profile, key=made["key"])

    def draw(self, customer: Customer, prompt: str = "a lighthouse at dawn", **changes: object) -> httpx.Response:
        """Ask for images."""
        model = {} if customer.profile == "stratizon" else {"model": "dall-e-2"}
        headers = {"Authorization": f"Bearer {customer.key}"}
        body = {"prompt": prompt, **model, **changes}
        return self.http.post(f"/{customer.profile}/v1/images/generations", json=body, headers=headers)

    def told(self, path: str) -> Any:
        """Ask the control plane."""
        return self.http.get(f"/__admin/{path}").raise_for_status().json()

    def state(self) -> dict[str, Any]:
        """Everything that a stranger must not change; the journal and the clock's ticking left out."""
        snapshot = self.told("snapshot")
        return {name: snapshot[name] for name in ("accounts", "faults", "frozen", "usd_inr")}


@cache
def contract_of(profile: str) -> Contract:
    """Read a contract once for all tests."""
    return loading.shipped(profile)


@contextmanager
def serving(*profiles: str, **settings: Any) -> Iterator[Desk]:
    """Serve profiles on a free port until the block ends."""
    contracts = [contract_of(profile) for profile in profiles or PROFILES]
    app: Any = create_mock(contracts, MockSettings(**settings))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    token = settings.get("admin_token")
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        with httpx.Client(base_url=url, headers={"X-Admin-Token": token} if token else {}, trust_env=False) as http:
            yield Desk(url=url, app=app, http=http)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
