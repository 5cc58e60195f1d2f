"""A run: cases conducted, judged and recorded one by one, and what came of them all."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum

from pixelproof import __version__
from pixelproof.budget import Budget
from pixelproof.case import Case
from pixelproof.conductor import Conductor, NotRun
from pixelproof.contract import Contract
from pixelproof.judging import Absence, Judging
from pixelproof.levers import Levers
from pixelproof.recorder import Recorder
from pixelproof.recording import SCHEMA, Sink, verdict_line
from pixelproof.strategies import Plan
from pixelproof.target import Target
from pixelproof.verdict import CaseVerdict, Reason, Tally, Verdict, claim_verdicts
from pixelproof.waivers import Waiver, WaiverReport, report, waived

#: Raised when a rule changes what it says about the same traffic.
RULES_VERSION = "1"


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
class RunSettings:
    """What a run decides by, as it stands in the first line of its record."""

    tier: str
    level: str
    seed: int = 0
    require_complete: bool = False
    strict: bool = False


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


@dataclass(slots=True, kw_only=True)
class Run:
    """One run against one target. Cases are proven in any order the engine likes."""

    plan: Plan
    target: Target
    settings: RunSettings
    conductor: Conductor
    recorder: Recorder
    sink: Sink
    budget: Budget
    levers: Levers
    verdicts: list[CaseVerdict] = field(default_factory=list)
    #: Models that the target lists, None when it does not say.
    listed: frozenset[str] | None = None
    waivers: tuple[Waiver, ...] = ()
    interrupted: bool = False
    #: True once the last line is written.
    ended: bool = False
    #: Called with the verdicts of each case, for progress.
    watch: Callable[[Case, list[CaseVerdict]], None] = lambda _case, _lines: None
    started: float = field(default_factory=time.monotonic)

    @property
    def contract(self) -> Contract:
        """Return the contract that is proven."""
        return self.plan.contract

    def begin(self) -> None:
        """Write the first line of the record."""
        self.sink.line(
            {
                "kind": "run",
                "schema": SCHEMA,
                "tool_version": __version__,
                "rules_version": RULES_VERSION,
                "contract_sha256": self.contract.sha256,
                "profile": self.contract.profile,
                "target": self.target.base_url,
                "tier": self.settings.tier,
                "level": self.settings.level,
                "seed": self.settings.seed,
                "started": datetime.now(UTC).isoformat(timespec="seconds"),
                "cases": len(self.plan.cases),
                "claims": {
                    claim.id: {"statement": claim.statement, "source": claim.source}
                    for claim in self.contract.claims.values()
                },
            }
        )

    def prove(self, case: Case) -> list[CaseVerdict]:
        """Conduct and judge one case; record and return its verdicts. Never raises for a bad server."""
        lines = self.record(self._verdicts(case))
        self.watch(case, lines)
        return lines

    def record(self, found: list[CaseVerdict]) -> list[CaseVerdict]:
        """Record verdicts, waived where somebody accepted them, and return them."""
        lines = [waived(line, self.waivers, _today()) for line in found]
        for line in lines:
            self.sink.line(verdict_line(line))
        self.verdicts += lines
        return lines

    def summary(self, note: str = "") -> Summary:
        """Return what came of the run so far."""
        tally = Tally.of(self.verdicts)
        unjudged = self._unjudged()
        waivers = report(self.waivers, self.verdicts, _today())
        outcome, code = self._ending(tally, unjudged, waivers)
        return Summary(
            outcome=outcome,
            exit_code=code,
            tally=tally,
            requests=self.conductor.requests,
            downloads=self.conductor.downloads,
            duration_s=round(time.monotonic() - self.started, 3),
            unjudged=unjudged,
            waivers=waivers,
            note=note,
        )

    def finish(self, note: str = "", outcome: RunOutcome | None = None) -> Summary:
        """Write the last line of the record, once, and return what came of the run."""
        if not self.ended:
            self._stop_the_rest()
        summary = self.summary(note)
        if outcome is RunOutcome.UNREACHABLE:
            summary = replace(summary, outcome=outcome, exit_code=3)
        if not self.ended:
            self.ended = True
            self.sink.line(end_line(self, summary))
        return summary

    def _stop_the_rest(self) -> None:
        """Say of every planned case that never came up that it was not run, so that no count lies."""
        proven = {line.case for line in self.verdicts}
        judging = Judging(contract=self.contract)
        absence = Absence(reason=Reason.STOPPED, what="the run ended before its turn", hint="run it to the end")
        for case in self.plan.cases:
            if case.id not in proven:
                self.record(judging.absent(case, absence))

    def _verdicts(self, case: Case) -> list[CaseVerdict]:
        judging = Judging(
            contract=self.plan.contract_of(case),
            resolution=self.levers.resolution,
            exclusive=self.levers.exclusive,
            rate=self.levers.rate,
        )
        if self.listed is not None and case.model is not None and case.model not in self.listed:
            absence = Absence(reason=Reason.MODEL, what=f"the target does not list {case.model}")
            return judging.absent(case, absence)
        try:
            return judging.judged(case, self.conductor.conduct(case))
        except NotRun as reason:
            return judging.absent(case, Absence(reason=reason.reason, what=reason.what, hint=reason.hint))
        except Exception:  # noqa: BLE001 - our own crash is an error of ours, never a finding
            return judging.crashed(case)

    def _unjudged(self) -> tuple[str, ...]:
        folded = claim_verdicts(self.verdicts)
        return tuple(
            claim
            for claim in self.plan.obligations
            if claim not in folded or folded[claim].verdict in {"not-run", "partial"}
        )

    def _ending(self, tally: Tally, unjudged: tuple[str, ...], waivers: WaiverReport) -> tuple[RunOutcome, int]:
        broken = tally.of_kind(Verdict.FAIL) or (self.settings.strict and tally.of_kind(Verdict.WARN))
        judged = any(tally.of_kind(verdict) for verdict in Verdict if verdict.judged)
        incomplete = self.budget.stopped or (self.settings.require_complete and bool(unjudged))
        endings = (
            (self.interrupted, RunOutcome.INTERRUPTED, 130),
            (tally.of_kind(Verdict.ERROR), RunOutcome.BROKEN, 4),
            (broken or waivers.stale or waivers.expired, RunOutcome.FINDINGS, 1),
            (not judged, RunOutcome.INCONCLUSIVE, 5),
            (incomplete, RunOutcome.PARTIAL, 5),
            (tally.of_kind(Verdict.NOT_RUN), RunOutcome.PARTIAL, 0),
        )
        return next(((outcome, code) for holds, outcome, code in endings if holds), (RunOutcome.CONFORMANT, 0))


def end_line(run: Run, summary: Summary) -> dict[str, object]:
    """Return the last line of a record."""
    currency = run.contract.billing.currency
    return {
        "kind": "end",
        "outcome": summary.outcome.value,
        "exit_code": summary.exit_code,
        "counts": dict(summary.tally.counts),
        "claims": {
            name: {"verdict": claim.verdict, "judged": claim.judged, "planned": claim.planned}
            for name, claim in claim_verdicts(run.verdicts).items()
        },
        "unjudged": list(summary.unjudged),
        "waivers": {
            "stale": list(summary.waivers.stale),
            "expired": list(summary.waivers.expired),
            "not_exercised": list(summary.waivers.not_exercised),
        },
        "requests": summary.requests,
        "downloads": summary.downloads,
        "cost": {"amount": currency.format(run.budget.spent), "currency": currency.code},
        "duration_s": summary.duration_s,
        "note": summary.note,
    }


def _today() -> date:
    return datetime.now(UTC).date()
