"""A mock of both profiles in process, and a caller with an account of its own."""

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

GENERATE = "/images/generations"
#: What any valid request of a profile needs.
VALID: dict[str, dict[str, Any]] = {
    "openai": {"prompt": "a lighthouse at dawn"},
    "aivene": {"prompt": "a lighthouse at dawn", "model": "dall-e-2"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody with a key, in front of one profile."""

    client: FlaskClient
    profile: str
    key: str
    account: str

    def generate(self, headers: dict[str, str] | None = None, **changes: Any) -> TestResponse:
        """Ask for images; a change to None leaves the parameter out."""
        body = {name: value for name, value in {**VALID[self.profile], **changes}.items() if value is not None}
        return self.client.post(self.path(GENERATE), json=body, headers={**self.auth, **(headers or {})})

    def send(self, raw: bytes, content_type: str = "application/json") -> TestResponse:
        """Ask with any bytes."""
        return self.client.post(self.path(GENERATE), data=raw, content_type=content_type, headers=self.auth)

    def admin(self, method: str, path: str, **body: Any) -> TestResponse:
        """Use the control plane; ``{account}`` in the path is this caller's."""
        path = f"/__admin{path.replace('{account}', self.account)}"
        return self.client.open(path, method=method, json=body if method in {"POST", "PATCH"} else None)

    def advance(self, seconds: float) -> None:
        """Move this account's clock."""
        assert self.admin("POST", "/clock/advance", seconds=seconds, account=self.account).status_code == 200

    @property
    def balance(self) -> str:
        """What the wallet holds."""
        return str(self.admin("GET", "/accounts/{account}").get_json()["balance"])

    @property
    def auth(self) -> dict[str, str]:
        """The header with the key."""
        return {"Authorization": f"Bearer {self.key}"}

    def path(self, operation: str) -> str:
        """An operation of this profile."""
        return f"/{self.profile}/v1{operation}"

    def journal(self, **query: Any) -> list[dict[str, Any]]:
        """This account's lines, oldest first."""
        lines = self.client.get("/__admin/requests", query_string={"account": self.account, **query}).get_json()[
            "requests"
        ]
        return list(lines)


@pytest.fixture
def serve_mock() -> Callable[..., FlaskClient]:
    def make(*profiles: str, **settings: Any) -> FlaskClient:
        contracts = [loading.shipped(profile) for profile in profiles or ("openai", "aivene")]
        app = cast("Flask", create_mock(contracts, MockSettings(**settings)))
        return app.test_client()

    return make


@pytest.fixture
def caller(serve_mock: Callable[..., FlaskClient]) -> Callable[..., Caller]:
    """Open an account: ``caller("aivene", balance="1.00")``."""
    shared = serve_mock()

    def make(profile: str = "openai", client: FlaskClient = shared, **account: Any) -> Caller:
        answer = client.post("/__admin/accounts", json={"profile": profile, **account})
        assert answer.status_code == 201, answer.text
        return Caller(client=client, profile=profile, key=answer.get_json()["key"], account=answer.get_json()["id"])

    return make
