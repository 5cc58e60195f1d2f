"""``verify --resume``: takes the run over as it was begun, and says what does not fit."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pixelproof import loading
from pixelproof.cli import main
from pixelproof.settings import MockSettings
from pixelproof.verification.embedded import running

Cli = Callable[..., tuple[int, str]]
SELECT = "images/dall-e-2/*"


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["pixelproof", "verify", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), "".join(capsys.readouterr())

    return run


def lines(folder: str) -> list[dict[str, Any]]:
    return [json.loads(text) for text in (Path(folder) / "run.jsonl").read_text("utf-8").splitlines()]


def cut(folder: str, count: int) -> None:
    path = Path(folder) / "run.jsonl"
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:count]), "utf-8")


def test_a_run_goes_on_with_nothing_but_its_folder(cli: Cli) -> None:
    with running(loading.shipped("aivene"), MockSettings()) as url:
        cli(url, "--profile", "aivene", "--tier", "smoke", "--select", SELECT, "--report-dir", "out")
        whole = lines("out")
        cut("out", 7)
        code, said = cli("--resume", "out")
    again = lines("out")
    assert code == 0, said
    assert {line["case"] for line in again if line["kind"] == "verdict"} == {
        line["case"] for line in whole if line["kind"] == "verdict"
    }
    assert (again[0]["resumed"], again[0]["tier"], again[-1]["kind"]) == (1, "smoke", "end")


def test_a_run_against_the_embedded_mock_goes_on_with_a_new_one(cli: Cli) -> None:
    cli("--profile", "aivene", "--tier", "smoke", "--select", "refusals/*", "--liar", "aivene-charged-twice")
    (folder,) = (path.parent for path in Path("pixelproof-out").rglob("run.jsonl"))
    cut(str(folder), 4)
    code, said = cli("--resume", folder)
    assert code == 0, said
    assert (lines(str(folder))[0]["mock"]["liar"], lines(str(folder))[-1]["kind"]) == ("aivene-charged-twice", "end")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tier", "core"), "was begun with tier smoke"),
        (("--seed", "7"), "was begun with seed 0"),
        (("--profile", "openai"), "was begun with profile aivene"),
        (("--select", "AIV-05"), "was begun with select"),
        (("http://127.0.0.1:1/v1",), "was begun with url http://127.0.0.1"),
        (("--report-dir", "elsewhere"), "leave --report-dir out"),
    ],
)
def test_what_differs_from_the_beginning_is_refused(words: tuple[str, ...], said: str, cli: Cli) -> None:
    with running(loading.shipped("aivene"), MockSettings()) as url:
        cli(url, "--profile", "aivene", "--tier", "smoke", "--select", SELECT, "--report-dir", "out")
        before = lines("out")
        code, heard = cli("--resume", "out", *words)
    assert code == 2
    assert said in heard
    assert lines("out") == before, "the record is left as it was"


def test_a_folder_without_a_record_is_named(cli: Cli, tmp_path: Path) -> None:
    code, said = cli("--resume", tmp_path)
    assert code == 2
    assert "name a run.jsonl or its folder" in said


@pytest.mark.parametrize("text", ["soon", "0", "5 d", "-3s"])
def test_a_duration_that_is_none_is_refused_with_an_example(text: str, cli: Cli) -> None:
    code, said = cli("--profile", "aivene", f"--deadline={text}")
    assert code == 2
    assert "for example 300s, 5m" in said


def test_a_deadline_ends_with_5_and_says_so(cli: Cli) -> None:
    code, said = cli("--profile", "aivene", "--tier", "smoke", "--deadline", "0.2s", "--rate", "10")
    assert code == 5
    assert "the deadline of 0.2 s is over" in said
