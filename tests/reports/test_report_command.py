"""``report``: which format goes where, what is refused, and when it is coloured."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.evidence.conftest import Said

from pixelproof.cli import cli
from pixelproof.cli.page import colour
from pixelproof.record.formats import FORMATS
from pixelproof.record.recording import SCHEMA, Recording, exchange_line, verdict_line

from .records import END, FOUND, exchange, record

Call = Callable[..., Said]
ALL = [word for name in FORMATS for word in ("--format", name)]
HEADER = {"kind": "run", "schema": SCHEMA, "profile": "aivene", "tier": "core"}


def written(folder: Path, *lines: dict[str, Any]) -> Path:
    recording = Recording(folder, kept=[HEADER, *lines])
    recording.close()
    return recording.path


def test_all_formats_at_once_go_into_a_folder(pixelproof: Call, twice: Path, tmp_path: Path) -> None:
    said = pixelproof("report", twice, *ALL, "-o", tmp_path / "new" / "reports")
    assert (said.code, said.out) == (0, "")
    names = {path.name for path in (tmp_path / "new" / "reports").iterdir()}
    assert names == {known.file for known in FORMATS.values()}
    assert len(names) == len(FORMATS)


def test_one_format_goes_to_standard_output(pixelproof: Call, twice: Path) -> None:
    for words in ((), ("-o", "-")):
        assert json.loads(pixelproof("report", twice, "--format", "badge", *words).out)["schemaVersion"] == 1


def test_one_format_goes_to_a_file_or_under_its_own_name_into_a_folder(
    pixelproof: Call, twice: Path, tmp_path: Path
) -> None:
    pixelproof("report", twice, "--format", "badge", "-o", tmp_path / "b.json")
    pixelproof("report", twice, "--format", "badge", "-o", tmp_path)
    pixelproof("report", twice, "--format", "badge", "-o", f"{tmp_path / 'later'}/")
    assert {path.name for path in tmp_path.rglob("*.json")} == {"b.json", "badge.json"}
    assert (tmp_path / "later" / "badge.json").is_file()


def test_the_file_and_its_folder_are_the_same_record(pixelproof: Call, twice: Path) -> None:
    assert pixelproof("report", twice).out == pixelproof("report", twice / "run.jsonl").out


def test_several_formats_need_a_folder(pixelproof: Call, twice: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")
    for words in ((), ("-o", "-"), ("-o", tmp_path / "file")):
        said = pixelproof("report", twice, "--format", "badge", "--format", "har", *words)
        assert said.code == 2
        assert "need a folder" in said.err
    assert (tmp_path / "file").read_text("utf-8") == "mine"


def test_a_place_that_cannot_be_written_is_one_sentence(pixelproof: Call, twice: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")
    said = pixelproof("report", twice, "--format", "badge", "-o", tmp_path / "file" / "badge.json")
    assert (said.code, "cannot be written" in said.err) == (2, True)


FOREIGN = {
    "empty": (b"", "is empty"),
    "blank": (b"\n \n", "is empty"),
    "binary": (b"\x7fELF\x00\x01" * 100, "it is binary"),
    "text": (b"hello\nworld\n", "does not begin with a line of JSON"),
    "a list": (b"[1, 2]\n", "does not begin with a line of JSON"),
    "a page of JSON": (b'{\n "log": {}\n}\n', "its first line is no JSON object"),
    "another object": (b'{"log": {"version": "1.2"}}\n', "is no run record"),
    "another version": (b'{"kind": "run", "schema": "pixelproof.run/2"}\n', "this version reads pixelproof.run/1"),
    "a deep nest": (b'{"kind": "run", "a": ' + b"[" * 100_000 + b"\n", "is no run record"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_is_no_record_is_refused_with_the_reason(pixelproof: Call, tmp_path: Path, kind: str) -> None:
    data, sentence = FOREIGN[kind]
    (tmp_path / "run.jsonl").write_bytes(data)
    said = pixelproof("report", tmp_path)
    assert (said.code, said.out) == (2, "")
    assert sentence in said.err


def test_a_folder_of_several_records_names_them(pixelproof: Call, twice: Path, tmp_path: Path) -> None:
    for name in ("aivene", "openai"):
        written(tmp_path / name, dict(END))
    said = pixelproof("report", tmp_path)
    assert said.code == 2
    assert f"name one of the records in it: {tmp_path / 'aivene'}, {tmp_path / 'openai'}" in said.err


BROKEN = {
    "a claim that is a number": {**verdict_line(FOUND), "claim": 7},
    "a verdict that nobody knows": {**verdict_line(FOUND), "verdict": "splendid"},
    "an exchange that is a text": {**verdict_line(FOUND), "exchanges": ["1"]},
    "an unknown field": {**verdict_line(FOUND), "surprise": 1},
    "headers that are a list": {
        **exchange_line(exchange()),
        "request": {"method": "GET", "url": "http://a/", "headers": []},
    },
    "a header that is a number": {**exchange_line(exchange()), "response": {"status": 200, "headers": {"a": 1}}},
    "a status that is a text": {**exchange_line(exchange()), "response": {"status": "200"}},
    "a time that is a text": {**exchange_line(exchange()), "elapsed_s": "soon"},
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_record_that_somebody_changed_is_refused_not_stumbled_over(
    pixelproof: Call, tmp_path: Path, kind: str
) -> None:
    written(tmp_path, BROKEN[kind], dict(END))
    said = pixelproof("report", tmp_path, *ALL, "-o", tmp_path / "reports")
    assert said.code == 2, said.err
    assert "none of ours" in said.err


def test_a_cut_record_needs_partial_and_says_incomplete_in_each_format(pixelproof: Call, tmp_path: Path) -> None:
    path = written(tmp_path, verdict_line(FOUND))
    refused = pixelproof("report", path, *ALL, "-o", tmp_path / "reports")
    assert (refused.code, (tmp_path / "reports").exists()) == (5, False)
    assert pixelproof("report", path, "--partial", *ALL, "-o", tmp_path / "reports").code == 0
    assert json.loads((tmp_path / "reports/badge.json").read_text("utf-8"))["message"].startswith("incomplete")


def test_a_record_cut_in_the_middle_of_a_line_is_incomplete(pixelproof: Call, tmp_path: Path) -> None:
    path = written(tmp_path, verdict_line(FOUND), dict(END))
    path.write_bytes(path.read_bytes()[:-20])
    assert pixelproof("report", path).code == 5


@pytest.mark.parametrize(
    ("choice", "environment", "shown"),
    [
        ("auto", {}, "plain"),
        ("auto", {"FORCE_COLOR": "1"}, "coloured"),
        ("auto", {"FORCE_COLOR": "0"}, "plain"),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, "plain"),
        ("always", {"NO_COLOR": "1"}, "coloured"),
        ("never", {"FORCE_COLOR": "1"}, "plain"),
    ],
)
def test_colour_follows_the_option_then_no_color_then_force_color(
    monkeypatch: pytest.MonkeyPatch, choice: str, environment: dict[str, str], shown: str
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert colour(choice) is (shown == "coloured")


def test_a_log_of_ci_is_coloured_where_it_is_asked_for(
    pixelproof: Call, twice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b[" in pixelproof("report", twice, "--color", "always").out
    assert "\x1b[" not in pixelproof("report", twice, "--color", "never").out


def test_lines_of_text_fit_the_width(pixelproof: Call, twice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    rows = pixelproof("report", twice).out.splitlines()
    # a curl is pasted whole, and the last line is one line whatever it says
    wrapped = [row for row in rows[:-1] if not row.startswith("      ") and "pixelproof serve" not in row]
    assert max(map(len, wrapped)) <= 80
    assert any(row.startswith("            ") for row in rows)


def test_claims_that_are_kept_are_counted_and_listed_on_demand(pixelproof: Call, twice: Path) -> None:
    compact, verbose = pixelproof("report", twice).out, pixelproof("report", twice, "-v").out
    assert "15 claims kept, " in compact
    assert "Images are generated by POST" not in compact
    assert "Images are generated by POST" in verbose


def test_verbose_shows_what_was_sent_and_what_came(pixelproof: Call, twice: Path) -> None:
    text = pixelproof("report", twice, "-v").out
    assert "/v1/images/generations → 200 in " in text
    assert '      > {"model": "dall-e-3"' in text
    assert '      < {"created": ' in text
    assert "before: wallet {" in text


def test_the_last_line_says_time_requests_and_money_also_behind_a_note() -> None:
    from pixelproof import edges

    text = edges.renderer("terminal").render(record(FOUND, end={**END, "note": "stopped: the budget is spent"}))
    *_, note, last = text.splitlines()
    assert "stopped: the budget is spent" in note
    assert "7 requests + 2 downloads · 0.064000 USD spent · 1.5 s · findings" in last


def test_a_report_imports_only_its_own_renderer() -> None:
    script = (
        "import sys; sys.argv = ['pixelproof', 'report', '--help']\n"
        "from pixelproof.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name.startswith(('pixelproof.reports', 'rich', 'jinja2', 'PIL'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", ["report", "verify", "gate", "load"])
def test_every_command_that_writes_reports_knows_all_formats(command: str) -> None:
    loaded = cli.get_command(None, command)  # type: ignore[arg-type]  # a lazy group needs no context
    option = next(item for item in loaded.params if "--format" in item.opts)
    assert tuple(option.type.choices) == tuple(FORMATS)
    assert option.multiple


def test_a_shell_completes_the_formats() -> None:
    words = {"COMP_WORDS": "pixelproof report --format ", "COMP_CWORD": "3", "_PIXELPROOF_COMPLETE": "bash_complete"}
    said = CliRunner().invoke(cli, [], prog_name="pixelproof", env=words).output
    assert {row.partition(",")[2] for row in said.splitlines()} == set(FORMATS)
