"""One mock for each profile and session; tests that need Node run when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .provider import Provider, served


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker of tests that need Node."""
    config.addinivalue_line("markers", "node: needs Node and `npm ci` in tests/clients/node; run by -m node")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the Node tests out, unless ``-m`` speaks of them: then they pass or fail, and never skip."""
    if "node" in config.option.markexpr:
        return
    unasked = [item for item in items if item.get_closest_marker("node")]
    if unasked:
        config.hook.pytest_deselected(items=unasked)
        items[:] = [item for item in items if item not in unasked]


@pytest.fixture(scope="session")
def openai_mock() -> Iterator[Provider]:
    with served("openai") as provider:
        yield provider


@pytest.fixture(scope="session")
def aivene_mock() -> Iterator[Provider]:
    with served("aivene") as provider:
        yield provider


@pytest.fixture(params=["openai", "aivene"])
def mock(request: pytest.FixtureRequest) -> Provider:
    """Serve each profile in turn."""
    provider: Provider = request.getfixturevalue(f"{request.param}_mock")
    return provider
