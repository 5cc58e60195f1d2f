"""A run: cases conducted, judged and recorded one by one, and what came of them all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from pixelproof import __version__
from pixelproof.contract import Contract
from pixelproof.exchange import Role
from pixelproof.findings.judging import Absence, Judging
from pixelproof.findings.waivers import Waiver, WaiverReport, report, waived
from pixelproof.levers import Levers
from pixelproof.planning.budget import Budget
from pixelproof.planning.case import Case
from pixelproof.planning.caseline import case_line
from pixelproof.record.recorder import Recorder
from pixelproof.record.recording import SCHEMA, Record, Sink, verdict_line
from pixelproof.record.resuming import Earlier
from pixelproof.running.conducting.brake import GONE, Brake
from pixelproof.running.conducting.conductor import Conductor
from pixelproof.running.conducting.drought import TOP_UP
from pixelproof.running.conducting.notrun import NotRun
from pixelproof.running.conducting.till import Till
from pixelproof.running.ending import RunOutcome, Summary, end_line, ending, unjudged
from pixelproof.strategies import Plan
from pixelproof.targets.file import Target
from pixelproof.verdict import CaseVerdict, Reason, Tally

#: Raised when a rule changes what it says about the same traffic.
RULES_VERSION = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """What a run decides by, as it stands in the first line of its record."""

    tier: str
    level: str
    seed: int = 0
    require_complete: bool = False
    strict: bool = False
    #: Where contract, mock and control plane came from, for whoever repeats the run: keys of the first line.
    origin: Mapping[str, object] = field(default_factory=dict)


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
    till: Till
    brake: Brake
    #: One conductor for each worker; the first is ``conductor``.
    crew: tuple[Conductor, ...] = ()
    #: What an earlier part of this run came to, for ``--resume``.
    earlier: Earlier = field(default_factory=Earlier)
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
    #: Held while verdicts are written: workers share a record.
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def contract(self) -> Contract:
        """Return the contract that is proven."""
        return self.plan.contract

    def begin(self) -> None:
        """Write the first line of the record; one that goes on has it already."""
        if self.earlier.record is not None:
            self._go_on(self.earlier.record)
            return
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
                "planned": self.plan.told(),
                "judging": self._how_judged(),
                **self.settings.origin,
                "claims": {
                    claim.id: {"statement": claim.statement, "source": claim.source}
                    for claim in self.contract.claims.values()
                },
            }
        )

    def _how_judged(self) -> dict[str, object]:
        """Return what the verdicts rest on besides the traffic, so that they can be made again."""
        levers = self.levers
        rate = None if levers.rate is None else str(levers.rate)
        where = {} if levers.control is None else {"control": levers.control.address}
        return {"exclusive": levers.wallet.is_exclusive, "rate": rate, "real_time": levers.control is None, **where}

    def _go_on(self, record: Record) -> None:
        self.verdicts += self.earlier.lines
        self.recorder.go_on(self.earlier.last_seq)
        self.till.reopen(record.sent, record.exchanges)

    def prove(self, case: Case, worker: int = 0) -> list[CaseVerdict]:
        """Conduct and judge one case; record and return its verdicts. Never raises for a bad server."""
        settled = self.earlier.settled.get(case.id)
        lines = list(settled) if settled is not None else self.record(self._verdicts(case, self._conductor(worker)))
        self.watch(case, lines)
        return lines

    def _conductor(self, worker: int) -> Conductor:
        return self.conductor if worker == 0 else self.crew[worker]

    def record(self, found: list[CaseVerdict]) -> list[CaseVerdict]:
        """Record verdicts, waived where somebody accepted them, and return them."""
        lines = [waived(line, self.waivers, _today()) for line in found]
        with self.lock:
            if not self.ended:
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
            requests=self.earlier.calls(Role.API) + sum(one.requests for one in self._everyone()),
            downloads=self.earlier.calls(Role.IMAGE) + sum(one.downloads for one in self._everyone()),
            duration_s=round(self.earlier.duration_s + time.monotonic() - self.started, 3),
            unjudged=unjudged,
            waivers=waivers,
            note=note,
        )

    def _everyone(self) -> tuple[Conductor, ...]:
        return (self.conductor, *self.crew[1:])

    def finish(self, note: str = "", outcome: RunOutcome | None = None) -> Summary:
        """Write the last line of the record, once, and return what came of the run."""
        if not self.ended:
            self._stop_the_rest()
            self._look_last()
        summary = self.summary(note or self._told_of_the_end())
        if outcome is RunOutcome.UNREACHABLE:
            summary = replace(summary, outcome=outcome, exit_code=3)
        if not self.ended:
            self.ended = True
            self.sink.line(end_line(summary, self.verdicts, self.budget))
        return summary

    def _told_of_the_end(self) -> str:
        """Say what kept the run from its end, once."""
        halt, dry = self.brake.halt, self.till.drought
        return f"stopped: {halt.what}; {halt.hint}" if halt else f"{dry}; {TOP_UP}" if dry else ""

    def _look_last(self) -> None:
        if self.budget.cap is not None and self.conductor.requests:
            self.till.close()

    def _stop_the_rest(self) -> None:
        """Say of every planned case that never came up that it was not run, so that no count lies."""
        proven = {line.case for line in self.verdicts}
        judging = Judging(contract=self.contract)
        absence = Absence(reason=Reason.STOPPED, what="the run ended before its turn", hint="run it to the end")
        for case in self.plan.cases:
            if case.id not in proven:
                self.record(judging.absent(case, self._left_out(case) or absence))

    def _verdicts(self, case: Case, conductor: Conductor) -> list[CaseVerdict]:
        judging = self._judging(case)
        known = self.earlier.unjudged.get(case.id)
        absence = self._absence(case)
        if absence is not None:
            return judging.absent(case, absence)
        try:
            if known is not None:
                return replace(judging, resolution=known.resolution).judged(case, self.earlier.exchanges_of(case.id))
            exchanges = conductor.conduct(case)
            self.sink.line(case_line(case, conductor.levers.wallet.resolution))
            # what the readings of this very case showed of the wallet counts as well
            return replace(judging, resolution=conductor.levers.wallet.resolution).judged(case, exchanges)
        except NotRun as reason:
            if reason.halt is not None:
                self.brake.pull(reason.halt)
            return judging.absent(case, Absence(reason=reason.reason, what=reason.what, hint=reason.hint))
        except Exception:  # noqa: BLE001 - our own crash is an error of ours, never a finding
            return judging.crashed(case)

    def _judging(self, case: Case) -> Judging:
        return Judging(
            contract=self.plan.contract_of(case),
            resolution=self.levers.wallet.resolution,
            exclusive=self.levers.wallet.is_exclusive,
            rate=self.levers.rate,
            real_time=self.levers.control is None,
            control=None if self.levers.control is None else self.levers.control.address,
        )

    def _absence(self, case: Case) -> Absence | None:
        """Return why a case is not even begun, None when it is."""
        if self.listed is not None and case.model is not None and case.model not in self.listed:
            return Absence(reason=Reason.MODEL, what=f"the target does not list {case.model}")
        if case.id in self.earlier.unjudged:
            return None
        return self._left_out(case)

    def _left_out(self, case: Case) -> Absence | None:
        if case.id in self.earlier.cut:
            what = "paid for before the run was cut, and not brought to its end: nothing is paid twice"
            return Absence(reason=Reason.CUT, what=what, hint=f"a new run with --select '{case.id}'")
        halt = self.brake.halt
        return None if halt is None else Absence(reason=halt.reason, what=halt.what, hint=halt.hint)

    def _unjudged(self) -> tuple[str, ...]:
        return unjudged(self.plan.obligations, self.verdicts)

    def _ending(self, tally: Tally, unjudged: tuple[str, ...], waivers: WaiverReport) -> tuple[RunOutcome, int]:
        halt = self.brake.halt
        stopped = self.budget.stopped or halt is not None or bool(self.till.drought)
        incomplete = stopped or (self.settings.require_complete and bool(unjudged))
        if self.interrupted:
            return RunOutcome.INTERRUPTED, 130
        outcome, code = ending(tally, waivers, strict=self.settings.strict, incomplete=incomplete)
        gone = halt is not None and halt.exit_code == GONE and code not in {1, 4}
        return (RunOutcome.UNREACHABLE, GONE) if gone else (outcome, code)


def _today() -> date:
    return datetime.now(UTC).date()
