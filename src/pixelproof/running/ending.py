"""How a run ends: its outcome, its exit code, and the last line of its record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pixelproof.findings.waivers import WaiverReport
from pixelproof.planning.budget import Budget
from pixelproof.verdict import CaseVerdict, Tally, Verdict, claim_verdicts


class RunOutcome(StrEnum):
    """How a run ended."""

    CONFORMANT = "conformant"
    FINDINGS = "findings"
    PARTIAL = "partial"
    INCONCLUSIVE = "inconclusive"
    INTERRUPTED = "interrupted"
    UNREACHABLE = "unreachable"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What came of a run."""

    outcome: RunOutcome
    exit_code: int
    tally: Tally
    requests: int
    downloads: int
    duration_s: float
    unjudged: tuple[str, ...]
    waivers: WaiverReport
    note: str = ""


def unjudged(obligations: Iterable[str], verdicts: Iterable[CaseVerdict]) -> tuple[str, ...]:
    """Return the obligations that were not judged, or not whole."""
    folded = claim_verdicts(verdicts)
    return tuple(
        claim for claim in obligations if claim not in folded or folded[claim].verdict in {"not-run", "partial"}
    )


def ending(tally: Tally, waivers: WaiverReport, *, strict: bool, incomplete: bool) -> tuple[RunOutcome, int]:
    """Return how verdicts end a run, and the exit code."""
    broken = tally.of_kind(Verdict.FAIL) or (strict and tally.of_kind(Verdict.WARN))
    judged = any(tally.of_kind(verdict) for verdict in Verdict if verdict.judged)
    endings = (
        (tally.of_kind(Verdict.ERROR), RunOutcome.BROKEN, 4),
        (broken or waivers.stale or waivers.expired, RunOutcome.FINDINGS, 1),
        (not judged, RunOutcome.INCONCLUSIVE, 5),
        (incomplete, RunOutcome.PARTIAL, 5),
        (tally.of_kind(Verdict.NOT_RUN), RunOutcome.PARTIAL, 0),
    )
    return next(((outcome, code) for holds, outcome, code in endings if holds), (RunOutcome.CONFORMANT, 0))


def end_line(summary: Summary, verdicts: Iterable[CaseVerdict], budget: Budget) -> dict[str, object]:
    """Return the last line of a record."""
    currency = budget.currency
    return {
        "kind": "end",
        "outcome": summary.outcome.value,
        "exit_code": summary.exit_code,
        "counts": dict(summary.tally.counts),
        "claims": {
            name: {"verdict": claim.verdict, "judged": claim.judged, "planned": claim.planned}
            for name, claim in claim_verdicts(verdicts).items()
        },
        "unjudged": list(summary.unjudged),
        "waivers": {
            "stale": list(summary.waivers.stale),
            "expired": list(summary.waivers.expired),
            "not_exercised": list(summary.waivers.not_exercised),
        },
        "requests": summary.requests,
        "downloads": summary.downloads,
        "cost": {"amount": currency.format(budget.spent), "currency": currency.code, **_spent(budget)},
        "duration_s": summary.duration_s,
        "note": summary.note,
    }


def _spent(budget: Budget) -> dict[str, object]:
    """Return what was spent by each witness; what nobody reported or measured is None."""
    known = {"documented": budget.documented, "reported": budget.reported, "measured": budget.measured}
    figures = {name: None if units is None else budget.currency.format(units) for name, units in known.items()}
    return {**figures, "images": budget.images}
