"""What the clients are installed from: exact versions, and no registry but the one of whoever installs."""

from __future__ import annotations

import json
import re
from pathlib import Path

from .node_script import FOLDER

PINS = Path(__file__).parent / "constraints-langchain.txt"
SHARED = Path(__file__).parents[2] / "constraints.txt"


def test_the_lock_file_names_no_registry() -> None:
    lock = (FOLDER / "package-lock.json").read_text("utf-8")
    assert "integrity" in lock
    assert '"resolved"' not in lock
    assert "://" not in re.sub(r'"(?:funding|url)": "https://[^"]*"', "", lock)


def test_node_packages_are_pinned_to_what_is_locked() -> None:
    wanted = json.loads((FOLDER / "package.json").read_text("utf-8"))["dependencies"]
    locked = json.loads((FOLDER / "package-lock.json").read_text("utf-8"))["packages"]
    assert wanted == {name: locked[f"node_modules/{name}"]["version"] for name in wanted}


def test_langchain_is_pinned_exactly_and_pins_nothing_twice() -> None:
    own, shared = (names(path) for path in (PINS, SHARED))
    assert "langchain-community" in own
    assert not own & shared


def names(path: Path) -> set[str]:
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.+!]+", line) for line in lines)
    return {line.partition("==")[0].lower().replace("_", "-") for line in lines}
