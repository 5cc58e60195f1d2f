"""One mock for each profile and session; tests that need Node or LangChain run when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from .node_script import NodeScript, running
from .offers import SYNCHRONOUS
from .openai_python import OpenAIForPython
from .provider import Provider, Street

#: Markers of tests that need more than this project's own packages.
_UNASKED = ("node", "langchain")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave these tests out, unless ``-m`` speaks of them: then they pass or fail, and never skip."""
    silent = [name for name in _UNASKED if name not in config.option.markexpr]
    unasked = [item for item in items if any(item.get_closest_marker(name) for name in silent)]
    if unasked:
        config.hook.pytest_deselected(items=unasked)
        items[:] = [item for item in items if item not in unasked]


@pytest.fixture(scope="session")
def street() -> Iterator[Street]:
    """Open the mocks that a session visits, and close them all at its end."""
    with ExitStack() as opened:
        yield Street(opened)


@pytest.fixture(params=SYNCHRONOUS)
def mock(request: pytest.FixtureRequest, street: Street) -> Provider:
    """Serve each profile in turn."""
    return street[request.param]


@pytest.fixture(scope="session", params=["python", pytest.param("node", marks=pytest.mark.node)])
def openai_client(request: pytest.FixtureRequest) -> Iterator[OpenAIForPython | NodeScript]:
    """Return the OpenAI client for each language in turn."""
    if request.param == "python":
        yield OpenAIForPython()
        return
    with running("openai.mjs") as script:
        yield script


@pytest.fixture(scope="session")
def ai_sdk() -> Iterator[NodeScript]:
    with running("ai-sdk.mjs") as script:
        yield script


@pytest.fixture(scope="session")
def langchain_node() -> Iterator[NodeScript]:
    with running("langchain.mjs") as script:
        yield script
