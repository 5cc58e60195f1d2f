"""Waivers: findings that somebody accepted, with a reason and an end, so that the list cannot rot."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from pixelproof.findings.waivers import Waiver, load_waivers, report, waived
from pixelproof.problems import BadDocument
from pixelproof.verdict import Verdict

from .builders import line

TODAY = date(2026, 11, 20)


def waiver(**changes: object) -> Waiver:
    return Waiver(**{"claim": "AIV-05", "reason": "known", **changes})


def told(rule: Waiver, *verdicts: Verdict) -> tuple[bool, bool, bool]:
    """Whether a waiver is stale, expired, not exercised after a run with these verdicts."""
    found = report([rule], [line(verdict) for verdict in verdicts], TODAY)
    return bool(found.stale), bool(found.expired), bool(found.not_exercised)


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.WARN])
def test_a_finding_that_is_accepted_reads_waived_and_names_its_waiver(verdict: Verdict) -> None:
    found = waived(line(verdict), [waiver(ticket="OPS-7")], TODAY)
    assert found.verdict is Verdict.WAIVED
    assert "known, OPS-7" in found.waiver


@pytest.mark.parametrize("verdict", [v for v in Verdict if v not in {Verdict.FAIL, Verdict.WARN}])
def test_only_findings_can_be_waived(verdict: Verdict) -> None:
    assert waived(line(verdict), [waiver()], TODAY).verdict is verdict


@pytest.mark.parametrize(
    "other",
    [waiver(claim="AIV-06"), waiver(rule="charged"), waiver(case="money/*"), waiver(claim=None, rule="charged")],
    ids=["claim", "rule", "case", "rule alone"],
)
def test_a_waiver_covers_only_what_it_names(other: Waiver) -> None:
    assert waived(line(Verdict.FAIL), [other], TODAY).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    "own", [waiver(case="images/*/n=2"), waiver(rule="image_count"), waiver(claim=None, rule="image_count")]
)
def test_a_waiver_may_name_a_rule_or_a_glob_of_cases(own: Waiver) -> None:
    assert waived(line(Verdict.FAIL), [own], TODAY).verdict is Verdict.WAIVED


def test_a_waiver_holds_on_its_last_day_and_no_longer() -> None:
    last = waiver(expires=TODAY)
    assert waived(line(Verdict.FAIL), [last], TODAY).verdict is Verdict.WAIVED
    assert waived(line(Verdict.FAIL), [last], TODAY + timedelta(days=1)).verdict is Verdict.FAIL


def test_a_waiver_past_its_date_is_expired() -> None:
    assert told(waiver(expires=TODAY - timedelta(days=1)), Verdict.FAIL) == (False, True, False)


def test_a_waiver_of_what_no_longer_fails_is_stale() -> None:
    assert told(waiver(), Verdict.PASS, Verdict.PASS) == (True, False, False)
    assert told(waiver(), Verdict.AMBIGUOUS) == (True, False, False)


def test_a_waiver_of_what_still_fails_somewhere_is_not_stale() -> None:
    assert told(waiver(), Verdict.PASS, Verdict.WAIVED) == (False, False, False)


def test_a_flaky_finding_may_pass() -> None:
    assert told(waiver(flaky=True), Verdict.PASS) == (False, False, False)


@pytest.mark.parametrize("verdicts", [(), (Verdict.NOT_RUN,), (Verdict.NOT_APPLICABLE,)])
def test_a_waiver_of_what_was_not_judged_is_not_exercised_and_not_stale(verdicts: tuple[Verdict, ...]) -> None:
    assert told(waiver(), *verdicts) == (False, False, True)


def load(tmp_path: Path, text: str) -> tuple[Waiver, ...]:
    path = tmp_path / "waivers.yaml"
    path.write_text(text, "utf-8")
    return load_waivers(path)


def test_a_waiver_file_is_read_with_its_lines(tmp_path: Path) -> None:
    later = "{rule: charged, reason: later, expires: 2027-01-31, flaky: true}"
    first, second = load(tmp_path, f"waivers:\n  - {{claim: AIV-05, reason: known}}\n  - {later}\n")
    assert (first.claim, first.case, first.line) == ("AIV-05", "*", 2)
    assert (second.rule, second.expires, second.flaky, second.line) == ("charged", date(2027, 1, 31), True, 3)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{claim: AIV-05}", "needs a reason"),
        ("{reason: known}", "names a claim or a rule"),
        ("{claim: AIV-05, reason: known, expires: soon}", "is no date"),
        ("{clam: AIV-05, reason: known}", "did you mean 'claim'?"),
        ("AIV-05", "must be a map"),
    ],
)
def test_a_waiver_without_what_it_needs_is_refused_at_its_line(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(BadDocument) as caught:
        load(tmp_path, f"waivers:\n  - {{claim: AIV-01, reason: r}}\n  - {row}\n")
    assert caught.value.line == 3
    assert said in str(caught.value)


def test_a_file_without_the_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDocument, match="needs one list 'waivers'"):
        load(tmp_path, "claims: []\n")
