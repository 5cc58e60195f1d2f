"""The picture of the architecture shows the imports that there are, and no others."""

from __future__ import annotations

import re
from functools import cache

import pytest
from tests.docs.pages import text_of
from tests.test_layers import MAPPED, _module, core_units, files, imported, unit

PICTURE = re.findall(r"```mermaid\n(.*?)```", text_of("docs/architecture.md"), re.DOTALL)[0]
BOXES = {
    name: frozenset(label.partition("<br>")[0].split(" · "))
    for name, label in re.findall(r'^  (\w+)\["(.+?)"\]$', PICTURE, re.MULTILINE)
}
ARROWS = re.findall(r"^  (\w+) --> (\w+)$", PICTURE, re.MULTILINE)
DOTTED = re.findall(r"^  (\w+) -\. import_module \.-> (\w+)$", PICTURE, re.MULTILINE)


@cache
def imports() -> frozenset[tuple[str, str]]:
    """Return who imports whom, by boxes."""
    box_of = {one: box for box, units in BOXES.items() for one in units}
    return frozenset(
        (box_of[own], box_of[target])
        for path in files()
        if (own := unit(_module(path))) in box_of
        for name in imported(path.read_text("utf-8"), _module(path), is_package=path.name == "__init__.py")
        if name.startswith("pixelproof.") and (target := unit(name)) in box_of and box_of[own] != box_of[target]
    )


def reached(start: str) -> set[str]:
    """Return every box that arrows lead to from one."""
    found = {target for source, target in ARROWS if source == start}
    return found.union(*(reached(one) for one in found))


def test_every_box_names_modules_that_there_are() -> None:
    assert frozenset().union(*BOXES.values()) <= core_units()


@pytest.mark.parametrize(("source", "target"), ARROWS)
def test_an_arrow_is_an_import_and_nothing_imports_against_it(source: str, target: str) -> None:
    assert (source, target) in imports()
    assert (target, source) not in imports()


def test_every_import_between_boxes_follows_arrows() -> None:
    assert [pair for pair in sorted(imports()) if pair[1] not in reached(pair[0])] == []


def test_the_crossing_leads_to_every_mapped_folder_with_code() -> None:
    assert {source for source, _ in DOTTED} == {"edges"}
    assert {next(iter(BOXES[target])) for _, target in DOTTED} == set(MAPPED) - {"specs"}
