"""The page about verdicts and exit codes has every word and the order that the code has."""

from __future__ import annotations

import re

import pytest
from tests.docs.pages import blocks, text_of, typed

from pixelproof.cli.verify import _GRAVITY
from pixelproof.contract import Level
from pixelproof.deviation import Tier
from pixelproof.running.ending import RunOutcome
from pixelproof.strategies.claims import JudgeLevel
from pixelproof.verdict import _RANK, Reason, Verdict

NAME = "docs/verdicts-and-exit-codes.md"
PAGE = text_of(NAME)
ROWS = re.findall(r"^\| (`[^|]+?)(?: \(default\))? \|", PAGE, re.MULTILINE)
WORDS = [word for row in ROWS for word in re.findall(r"`([^`]+)`", row)]


def test_verdicts_stand_in_their_order() -> None:
    assert WORDS[: len(Verdict)] == [*_RANK, Verdict.NOT_RUN, Verdict.NOT_APPLICABLE]


@pytest.mark.parametrize("word", [*Reason, *Tier, *JudgeLevel])
def test_every_reason_tier_and_level_has_its_row(word: str) -> None:
    assert word in WORDS


@pytest.mark.parametrize("word", [*RunOutcome, *Level])
def test_every_outcome_and_letter_is_explained(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_the_order_of_several_profiles_is_the_one_of_the_code() -> None:
    _, several = re.findall(r"\*\*([\d, ]+)\*\*", PAGE)
    assert [int(code) for code in several.split(", ")] == [*reversed(_GRAVITY)]


def test_every_exit_code_of_the_table_is_seen() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}
    assert told == {one.code for block in blocks(NAME) if block.language == "console" for one in typed(block.text)}
