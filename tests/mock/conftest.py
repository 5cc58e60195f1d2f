"""A mock of both profiles in process, and a caller with an account of its own."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest
from PIL import Image

from pixelproof import loading
from pixelproof.edges import create_mock
from pixelproof.running.conducting.references import multipart
from pixelproof.running.conducting.references import picture as reference_picture
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
    "aicredits": {"prompt": "a lighthouse at dawn"},
    "perf": {"prompt": "a lighthouse at dawn"},
    "fineapi": {"prompt": "a lighthouse at dawn", "model": "dall-e-3"},
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
        client = self.client.application.test_client()
        return client.open(path, method=method, json=body if method in {"POST", "PATCH", "PUT"} else None)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant(Caller):
    """Somebody with a key in front of the provider with tasks; its clock stands still."""

    def create(self, headers: dict[str, str] | None = None, **body: Any) -> str:
        """Create a task from a prompt."""
        return self._created(self.post(GENERATE, {"prompt": "a lighthouse at dawn", **body}, headers))

    def transform(self, image: Any = None, **body: Any) -> str:
        """Create a task from a reference, an uploaded one unless told otherwise."""
        reference = image if image is not None else artifact(self.upload())
        return self._created(self.post(TRANSFORM, {"prompt": "at night", "image": reference, **body}))

    def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> TestResponse:
        """Send any body to an operation, from a client of its own, so that threads can share a tenant."""
        own = self.client.application.test_client()
        return own.post(self.path(path), json=body, headers={**self.auth, **(headers or {})})

    def look(self, task_id: str) -> TestResponse:
        """Ask for a task."""
        return self.client.application.test_client().get(self.path(f"/tasks/{task_id}"), headers=self.auth)

    def cancel(self, task_id: str) -> TestResponse:
        """Cancel a task."""
        return self.client.application.test_client().post(self.path(f"/tasks/{task_id}/cancel"), headers=self.auth)

    def finished(self, task_id: str) -> dict[str, Any]:
        """Let enough time pass for any task, and return this one."""
        self.advance(60)
        return dict(self.look(task_id).get_json())

    def send_file(self, data: bytes, *, field: str = "file") -> TestResponse:
        """Upload any bytes."""
        content_type, body = multipart(field, data)
        own = self.client.application.test_client()
        return own.post(self.path("/uploads"), data=body, content_type=content_type, headers=self.auth)

    def upload(self, data: bytes | None = None) -> str:
        """Upload an image and return its artifact id."""
        answer = self.send_file(data if data is not None else reference_picture())
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["artifact_id"])

    def picture(self, url: str) -> Image.Image:
        """Download and decode an image."""
        own = self.client.application.test_client()
        return Image.open(io.BytesIO(own.get(url).data)).convert("RGB")

    def check(self) -> dict[str, Any]:
        """The proof that the ledger balances."""
        return dict(self.admin("GET", "/accounts/{account}/ledger/check").get_json())

    @staticmethod
    def _created(answer: TestResponse) -> str:
        assert answer.status_code == 202, answer.text
        return str(answer.get_json()["task_id"])


TRANSFORM = "/images/image-to-image"


def artifact(artifact_id: str) -> dict[str, str]:
    """Return the JSON of a reference to a stored image."""
    return {"type": "artifact", "artifact_id": artifact_id}


@pytest.fixture
def tenant(serve_mock: Callable[..., FlaskClient]) -> Callable[..., Tenant]:
    """Open an account of the provider with tasks: ``tenant(balance="500")``."""
    shared = serve_mock("stratizon")

    def make(client: FlaskClient = shared, **account: Any) -> Tenant:
        answer = client.post("/__admin/accounts", json=account)
        assert answer.status_code == 201, answer.text
        made = answer.get_json()
        assert client.post("/__admin/clock/freeze", json={"account": made["id"]}).status_code == 200
        return Tenant(client=client, profile="stratizon", key=made["key"], account=made["id"])

    return make


@pytest.fixture
def serve_mock(fresh_state: Callable[[], str]) -> Callable[..., FlaskClient]:
    def make(*profiles: str, **settings: Any) -> FlaskClient:
        contracts = [loading.shipped(profile) for profile in profiles or ("openai", "aivene")]
        app = cast("Flask", create_mock(contracts, MockSettings(**{"state": fresh_state(), **settings})))
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
