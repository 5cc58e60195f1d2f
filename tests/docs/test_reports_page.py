"""The snippets for CI on the page about reports name what there is; its commands are typed by test_pages."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from pixelproof.cli import cli
from pixelproof.record.formats import FORMATS

PAGE = (Path(__file__).parents[2] / "docs/reports.md").read_text("utf-8")
SNIPPETS = re.findall(r"```(?:yaml|groovy|sh)\n(.*?)```", PAGE, re.DOTALL)

#: Snippets for pipelines: parsed, and their commands held against what there is.
RUN = SNIPPETS


def test_the_table_has_every_format_with_its_file() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| `([\w.]+)` \|", PAGE, re.MULTILINE))
    assert rows == {known.name: known.file for known in FORMATS.values()}


def commands(snippet: str) -> Iterator[list[str]]:
    for found in re.findall(r"(?:^|['\s])pixelproof (?:gate|report|verify|compare) [^\n'|>]*", snippet):
        yield shlex.split(found.strip(" '"))


ALL = [words for snippet in SNIPPETS for words in commands(snippet)]


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_a_command_of_a_snippet_has_only_options_that_there_are(words: list[str]) -> None:
    command = cli.get_command(None, words[1])  # type: ignore[arg-type]  # a lazy group needs no context
    command.make_context(words[1], words[2:], resilient_parsing=True)
    options = {name for item in command.params if isinstance(item, click.Option) for name in item.opts}
    assert {word for word in words if word.startswith("-")} <= options


def test_the_snippets_show_commands_at_all() -> None:
    assert len(ALL) >= 5


@pytest.mark.parametrize("snippet", [text for text in SNIPPETS if text.startswith("# .git")])
def test_a_pipeline_is_yaml_and_uploads_files_that_its_command_writes(snippet: str) -> None:
    assert isinstance(yaml.safe_load(snippet), dict)
    written = {FORMATS[words[index + 1]].file for words in commands(snippet) for index in formats(words)}
    uploaded = {path.rpartition("/")[2] for path in re.findall(r"out/[\w.]+", snippet)}
    assert uploaded
    assert uploaded <= written


def formats(words: list[str]) -> list[int]:
    return [index for index, word in enumerate(words) if word == "--format"]
