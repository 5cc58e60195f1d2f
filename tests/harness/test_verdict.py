"""Verdicts are ordered, joining keeps the worst, and what was not judged never reads as kept."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelproof.verdict import CaseVerdict, Tally, Verdict, claim_verdicts, worst

from .builders import line

BEST_TO_WORST = (Verdict.PASS, Verdict.AMBIGUOUS, Verdict.WAIVED, Verdict.WARN, Verdict.FAIL, Verdict.ERROR)
VERDICTS = st.lists(st.sampled_from(Verdict))


@pytest.mark.parametrize(("better", "worse"), list(pairwise(BEST_TO_WORST)))
def test_joining_keeps_the_worse_verdict(better: Verdict, worse: Verdict) -> None:
    assert worst([worse, better]) is worst([better, worse]) is worse


def test_our_own_crash_outranks_a_finding() -> None:
    assert worst([Verdict.FAIL, Verdict.ERROR]) is Verdict.ERROR


def test_nothing_judged_is_not_run() -> None:
    assert worst([]) is worst([Verdict.NOT_RUN, Verdict.NOT_APPLICABLE]) is Verdict.NOT_RUN


def test_only_inapplicable_checks_are_not_applicable() -> None:
    assert worst([Verdict.NOT_APPLICABLE]) is Verdict.NOT_APPLICABLE


def test_an_unjudged_check_does_not_hide_a_judged_one() -> None:
    assert worst([Verdict.NOT_RUN, Verdict.PASS]) is Verdict.PASS


@given(VERDICTS, VERDICTS)
def test_joining_in_parts_is_joining_at_once(some: list[Verdict], others: list[Verdict]) -> None:
    judged = [verdict for verdict in [*some, *others] if verdict.judged]
    if judged:
        parts = [worst(part) for part in (some, others)]
        assert worst(parts) is worst([*some, *others])


def fold(*verdicts: Verdict) -> tuple[str, int, int]:
    claim = claim_verdicts([line(verdict) for verdict in verdicts])["AIV-05"]
    return claim.verdict, claim.judged, claim.planned


@pytest.mark.parametrize(
    ("verdicts", "folded"),
    [
        ((Verdict.PASS, Verdict.PASS), ("pass", 2, 2)),
        ((Verdict.PASS, Verdict.NOT_RUN), ("partial", 1, 2)),
        ((Verdict.AMBIGUOUS, Verdict.NOT_RUN), ("partial", 1, 2)),
        ((Verdict.WAIVED, Verdict.NOT_RUN), ("partial", 1, 2)),
        ((Verdict.FAIL, Verdict.NOT_RUN), ("fail", 1, 2)),
        ((Verdict.PASS, Verdict.NOT_APPLICABLE), ("pass", 1, 1)),
        ((Verdict.NOT_RUN,), ("not-run", 0, 1)),
        ((Verdict.NOT_APPLICABLE,), ("not-applicable", 0, 0)),
        ((Verdict.PASS, Verdict.FAIL), ("fail", 2, 2)),
    ],
)
def test_a_claim_is_the_worst_of_its_checks_with_its_denominator(
    verdicts: tuple[Verdict, ...], folded: tuple[str, int, int]
) -> None:
    assert fold(*verdicts) == folded


@given(VERDICTS.filter(bool))
def test_a_claim_with_an_unjudged_check_never_reads_pass(verdicts: list[Verdict]) -> None:
    text, judged, planned = fold(*verdicts)
    assert judged <= planned
    if Verdict.NOT_RUN in verdicts:
        assert text != "pass"


def test_claims_are_told_in_order_and_apart() -> None:
    lines: list[CaseVerdict] = [line(Verdict.FAIL, "AIV-28"), line(Verdict.PASS, "AIV-05")]
    assert [(name, claim.verdict) for name, claim in claim_verdicts(lines).items()] == [
        ("AIV-05", "pass"),
        ("AIV-28", "fail"),
    ]


def test_a_tally_names_every_kind_even_at_zero() -> None:
    tally = Tally.of([line(Verdict.PASS), line(Verdict.PASS), line(Verdict.FAIL)])
    assert set(tally.counts) == {verdict.value for verdict in Verdict}
    assert [tally.of_kind(kind) for kind in (Verdict.PASS, Verdict.FAIL, Verdict.ERROR)] == [2, 1, 0]
