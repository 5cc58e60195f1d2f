"""The page about recorded runs leaves no command out that works on a record; what it says is typed by test_pages."""

from __future__ import annotations

from tests.docs.pages import blocks, typed


def test_the_page_runs_every_command_that_works_on_a_record() -> None:
    commands = {one.command.split()[1] for block in blocks("docs/evidence.md") for one in typed(block.text)}
    assert commands >= {"verify", "report", "judge", "replay", "explain", "waivers"}
