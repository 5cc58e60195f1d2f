"""Drift of one target: a finding is new only where the same question was answered otherwise before."""

from __future__ import annotations

import pytest
from tests.harness.builders import line

from pixelproof.record.drift import Drift, Trend, drift
from pixelproof.verdict import CaseVerdict, Verdict

from .records import record

CHECK = {"claim": "AIV-05", "rule": "image_count", "case": "images/one"}


def verdict(kind: Verdict, **more: str) -> CaseVerdict:
    return line(kind, **{**CHECK, **more})


def between(then: Verdict | None, now: Verdict | None, **header: str) -> Drift:
    """Hold one check of now against the same of then; None: the run does not speak of it."""
    before = record(*(verdict(kind) for kind in (then,) if kind))
    after = record(*(verdict(kind) for kind in (now,) if kind), header=header)
    return drift(before, after)


@pytest.mark.parametrize(
    ("then", "now", "trend"),
    [
        (Verdict.PASS, Verdict.FAIL, Trend.NEW),
        (Verdict.AMBIGUOUS, Verdict.FAIL, Trend.NEW),
        (Verdict.WARN, Verdict.FAIL, Trend.NEW),
        (Verdict.FAIL, Verdict.PASS, Trend.FIXED),
        (Verdict.FAIL, Verdict.WARN, Trend.FIXED),
        (Verdict.WAIVED, Verdict.PASS, Trend.FIXED),
        (Verdict.FAIL, Verdict.FAIL, Trend.UNCHANGED),
        (Verdict.WAIVED, Verdict.FAIL, Trend.UNCHANGED),
        (Verdict.WAIVED, Verdict.WAIVED, Trend.UNCHANGED),
        (Verdict.FAIL, Verdict.WAIVED, Trend.ACCEPTED),
        (Verdict.FAIL, Verdict.NOT_RUN, Trend.NOT_JUDGED),
        (Verdict.FAIL, Verdict.NOT_APPLICABLE, Trend.NOT_JUDGED),
        (Verdict.FAIL, None, Trend.NOT_JUDGED),
        (Verdict.FAIL, Verdict.ERROR, Trend.NOT_JUDGED),
        (Verdict.NOT_RUN, Verdict.FAIL, Trend.NOT_JUDGED),
        (None, Verdict.FAIL, Trend.NOT_JUDGED),
        (Verdict.ERROR, Verdict.FAIL, Trend.NOT_JUDGED),
    ],
)
def test_what_became_of_a_finding(then: Verdict | None, now: Verdict | None, trend: Trend) -> None:
    (found,) = between(then, now).findings
    assert found.trend is trend
    assert (found.claim, found.rule, found.case) == ("AIV-05", "image_count", "images/one")


@pytest.mark.parametrize("then", [Verdict.PASS, Verdict.NOT_RUN, Verdict.WARN, None])
@pytest.mark.parametrize("now", [Verdict.PASS, Verdict.NOT_RUN, Verdict.ERROR, None])
def test_what_was_never_a_finding_is_no_drift(then: Verdict | None, now: Verdict | None) -> None:
    assert between(then, now).findings == ()


@pytest.mark.parametrize("term", ["rules_version", "contract_sha256"])
@pytest.mark.parametrize(("then", "now"), [(Verdict.PASS, Verdict.FAIL), (Verdict.FAIL, Verdict.PASS)])
def test_another_verdict_by_other_rules_is_neither_new_nor_fixed(term: str, then: Verdict, now: Verdict) -> None:
    found = between(then, now, **{term: "2"})
    assert found.changed_terms == (term,)
    assert [item.trend for item in found.findings] == [Trend.INCOMPARABLE]


def test_a_finding_that_other_rules_find_too_is_unchanged() -> None:
    assert [item.trend for item in between(Verdict.FAIL, Verdict.FAIL, rules_version="2").findings] == [Trend.UNCHANGED]


def test_a_finding_is_known_by_claim_rule_and_case() -> None:
    before = record(verdict(Verdict.FAIL))
    for name in CHECK:
        other = drift(before, record(verdict(Verdict.FAIL, **{name: "another"})))
        assert [item.trend for item in other.findings] == [Trend.NOT_JUDGED, Trend.NOT_JUDGED]


def test_other_words_for_the_same_finding_are_no_drift() -> None:
    found = drift(record(verdict(Verdict.FAIL, got="500")), record(verdict(Verdict.FAIL, got="502")))
    assert [(item.trend, item.got) for item in found.findings] == [(Trend.UNCHANGED, "502")]


def test_the_worst_of_several_checks_of_one_name_counts() -> None:
    before = record(verdict(Verdict.PASS), verdict(Verdict.PASS))
    after = record(verdict(Verdict.PASS), verdict(Verdict.FAIL))
    assert [item.trend for item in drift(before, after).findings] == [Trend.NEW]


def test_a_warning_beside_a_waived_finding_does_not_make_it_fixed() -> None:
    after = record(verdict(Verdict.WAIVED), verdict(Verdict.WARN))
    assert [item.trend for item in drift(record(verdict(Verdict.FAIL)), after).findings] == [Trend.ACCEPTED]


def test_a_run_that_was_cut_has_fixed_nothing() -> None:
    found = drift(record(verdict(Verdict.FAIL)), record(end=None))
    assert [item.trend for item in found.findings] == [Trend.NOT_JUDGED]
