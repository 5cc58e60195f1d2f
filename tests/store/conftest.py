"""Several worlds on one store: in one process they are to each other what processes are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest

from pixelproof import loading
from pixelproof.edges import create_mock
from pixelproof.settings import MockSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

PROFILE = "stratizon"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One world, and somebody with a key in front of it."""

    client: FlaskClient
    key: str
    account: str

    @property
    def world(self) -> Any:
        """The state behind the door."""
        return self.client.application.extensions["pixelproof"]

    @property
    def wallet(self) -> Any:
        """This world's copy of the account."""
        return self.world.book.account(self.account)

    def create(self, headers: dict[str, str] | None = None, **body: Any) -> TestResponse:
        """Ask for a task."""
        return self._send("POST", "/images/generations", {"prompt": "a lighthouse", **body}, headers)

    def look(self, task: str) -> TestResponse:
        """Ask for a task by its id."""
        return self._send("GET", f"/tasks/{task}", None)

    def cancel(self, task: str) -> TestResponse:
        """Cancel a task."""
        return self._send("POST", f"/tasks/{task}/cancel", None)

    def admin(self, method: str, path: str, **body: Any) -> TestResponse:
        """Use the control plane; ``{account}`` is this one."""
        path = f"/__admin{path.replace('{account}', self.account)}"
        own = self.client.application.test_client()
        return own.open(path, method=method, json=body if method in {"POST", "PATCH", "PUT"} else None)

    def check(self) -> dict[str, Any]:
        """The proof that the ledger balances."""
        return dict(self.admin("GET", "/accounts/{account}/ledger/check").get_json())

    def shown(self) -> dict[str, Any]:
        """The account."""
        return dict(self.admin("GET", "/accounts/{account}").get_json())

    def through(self, client: FlaskClient) -> Door:
        """The same somebody in front of another world."""
        return Door(client=client, key=self.key, account=self.account)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str] | None = None) -> TestResponse:
        own = self.client.application.test_client()
        head = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        return own.open(f"/{PROFILE}/v1{path}", method=method, json=body, headers=head)


@pytest.fixture
def worlds(shared_state: Callable[[], str]) -> Callable[..., list[FlaskClient]]:
    """Return a function to so many worlds on one fresh state: ``worlds(2, hold_lease_s=1)``."""

    def make(count: int, **settings: Any) -> list[FlaskClient]:
        wanted = MockSettings(**{"state": shared_state(), **settings})
        apps = [cast("Flask", create_mock([loading.shipped(PROFILE)], wanted)) for _ in range(count)]
        return [app.test_client() for app in apps]

    return make


@pytest.fixture
def doors(worlds: Callable[..., list[FlaskClient]]) -> Callable[..., list[Door]]:
    """Return a function to one account behind several doors, its clock frozen: ``doors(2, balance="500")``."""

    def make(count: int = 2, *, hold_lease_s: float = 30.0, **account: Any) -> list[Door]:
        clients = worlds(count, hold_lease_s=hold_lease_s)
        made = clients[0].post("/__admin/accounts", json=account).get_json()
        clients[0].post("/__admin/clock/freeze", json={"account": made["id"]})
        return [Door(client=client, key=made["key"], account=made["id"]) for client in clients]

    return make
