"""``specs export``: the OpenAPI that is committed, and a page for people."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from pixelproof import loading
from pixelproof.cli import main
from pixelproof.documents.markdown import page


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def export(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Call ``pixelproof specs export`` in this process."""

    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["pixelproof", "specs", "export", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)

    return call


@pytest.mark.parametrize("profile", loading.profiles())
def test_openapi_is_the_committed_file(export: Callable[..., Said], profile: str) -> None:
    committed = (loading.specs_folder() / profile / "openapi.yaml").read_text("utf-8")
    assert export(profile, "--format", "openapi").out == committed


def test_openapi_as_json_says_the_same(export: Callable[..., Said]) -> None:
    as_yaml = yaml.safe_load(export("aivene").out)
    assert json.loads(export("aivene", "--json").out) == json.loads(json.dumps(as_yaml, default=str))


@pytest.mark.parametrize("profile", loading.profiles())
def test_a_page_has_every_claim_parameter_and_price_row(export: Callable[..., Said], profile: str) -> None:
    contract = loading.shipped(profile)
    out = export(profile, "--format", "markdown").out
    assert out.startswith(f"# {contract.title}\n")
    rows = [line for line in out.splitlines() if line.startswith("| `")]
    for claim in contract.claims:
        assert any(row.startswith(f"| `{claim}` |") for row in rows), claim
    for name in contract.parameters:
        assert any(row.startswith(f"| `{name}`") for row in rows), name
    for row in contract.billing.prices:
        assert f"| {contract.billing.currency.show(row.price)} |" in out
    for point in contract.ambiguities:
        assert f"**{point.claim}**" in out
    assert ("## Life of a task" in out) is (contract.tasks is not None)


def tables(text: str) -> list[list[str]]:
    """Return the tables of a page as lists of lines."""
    blocks = [block.splitlines() for block in text.split("\n\n")]
    return [block for block in blocks if block[0].startswith("|")]


@pytest.mark.parametrize("profile", loading.profiles())
def test_every_table_has_one_width(profile: str) -> None:
    found = tables(page(loading.shipped(profile)))
    assert found
    for table in found:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table}
        assert len(widths) == 1, table
        assert set(table[1]) <= set("| -")


def test_a_page_is_the_same_every_time(export: Callable[..., Said]) -> None:
    assert export("perf", "--format", "markdown").out == export("perf", "--format", "markdown").out


def test_text_of_a_stranger_cannot_break_a_table_or_bring_html(export: Callable[..., Said], tmp_path: Path) -> None:
    folder = shutil.copytree(loading.specs_folder() / "fineapi", tmp_path / "acme")
    path = folder / "contract.yaml"
    title = 'title: "A | <script>alert(1)</script> `x` [y](z)"'
    path.write_text(path.read_text("utf-8").replace("title: FineAPI", title), "utf-8")
    claims = folder / "claims.yaml"
    text = claims.read_text("utf-8")
    first = re.search(r'statement: "', text)
    assert first
    claims.write_text(text[: first.end()] + "one | two <b>" + text[first.end() :], "utf-8")
    out = export(path, "--format", "markdown").out
    assert out.splitlines()[0] == "# A \\| &lt;script&gt;alert(1)&lt;/script&gt; \\`x\\` \\[y\\](z)"
    assert "one \\| two &lt;b&gt;" in out


def test_a_pipe_in_a_key_pattern_stays_in_its_cell(export: Callable[..., Said]) -> None:
    assert "`^pk_(live\\|test)_[A-Za-z0-9_-]{3,190}$`" in export("perf", "--format", "markdown").out


def test_a_file_is_written_and_a_generated_one_replaced(export: Callable[..., Said], tmp_path: Path) -> None:
    target = tmp_path / "page.md"
    target.write_text("old", "utf-8")
    said = export("aivene", "--format", "markdown", "-o", target)
    assert (said.code, said.out) == (0, "")
    assert target.read_text("utf-8") == page(loading.shipped("aivene"))
    assert str(target) in said.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("aivene", "-o", "{folder}"), "is a directory; name a file in it"),
        (("aivene", "-o", "{folder}/none/x.yaml"), "cannot be written: No such file or directory"),
        (("aivene", "--format", "markdown", "--json"), "--json is a form of OpenAPI"),
        (("avene",), "did you mean 'aivene'?"),
        (("aivene", "--format", "docx"), "docx"),
    ],
)
def test_a_wrong_word_is_one_sentence(
    export: Callable[..., Said], tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    said = export(*(word.replace("{folder}", str(tmp_path)) for word in words))
    assert said.code == 2
    assert sentence in said.err
    assert "Traceback" not in said.err
