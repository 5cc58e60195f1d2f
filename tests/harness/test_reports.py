"""Reports: the broken promise first, the denominator always, and no character that deceives or breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelproof import edges
from pixelproof.record.recording import SCHEMA, Record
from pixelproof.verdict import CaseVerdict, Tally, Verdict

from .builders import line

CURL = "curl -sS -X POST 'http://127.0.0.1:9/v1/images/generations'"
FOUND = line(Verdict.FAIL, wanted="2 images", got="200 with 1", curl=CURL)
END = {
    "kind": "end",
    "outcome": "findings",
    "unjudged": [],
    "requests": 7,
    "downloads": 2,
    "cost": {"amount": "0.064000", "currency": "USD"},
    "duration_s": 1.5,
    "note": "",
}


def record(*verdicts: CaseVerdict, **changes: Any) -> Record:
    header = {"kind": "run", "schema": SCHEMA, "profile": "aivene", "tier": "core", "started": "2026-11-20T18:00:00"}
    return Record(**{"path": Path("run.jsonl"), "header": header, "verdicts": verdicts, "end": END, **changes})


def terminal(*verdicts: CaseVerdict, **changes: Any) -> str:
    how = {name: changes.pop(name) for name in ("verbose", "colour", "width") if name in changes}
    return edges.renderer("terminal").render(record(*verdicts, **changes), **how)


def junit(*verdicts: CaseVerdict, **changes: Any) -> ET.Element:
    suite = ET.fromstring(edges.renderer("junit").render(record(*verdicts, **changes))).find("testsuite")
    assert suite is not None
    return suite


def test_the_broken_claim_comes_first_with_source_wanted_got_and_curl() -> None:
    text = terminal(line(claim="AIV-01"), FOUND, line(Verdict.WARN, "AIV-06", wanted="a refusal", got="served"))
    places = [
        text.index(part)
        for part in (
            "1 broken promise",
            "AIV-05  n is the number of images",
            "source  Aivene docs: Image Generations",
            "case    images/dall-e-2/n=2  (image_count)",
            "wanted  2 images",
            "got     200 with 1",
            CURL,
            "1 warning",
            "claims",
        )
    ]
    assert places == sorted(places)


def test_errors_of_ours_come_before_findings() -> None:
    text = terminal(FOUND, line(Verdict.ERROR, "AIV-06", got="Traceback"))
    assert text.index("errors of pixelproof itself") < text.index("broken promise")


def test_a_claim_stands_with_its_denominator() -> None:
    text = terminal(line(), line(Verdict.NOT_RUN, reason="budget", got="spent"))
    (row,) = [row for row in text.splitlines() if row.startswith("  AIV-05")]
    assert row.split()[:3] == ["AIV-05", "partial", "1/2"]


def test_what_was_not_run_is_told_with_what_supplies_it() -> None:
    text = terminal(line(Verdict.NOT_RUN, reason="lever missing", got="the clock", hint="control: for a mock"))
    assert "lever missing: the clock  [AIV-05]" in text
    assert "supply it: control: for a mock" in text


def test_the_reading_of_a_dispute_is_named() -> None:
    assert "AIV-10  reads as 'served'" in terminal(line(Verdict.AMBIGUOUS, "AIV-10", got="reads as 'served'"))


def test_an_obligation_that_no_case_judged_is_not_left_out() -> None:
    text = terminal(line(), end={**END, "unjudged": ["AIV-17"]})
    assert "not planned in this run: AIV-17" in text
    assert "1 of 2 obligations judged whole" in text


def test_the_last_line_says_outcome_requests_and_money() -> None:
    last = terminal(FOUND).splitlines()[-1]
    for part in ("aivene core", "7 requests + 2 downloads", "0.064000 USD spent", "findings"):
        assert part in last


def test_a_cut_record_says_incomplete() -> None:
    assert "INCOMPLETE" in terminal(line(), end=None).splitlines()[-1]
    assert "INCOMPLETE" not in terminal(line())


def test_many_cases_of_one_claim_are_counted() -> None:
    text = terminal(*(line(Verdict.FAIL, case=f"images/{index}") for index in range(9)))
    assert "    9 cases\n" in text
    assert "also    images/1, images/2, images/3, images/4, images/5, images/6 and 2 more (-v shows all)" in text


def test_every_case_is_told_on_demand() -> None:
    assert "pass           AIV-05  images/dall-e-2/n=2  image_count" in terminal(line(), verbose=True)


@pytest.mark.parametrize(
    ("char", "shown"),
    [
        ("\x1b", "\\x1b"),
        ("\r", "\\r"),
        ("\x9b", "\\x9b"),
        ("\x7f", "\\x7f"),
        ("\u202e", "\\u202e"),
        ("\ud800", "\\ud800"),
    ],
)
def test_a_character_that_commands_or_deceives_a_terminal_is_made_visible(char: str, shown: str) -> None:
    text = terminal(line(Verdict.FAIL, got=f"a{char}[2Jb"))
    assert char not in text
    assert f"a{shown}[2Jb" in text


def test_letters_of_all_people_are_left_as_they_are() -> None:
    assert "né 画像 🌄" in terminal(line(Verdict.FAIL, got="né 画像 🌄"))


@settings(deadline=None)  # the first call reads the shipped contracts
@given(st.text())
def test_whatever_a_server_says_the_terminal_report_can_be_printed(text: str) -> None:
    shown = terminal(line(Verdict.FAIL, wanted=text, got=text, curl=text))
    shown.encode("utf-8")
    assert all(char.isprintable() or char in "\n\t" for char in shown)


def test_colour_is_used_only_where_it_is_asked_for() -> None:
    assert "\x1b[" not in terminal(FOUND)
    assert "\x1b[" in terminal(FOUND, colour=True)


EVERY_KIND = tuple(line(verdict, got="x", wanted="y") for verdict in Verdict)


def test_the_counts_of_junit_agree_with_its_cases() -> None:
    suite = junit(*EVERY_KIND, FOUND)
    tally = Tally.of((*EVERY_KIND, FOUND))
    assert int(suite.get("tests", "")) == len(suite.findall("testcase")) == len(EVERY_KIND) + 1
    assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure")) == tally.of_kind(Verdict.FAIL)
    assert int(suite.get("errors", "")) == len(suite.findall("testcase/error")) == tally.of_kind(Verdict.ERROR)
    assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped")) == 2


def test_the_counts_of_a_cut_record_agree_too_and_it_is_not_green() -> None:
    suite = junit(line(), end=None)
    assert int(suite.get("tests", "")) == len(suite.findall("testcase")) == 2
    assert int(suite.get("errors", "")) == len(suite.findall("testcase/error")) == 1


def test_a_failure_in_junit_holds_wanted_got_and_curl() -> None:
    (failure,) = junit(FOUND).findall("testcase/failure")
    assert failure.get("message") == "wanted 2 images; got 200 with 1"
    assert failure.get("type") == "image_count"
    assert failure.text == CURL


def test_a_check_in_junit_is_named_by_claim_case_and_rule() -> None:
    case = junit(line()).find("testcase")
    assert case is not None
    assert (case.get("classname"), case.get("name")) == ("AIV-05", "images/dall-e-2/n=2 [image_count]")


@settings(deadline=None)  # the first call reads the shipped contracts
@given(st.text())
def test_whatever_a_server_says_junit_stays_xml(text: str) -> None:
    suite = junit(
        line(Verdict.FAIL, got=text, wanted=text, curl=text),
        line(Verdict.NOT_RUN, got=text, hint=text),
        line(Verdict.AMBIGUOUS, got=text, case=text),
    )
    assert len(suite.findall("testcase")) == 3


@pytest.mark.parametrize("char", ["\x00", "\x0b", "\x1b", "\ufffe", "\ud800"])
def test_a_character_that_xml_forbids_is_written_out(char: str) -> None:
    (failure,) = junit(line(Verdict.FAIL, got=f"a{char}b")).findall("testcase/failure")
    assert failure.get("message") == f"wanted ; got a{repr(char)[1:-1]}b"
