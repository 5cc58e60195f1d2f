"""``specs diff``: tables for people, JSON for programs, one line that counts."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from pixelproof import loading
from pixelproof.cli import main

#: Two contracts of which the second keeps everything that the first promises, and one that does not.
KEPT, BROKEN = ("fineapi", "fineapi"), ("openai", "aivene")


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def diff(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Call ``pixelproof specs diff`` in this process, on a terminal of 160 columns."""
    monkeypatch.setenv("COLUMNS", "160")

    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["pixelproof", "specs", "diff", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)

    return call


def test_sections_come_worst_first_and_one_line_counts(diff: Callable[..., Said]) -> None:
    said = diff("openai", "aivene")
    assert said.code == 0
    lines = said.out.splitlines()
    sections = ["breaks", "costs", "differs silently", "to set", "works"]
    assert [line for line in lines if line in sections] == sections
    assert "openai → aivene: " in said.out
    assert "0 differ silently" in said.out


def test_a_break_is_told_with_its_sentence_and_what_to_do(diff: Callable[..., Said]) -> None:
    out = diff("openai", "aivene", "--only", "breaks").out
    assert "send medium for auto" in out
    assert "AIV-03  prompt and model are both required" in out
    assert "--map-model" in out
    assert "gpt-image-1.5=gpt-image-1" in out


def test_only_one_effect_is_shown(diff: Callable[..., Said]) -> None:
    out = diff("openai", "aivene", "--only", "breaks").out
    assert "differs silently\n" not in out
    assert "one image" not in out


def test_the_exit_code_is_a_choice(diff: Callable[..., Said]) -> None:
    assert diff(*BROKEN).code == 0
    assert diff(*BROKEN, "--fail-on-breaks").code == 1
    assert diff(*KEPT, "--fail-on-breaks").code == 0


def test_json_has_every_change_request_and_price_with_its_claims(diff: Callable[..., Said]) -> None:
    found = json.loads(diff("openai", "aivene", "--json").out)
    assert found["from"]["profile"] == "openai"
    assert found["summary"]["requests"]["all"] == len(found["requests"])
    assert sum(found["summary"]["changes"].values()) == len(found["changes"])
    required = next(each for each in found["changes"] if each["after"].startswith("required"))
    assert required["claims_after"][0]["id"] == "AIV-03"
    assert required["claims_after"][0]["statement"].startswith("prompt and model")
    assert {each["outcome"] for each in found["requests"]} == {"works", "breaks"}
    assert found["prices"][0]["before"] == {
        "amount": "0.016000",
        "currency": "USD",
        "assumed": True,
        "claims": ["OAI-13"],
    }


def test_json_of_one_effect_has_only_its_requests(diff: Callable[..., Said]) -> None:
    found = json.loads(diff("openai", "aivene", "--json", "--only", "works").out)
    assert {each["effect"] for each in found["changes"]} == {"works"}
    assert {each["outcome"] for each in found["requests"]} == {"works"}
    assert found["prices"] == []


def test_currencies_meet_only_at_a_rate(diff: Callable[..., Said]) -> None:
    square = r"1024x1024, quality standard +3.50 INR +0.04 USD +"
    assert re.search(square + r"\?", diff("aicredits", "perf", "--only", "costs").out)
    assert re.search(square + "same", diff("aicredits", "perf", "--only", "costs", "--usd-inr", "87.50").out)


def test_rows_of_prices_are_joined_only_where_all_of_them_hold(diff: Callable[..., Said]) -> None:
    out = " ".join(diff("openai", "aivene", "--only", "costs").out.split())
    assert "size 1792x1024 or 1024x1792, quality standard 0.08 USD" in out
    assert "size 1024x1024, quality hd 0.08 USD" in out


def test_a_narrow_terminal_gets_no_line_beyond_its_width(
    diff: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, diff("openai", "stratizon").out.splitlines())) <= 80


def test_what_is_piped_has_no_colour(diff: Callable[..., Said]) -> None:
    assert "\x1b" not in diff("openai", "aivene").out


def test_a_terminal_gets_colour_unless_it_is_refused(
    diff: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b" in diff("openai", "aivene").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in diff("openai", "aivene").out


def test_a_contract_of_ones_own_is_compared_by_path(diff: Callable[..., Said], tmp_path: Path) -> None:
    folder = shutil.copytree(loading.specs_folder() / "fineapi", tmp_path / "acme")
    path = folder / "contract.yaml"
    text = path.read_text("utf-8")
    assert "enum: [standard, hd]" in text
    path.write_text(
        text.replace("enum: [standard, hd]", "enum: [standard]").replace("quality: hd}", "quality: standard}")
    )
    out = diff("fineapi", path, "--only", "breaks").out
    assert "also hd" in out
    assert "send standard for hd" in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("openai", "aivenne"), "did you mean 'aivene'?"),
        (("openai", "aivene", "--map-model", "dall-e-3"), "needs two names"),
        (("openai", "aivene", "--map-model", "dall-e-9=flux-pro"), "has no model 'dall-e-9'; did you mean"),
        (("openai", "aivene", "--map-model", "dall-e-2=a", "--map-model", "dall-e-2=b"), "names 'dall-e-2' twice"),
        (("openai", "aivene", "--usd-inr", "lots"), "is no rate"),
        (("openai", "aivene", "--usd-inr", "NaN"), "is no rate"),
        (("openai", "aivene", "--usd-inr", "-3"), "is no rate"),
        (("openai", "aivene", "--only", "sins"), "sins"),
    ],
)
def test_a_wrong_word_is_one_sentence(diff: Callable[..., Said], words: tuple[str, ...], sentence: str) -> None:
    said = diff(*words)
    assert said.code == 2
    assert sentence in said.err
    assert "Traceback" not in said.err
