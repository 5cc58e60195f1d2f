"""Mocks as their own processes, one for each profile: what a client library meets in real life."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest

#: Seconds in which a server has to come and to go.
PATIENCE_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An account of the mock: its id, and the key that opens it."""

    id: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A mock that was started, and its control plane."""

    base_url: str

    @property
    def control(self) -> str:
        return f"{self.base_url.removesuffix('/v1')}/__admin"

    def caller(self, **account: object) -> Caller:
        """Open an account of its own."""
        made = httpx.post(f"{self.control}/accounts", json=account).raise_for_status().json()
        return Caller(id=made["id"], key=made["key"])

    def statuses(self, caller: Caller) -> list[int]:
        """Return how each request of an account was answered, in order."""
        found = httpx.get(f"{self.control}/requests", params={"account": caller.id}).raise_for_status().json()
        return [line["status"] for line in found["requests"]]


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker of tests that need Node and its packages."""
    config.addinivalue_line("markers", "node: needs Node and `npm ci` in tests/clients/node; run by -m node")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the Node tests out, unless ``-m`` speaks of them: then they run or fail, and never skip."""
    if "node" in config.option.markexpr:
        return
    unasked = [item for item in items if item.get_closest_marker("node")]
    if unasked:
        config.hook.pytest_deselected(items=unasked)
        items[:] = [item for item in items if item not in unasked]


@pytest.fixture(scope="session")
def openai_mock() -> Iterator[Provider]:
    """Serve the profile openai for all tests of the session."""
    yield from _served("openai")


@pytest.fixture(scope="session")
def aivene_mock() -> Iterator[Provider]:
    """Serve the profile aivene for all tests of the session."""
    yield from _served("aivene")


@pytest.fixture(scope="session", params=["openai", "aivene"])
def mock(request: pytest.FixtureRequest) -> Provider:
    """Serve each profile in turn."""
    provider: Provider = request.getfixturevalue(f"{request.param}_mock")
    return provider


@pytest.fixture
def caller(mock: Provider) -> Callable[..., Caller]:
    """Open accounts of the profile in turn."""
    return mock.caller


def _served(profile: str) -> Iterator[Provider]:
    command = [sys.executable, "-m", "pixelproof", "serve", profile, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Provider(base_url=process.stdout.readline().strip())
        finally:
            process.terminate()
            code = process.wait(PATIENCE_S)
    assert code == 0, f"serve {profile} ended with {code} after SIGTERM"
