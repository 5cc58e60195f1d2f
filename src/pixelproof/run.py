"""A run: cases conducted, judged and recorded one by one, and what came of them all."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from pixelproof import __version__
from pixelproof.budget import Budget
from pixelproof.case import Case, Check, Send
from pixelproof.client import Wire
from pixelproof.conductor import Conductor, Hooks, NotRun
from pixelproof.contract import Contract
from pixelproof.exchange import Exchange, Role
from pixelproof.levers import Levers
from pixelproof.matrix import Matrix
from pixelproof.recorder import Recorder, curl
from pixelproof.recording import SCHEMA, Sink, exchange_line, verdict_line
from pixelproof.rules import Evidence, judge
from pixelproof.strategies import Plan
from pixelproof.target import Target
from pixelproof.verdict import CaseVerdict, Outcome, Reason, Tally, Verdict, claim_verdicts

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
            }
        )

    def prove(self, case: Case) -> list[CaseVerdict]:
        """Conduct and judge one case; record and return its verdicts. Never raises for a bad server."""
        lines = self._verdicts(case)
        for line in lines:
            self.sink.line(verdict_line(line))
        self.verdicts += lines
        self.watch(case, lines)
        return lines

    def summary(self, note: str = "") -> Summary:
        """Return what came of the run so far."""
        tally = Tally.of(self.verdicts)
        unjudged = self._unjudged()
        outcome, code = self._ending(tally, unjudged)
        return Summary(
            outcome=outcome,
            exit_code=code,
            tally=tally,
            requests=self.conductor.requests,
            downloads=self.conductor.downloads,
            duration_s=round(time.monotonic() - self.started, 3),
            unjudged=unjudged,
            note=note,
        )

    def finish(self, note: str = "", outcome: RunOutcome | None = None) -> Summary:
        """Write the last line of the record, once, and return what came of the run."""
        summary = self.summary(note)
        if outcome is RunOutcome.UNREACHABLE:
            summary = replace(summary, outcome=outcome, exit_code=3)
        if not self.ended:
            self.ended = True
            self.sink.line(end_line(self, summary))
        return summary

    def _verdicts(self, case: Case) -> list[CaseVerdict]:
        if self.listed is not None and case.model is not None and case.model not in self.listed:
            why = f"the target does not list {case.model}"
            return [self._absent(case, check, Verdict.NOT_APPLICABLE, Reason.MODEL, why, "") for check in case.checks]
        try:
            exchanges = self.conductor.conduct(case)
        except NotRun as reason:
            return [
                self._absent(case, check, Verdict.NOT_RUN, reason.reason, reason.what, reason.hint)
                for check in case.checks
            ]
        except Exception:  # noqa: BLE001 - our own crash is an error of ours, never a finding
            return [self._crashed(case, check) for check in case.checks]
        contract = self.plan.contract_of(case)
        evidence = Evidence(contract=contract, matrix=Matrix(contract), case=case, exchanges=exchanges)
        return [self._line(case, check, judge(evidence, check), exchanges) for check in case.checks]

    def _line(
        self, case: Case, check: Check, outcome: Outcome, exchanges: tuple[Exchange, ...]
    ) -> CaseVerdict:
        shown = _shown(exchanges, outcome.step)
        telling = outcome.verdict in {Verdict.FAIL, Verdict.WARN, Verdict.ERROR}
        return CaseVerdict(
            claim=check.claim,
            rule=check.rule,
            case=case.id,
            level=self._level(check.claim),
            verdict=outcome.verdict,
            wanted=outcome.wanted,
            got=outcome.got,
            curl=curl(shown.request) if shown is not None and telling else "",
            exchanges=tuple(exchange.seq for exchange in exchanges),
        )

    def _absent(
        self, case: Case, check: Check, verdict: Verdict, reason: Reason, what: str, hint: str
    ) -> CaseVerdict:
        return CaseVerdict(
            claim=check.claim,
            rule=check.rule,
            case=case.id,
            level=self._level(check.claim),
            verdict=verdict,
            got=what,
            reason=reason.value,
            hint=hint,
        )

    def _crashed(self, case: Case, check: Check) -> CaseVerdict:
        return CaseVerdict(
            claim=check.claim,
            rule=check.rule,
            case=case.id,
            level=self._level(check.claim),
            verdict=Verdict.ERROR,
            wanted="a working harness",
            got=traceback.format_exc(limit=-3)[-600:],
        )

    def _level(self, claim: str) -> str:
        known = self.contract.claims.get(claim)
        return known.level.value if known else "R"

    def _unjudged(self) -> tuple[str, ...]:
        folded = claim_verdicts(self.verdicts)
        return tuple(
            claim
            for claim in self.plan.obligations
            if claim not in folded or folded[claim].verdict in {"not-run", "partial"}
        )

    def _ending(self, tally: Tally, unjudged: tuple[str, ...]) -> tuple[RunOutcome, int]:
        if self.interrupted:
            return RunOutcome.INTERRUPTED, 130
        if tally.of_kind(Verdict.ERROR):
            return RunOutcome.BROKEN, 4
        if tally.of_kind(Verdict.FAIL) or (self.settings.strict and tally.of_kind(Verdict.WARN)):
            return RunOutcome.FINDINGS, 1
        judged = sum(tally.of_kind(verdict) for verdict in Verdict if verdict.judged)
        if not judged:
            return RunOutcome.INCONCLUSIVE, 5
        if self.budget.stopped or (self.settings.require_complete and unjudged):
            return RunOutcome.PARTIAL, 5
        if tally.of_kind(Verdict.NOT_RUN):
            return RunOutcome.PARTIAL, 0
        return RunOutcome.CONFORMANT, 0


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
        "requests": summary.requests,
        "downloads": summary.downloads,
        "cost": {"amount": currency.format(run.budget.spent), "currency": currency.code},
        "duration_s": summary.duration_s,
        "note": summary.note,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """What a run is made from."""

    plan: Plan
    target: Target
    settings: RunSettings
    wire: Wire
    levers: Levers
    sink: Sink
    budget: Budget


def make_run(bench: Workbench) -> Run:
    """Wire up a run: budget before each paid call, a ``sent`` line, every exchange recorded."""
    recorder = Recorder(secrets=bench.target.secrets(), keep_image=bench.sink.image)
    hooks = Hooks(before=_before(bench), exchange=lambda exchange: bench.sink.line(exchange_line(exchange)))
    conductor = Conductor(bench.plan.contract, bench.target, bench.wire, bench.levers, recorder, hooks)
    return Run(
        plan=bench.plan,
        target=bench.target,
        settings=bench.settings,
        conductor=conductor,
        recorder=recorder,
        sink=bench.sink,
        budget=bench.budget,
        levers=bench.levers,
    )


def _before(bench: Workbench) -> Callable[[Case, Send], None]:
    currency = bench.budget.currency

    def before(case: Case, step: Send) -> None:
        if not bench.budget.allows(step.worst):
            cap = bench.budget.cap
            what = f"{currency.show(step.worst)} more could pass the cap of {currency.show(cap or 0)}"
            raise NotRun(Reason.BUDGET, what, "raise --max-cost")
        if step.price:
            bench.budget.spend(step.price)
            line: Mapping[str, object] = {"case": case.id, "step": step.name, "price": currency.format(step.price)}
            bench.sink.line({"kind": "sent", **line})

    return before


def _shown(exchanges: tuple[Exchange, ...], step: str) -> Exchange | None:
    calls = [exchange for exchange in exchanges if exchange.role is Role.API]
    of_step = [exchange for exchange in calls if exchange.step == step]
    return (of_step or calls or [None])[-1]
