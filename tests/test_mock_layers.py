"""Within the mock, too, imports go one way: pictures, what is kept, steps, the request, and what stands around it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

MOCK = Path(__file__).resolve().parents[1] / "mock_server"
#: Modules on the way of every request, and those that put requests together.
WORDS, WHOLE = (
    frozenset({"call", "faults", "redaction", "seams", "wire"}),
    frozenset({"operations", "pipeline", "provider"}),
)
#: Part of the mock → the parts that it may import. Types may point anywhere.
MAY: Mapping[str, frozenset[str]] = {
    "images": frozenset(),
    "words": frozenset(),
    "state": frozenset({"images", "words"}),
    "steps": frozenset({"images", "words", "state"}),
    "whole": frozenset({"images", "words", "state", "steps"}),
    "liars": frozenset({"images", "words", "state", "steps"}),
    # the control plane hangs itself into the application, which knows it
    "control": frozenset({"words", "state", "steps", "app"}),
    "app": frozenset({"words", "whole", "state", "steps", "control", "liars"}),
    "worker": frozenset({"app", "words", "state", "steps"}),
    "__init__": frozenset({"app", "liars", "worker"}),
}


def part(name: str) -> str:
    """Return the part that a module, named by its first word within the mock, belongs to."""
    return "words" if name in WORDS else "whole" if name in WHOLE else name


def imported(source: str, package: tuple[str, ...]) -> Iterator[str]:
    """Yield the parts that a module in ``package`` imports when it runs."""
    for node in _running(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            ends = [node.module] if node.module else [alias.name for alias in node.names]
            yield from (part([*base, *end.split(".")][0]) for end in ends)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and getattr(child.test, "id", "") == "TYPE_CHECKING":
            continue
        yield child
        yield from _running(child)


def forbidden(source: str, path: tuple[str, ...]) -> set[str]:
    """Return the parts that the module at ``path`` imports and may not."""
    own = part(path[0])
    return set(imported(source, path[:-1])) - MAY[own] - {own}


@pytest.mark.parametrize("path", sorted(MOCK.rglob("*.py")), ids=lambda path: str(path.relative_to(MOCK)))
def test_a_part_imports_only_what_lies_below_it(path: Path) -> None:
    assert forbidden(path.read_text("utf-8"), path.relative_to(MOCK).with_suffix("").parts) == set()


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        (("images", "png"), "from ..state.accounts import Account", {"state"}),
        (("state", "accounts"), "def late():\n    from ..steps.honest import honest", {"steps"}),
        (("state", "shared", "book"), "from ... import pipeline", {"whole"}),
        (("call",), "from .state.accounts import Account", {"state"}),
        (("steps", "parsing"), "from ..worker.serving import serve", {"worker"}),
        (("worker", "serving"), "from ..control import routes", {"control"}),
    ],
)
def test_a_planted_import_is_caught(path: tuple[str, ...], source: str, found: set[str]) -> None:
    assert forbidden(source, path) == found


def test_types_may_point_anywhere() -> None:
    source = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .state.accounts import Account"
    assert forbidden(source, ("call",)) == set()
