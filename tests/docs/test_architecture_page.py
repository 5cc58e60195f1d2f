"""The picture of the architecture shows the imports that there are, and no others."""

from __future__ import annotations

import re
from functools import cache

import pytest
from tests.docs.pages import text_of
from tests.test_layers import FACADE, MAPPED, entry, module_edges, modules

PICTURE = re.findall(r"```mermaid\n(.*?)```", text_of("docs/architecture.md"), re.DOTALL)[0]
BOXES = {
    name: frozenset(label.partition("<br>")[0].split(" · "))
    for name, label in re.findall(r'^  (\w+)\["(.+?)"\]$', PICTURE, re.MULTILINE)
}
ARROWS = re.findall(r"^  (\w+) --> (\w+)$", PICTURE, re.MULTILINE)
#: The engine is pytest, which knows the plugin although it is run from below: the page says so in words.
WITHOUT_BOX = {"engine"}
TABLE = text_of("docs/architecture.md").partition("## Where to look")[2].partition("## ")[0]
DOTTED = re.findall(r"^  (\w+) -\. import_module \.-> (\w+)$", PICTURE, re.MULTILINE)


@cache
def imports() -> frozenset[tuple[str, str]]:
    """Return who imports whom, by boxes."""
    box_of = {one: box for box, entries in BOXES.items() for one in entries}
    pairs = ((entry(own), entry(target)) for own, targets in module_edges().items() for target in targets)
    return frozenset(
        (box_of[own], box_of[target])
        for own, target in pairs
        if own in box_of and target in box_of and box_of[own] != box_of[target]
    )


def reached(start: str) -> set[str]:
    """Return every box that arrows lead to from one."""
    found = {target for source, target in ARROWS if source == start}
    return found.union(*(reached(one) for one in found))


def entries() -> set[str]:
    """Return what a reader finds in ``src/pixelproof``, but for the package itself and its ``__main__``."""
    return {entry(name) for name in modules()} - {"", "__main__", *MAPPED}


def test_every_entry_of_the_package_stands_in_one_box() -> None:
    boxed = [name for box in BOXES.values() for name in box if name not in {*MAPPED}]
    assert sorted(boxed) == sorted(entries() - WITHOUT_BOX)


def test_the_page_says_of_every_entry_what_is_there() -> None:
    cells = [row.split(" | ")[0] for row in TABLE.splitlines() if row.startswith("| `")]
    assert sorted(name for cell in cells for name in re.findall(r"`(\w+)`", cell)) == sorted(entries())


@pytest.mark.parametrize(("source", "target"), ARROWS)
def test_an_arrow_is_an_import_and_nothing_imports_against_it(source: str, target: str) -> None:
    assert (source, target) in imports()
    assert (target, source) not in imports()


def test_every_import_between_boxes_follows_arrows() -> None:
    assert [pair for pair in sorted(imports()) if pair[1] not in reached(pair[0])] == []


def test_the_crossing_leads_to_every_mapped_folder_with_code() -> None:
    assert {source for source, _ in DOTTED} == {FACADE}
    assert {next(iter(BOXES[target])) for _, target in DOTTED} == set(MAPPED) - {"specs"}
