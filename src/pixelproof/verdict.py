"""Verdicts as ordered values: joining keeps the worst, our own crash is never a finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """What one check came to."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    AMBIGUOUS = "ambiguous"
    WARN = "warn"
    WAIVED = "waived"
    FAIL = "fail"
    ERROR = "error"
    NOT_RUN = "not-run"
    NOT_APPLICABLE = "not-applicable"

    @property
    def judged(self) -> bool:
        """Tell whether the check was decided at all."""
        return self not in {Verdict.NOT_RUN, Verdict.NOT_APPLICABLE}


#: From best to worst; what was not judged has no rank.
_RANK = {
    verdict: rank
    for rank, verdict in enumerate(
        (Verdict.PASS, Verdict.AMBIGUOUS, Verdict.WAIVED, Verdict.WARN, Verdict.FAIL, Verdict.ERROR)
    )
}


class Reason(StrEnum):
    """Why a check was not run."""

    LEVER = "lever missing"
    UNLUCKY = "unlucky"
    BUDGET = "budget"
    #: The account has no credit left for it.
    FUNDS = "no credit"
    PACE = "pace"
    STOPPED = "stopped"
    DEADLINE = "deadline"
    OUTAGE = "outage"
    #: It was paid for in a part of the run that was cut, and nothing is paid twice.
    CUT = "cut"
    MODEL = "model not listed"
    ROUTE = "route not documented"
    #: Judged again, and today's contract no longer asks it, or asks it in another way.
    CHANGED = "changed since"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Join verdicts of judged checks; ``NOT_RUN`` (or ``NOT_APPLICABLE``) when none was judged."""
    seen = list(verdicts)
    judged = [verdict for verdict in seen if verdict.judged]
    if judged:
        return max(judged, key=_RANK.__getitem__)
    only_absent = bool(seen) and all(verdict is Verdict.NOT_APPLICABLE for verdict in seen)
    return Verdict.NOT_APPLICABLE if only_absent else Verdict.NOT_RUN


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a rule says of one check."""

    verdict: Verdict
    wanted: str = ""
    got: str = ""
    #: Step whose exchange shows it best; the last request of the case when empty.
    step: str = ""


PASSED = Outcome(verdict=Verdict.PASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseVerdict:
    """The verdict of one check of one case: a line of ``run.jsonl``."""

    claim: str
    rule: str
    case: str
    level: str
    verdict: Verdict
    wanted: str = ""
    got: str = ""
    curl: str = ""
    exchanges: tuple[int, ...] = ()
    #: The exchange that shows a finding best, which is the one its curl sends again.
    shown: int = 0
    reason: str = ""
    #: What supplies the missing lever, for a check that was not run.
    hint: str = ""
    waiver: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimVerdict:
    """A claim over all its checks: ``judged`` of ``planned`` were decided."""

    claim: str
    verdict: str
    judged: int
    planned: int


def claim_verdicts(lines: Iterable[CaseVerdict]) -> dict[str, ClaimVerdict]:
    """Fold case verdicts into one verdict a claim; a claim with unjudged checks never reads pass."""
    grouped: dict[str, list[Verdict]] = {}
    for line in lines:
        grouped.setdefault(line.claim, []).append(line.verdict)
    return {claim: _fold(claim, verdicts) for claim, verdicts in sorted(grouped.items())}


def _fold(claim: str, verdicts: list[Verdict]) -> ClaimVerdict:
    applicable = [verdict for verdict in verdicts if verdict is not Verdict.NOT_APPLICABLE]
    judged = sum(verdict.judged for verdict in applicable)
    joined = worst(verdicts)
    incomplete = 0 < judged < len(applicable)
    text = "partial" if incomplete and joined in {Verdict.PASS, Verdict.AMBIGUOUS, Verdict.WAIVED} else joined.value
    return ClaimVerdict(claim=claim, verdict=text, judged=judged, planned=len(applicable))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many checks ended how."""

    counts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Iterable[CaseVerdict]) -> Tally:
        """Count the verdicts of a run, every kind named even at zero."""
        counts = dict.fromkeys((verdict.value for verdict in Verdict), 0)
        for line in lines:
            counts[line.verdict.value] += 1
        return cls(counts=counts)

    def of_kind(self, verdict: Verdict) -> int:
        """Return how many checks ended as ``verdict``."""
        return self.counts.get(verdict.value, 0)
