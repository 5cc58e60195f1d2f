"""From findings to waivers and back: written, filled in, accepted, and stale once the defect is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml
from tests.harness.builders import line

from pixelproof.documents.document import parse
from pixelproof.findings.causes import causes
from pixelproof.findings.waivers import load_waivers, waived, waivers_of
from pixelproof.findings.waiving import Terms, open_causes, written
from pixelproof.problems import BadDocument, BadUsage
from pixelproof.verdict import Verdict

from .conftest import Said
from .records import TODAY

Call = Callable[..., Said]
FOUND = (
    line(Verdict.FAIL, "AIV-28", rule="charged", case="money/a", wanted="a charge of 1 USD", got="a charge of 2 USD"),
    line(Verdict.FAIL, "AIV-28", rule="charged", case="money/b", wanted="a charge of 2 USD", got="a charge of 4 USD"),
    line(Verdict.FAIL, "AIV-05", rule="image_count", case="images/n=[2]*", wanted="2 images", got="200 with 1 image"),
    line(Verdict.FAIL, "AIV-07", rule="image_count", case="images/n=[2]*", wanted="2 images", got="200 with 1 image"),
)
CAUSES = causes(FOUND)
REASONED = Terms(reason='said "no", twice: never', ticket="OPS-1", expires=date(2027, 1, 31))


def read(text: str, *, drafts: bool = False) -> object:
    return waivers_of(parse(text.encode(), "waivers.yaml"), drafts=drafts)


def test_there_is_one_row_for_each_cause_and_it_covers_its_findings_alone() -> None:
    charged, count = waivers_of(parse(written(CAUSES, REASONED).encode(), "waivers.yaml"))
    assert (charged.claim, charged.rule, charged.globs) == ("AIV-28", "charged", ("money/a", "money/b"))
    assert (count.claim, count.rule) == (None, "image_count")
    assert (count.reason, count.ticket, count.expires) == ('said "no", twice: never', "OPS-1", date(2027, 1, 31))
    assert all(waived(one, (charged, count), TODAY).verdict is Verdict.WAIVED for one in FOUND)
    for other in ("money/c", "money/ab", "images/n=2", "images/n=[2]*x"):
        assert waived(line(Verdict.FAIL, "AIV-28", rule="charged", case=other), (charged, count), TODAY).waiver == ""


def test_a_row_without_a_reason_is_refused_at_its_line() -> None:
    text = written(CAUSES, Terms())
    with pytest.raises(BadDocument) as caught:
        read(text)
    assert "is still the placeholder; say why this finding is accepted" in str(caught.value)
    assert text.splitlines()[caught.value.line - 1].strip().startswith("reason:")


OLD = """\
# ours, do not sort
waivers:
- claim: AIV-01   # talked about on Monday
  reason: known

# the rest is under discussion
"""


@pytest.mark.parametrize(
    "before", [OLD, OLD.rstrip("\n"), OLD.replace("- claim", "    - claim").replace("  reason", "      reason")]
)
def test_rows_and_comments_that_are_there_stay(before: str) -> None:
    text = written(CAUSES, REASONED, before)
    assert text.startswith(before.rstrip("\n"))
    first, *new = read(text)
    assert (first.claim, first.reason, len(new)) == ("AIV-01", "known", 2)


@pytest.mark.parametrize("before", ["waivers: []\n", "# none yet\nwaivers: [ ]  # so far\n", "", "\n"])
def test_an_empty_list_is_begun(before: str) -> None:
    assert len(read(written(CAUSES, REASONED, before))) == 2


def test_a_list_that_cannot_be_added_to_is_left_alone() -> None:
    with pytest.raises(BadUsage, match="rows cannot be added to this list"):
        written(CAUSES, REASONED, "waivers: [{claim: AIV-01, reason: known}]\n")


def test_what_is_waived_already_is_not_written_again() -> None:
    known = waivers_of(parse(written(CAUSES[:1], REASONED).encode(), "waivers.yaml"))
    assert open_causes(CAUSES, known) == CAUSES[1:]


def test_no_findings_make_an_empty_list() -> None:
    assert read(written((), Terms())) == ()


def test_what_a_server_says_stays_a_comment() -> None:
    evil = line(Verdict.FAIL, rule="served", wanted="a\nwaivers: []", got="b\r\n- claim: X\u2028\x85")
    (row,) = read(written(causes([evil]), REASONED))
    assert row.claim == "AIV-05"


def test_from_a_finding_to_a_waiver_and_back(pixelproof: Call, twice: Path, tmp_path: Path) -> None:
    """Written, refused without a reason, accepted with one, stale once the defect is gone."""
    file = tmp_path / "waivers.yaml"
    lying = ("verify", "--profile", "aivene", "--tier", "smoke", "--liar", "aivene-charged-twice")
    asked = (*lying, "--report-dir", tmp_path / "run", "--waivers", file)
    wrote = pixelproof("waivers", "write", twice, "-o", file)
    assert (wrote.code, "1 waiver added" in wrote.out) == (0, True)
    refused = pixelproof(*asked)
    assert (refused.code, "is still the placeholder" in refused.err) == (2, True)
    file.write_text(
        file.read_text("utf-8").replace("TODO: say why this finding is accepted", "the vendor knows"), "utf-8"
    )
    accepted = pixelproof(*asked)
    assert (accepted.code, "broken promise" in accepted.out) == (0, False)
    honest = ("verify", "--profile", "aivene", "--tier", "smoke", "--report-dir", tmp_path / "fixed", "--waivers", file)
    fixed = pixelproof(*honest)
    assert fixed.code == 1
    assert "(the vendor knows) fails no more: delete it" in fixed.out


def test_a_waiver_of_what_was_not_judged_is_listed(pixelproof: Call, twice: Path, tmp_path: Path) -> None:
    file = tmp_path / "waivers.yaml"
    file.write_text(
        "waivers:\n  - {claim: AIV-28, rule: charged, reason: known}\n  - {claim: AIV-99, reason: other}\n", "utf-8"
    )
    said = pixelproof("judge", twice, "--waivers", file)
    assert said.code == 0
    assert "AIV-99 * (other) was not exercised" in said.out


def test_writing_twice_adds_nothing(pixelproof: Call, twice: Path, tmp_path: Path) -> None:
    file = tmp_path / "waivers.yaml"
    pixelproof("waivers", "write", twice, "-o", file, "--reason", "known", "--expires", "2027-01-31")
    before = file.read_text("utf-8")
    found = pixelproof("waivers", "write", twice, "-o", file, "--json").json()
    assert (found["added"], found["known"], file.read_text("utf-8")) == ([], 1, before)
    assert yaml.safe_load(before)["waivers"][0]["expires"] == date(2027, 1, 31)
    assert load_waivers(file)[0].expires == date(2027, 1, 31)
