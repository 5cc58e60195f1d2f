"""The reference of the control plane is what the code writes, and it leaves nothing out."""

from __future__ import annotations

from pathlib import Path

import pytest
from pixelproof.mock_server.control import recording, reference
from pixelproof.mock_server.control.asking import Asked, listener, tell
from pixelproof.mock_server.control.meanings import MEANINGS, meaning
from pixelproof.mock_server.control.recording import Recorded, Recorder
from pixelproof.mock_server.control.scenario import CHAPTERS

from pixelproof import loading

PAGE = Path(__file__).parents[2] / "docs/control-plane.md"


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder(loading.shipped("stratizon"))


@pytest.fixture(scope="module")
def entries(recorder: Recorder) -> dict[str, Recorded]:
    """Call every route once."""
    return {entry.call.route: entry for chapter in CHAPTERS for entry in recorder.chapter(chapter)}


def test_the_page_is_what_the_code_writes() -> None:
    assert PAGE.read_text("utf-8") == reference.page(), f"write it anew: python -m {reference.__name__} > {PAGE.name}"


def test_every_route_of_the_control_plane_is_called(recorder: Recorder) -> None:
    assert recording.untold(recorder.app) == frozenset()
    assert "PUT /snapshot" in recording.routes(recorder.app)


def test_a_field_has_the_bounds_that_the_code_reads_it_with(entries: dict[str, Recorded]) -> None:
    asked = {one.name: one for one in entries["POST /faults"].asked}
    assert (asked["seconds"].kind, asked["seconds"].least, asked["seconds"].most) == ("number", 0, 60)
    assert asked["when"].choices == ("before", "after")
    assert asked["match.model"].kind == "text"


def test_every_meaning_belongs_to_a_field_that_is_read(entries: dict[str, Recorded]) -> None:
    read = {(route, asked.name) for route, entry in entries.items() for asked in entry.asked}
    named = {name for _, name in read} | {f"{route} {name}" for route, name in read}
    assert set(MEANINGS) - named == set()


def test_a_field_that_nobody_has_explained_is_an_error() -> None:
    with pytest.raises(KeyError, match="hue"):
        meaning("POST /faults", "hue")


def test_nobody_listens_while_the_mock_serves() -> None:
    assert listener.get() is None
    tell(Asked(name="seconds", kind="number"))


def test_what_is_refused_says_which_field(entries: dict[str, Recorded]) -> None:
    refused = [entry.refused for entry in entries.values() if entry.refused is not None]
    assert len(refused) >= 12
    assert {exchange.status for exchange in refused} == {400, 404}
