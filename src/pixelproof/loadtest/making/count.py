"""One load while it is made: its lines are counted, its ledgers are read, and at the end it is reconciled."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pixelproof.contract import Contract
from pixelproof.loadtest.drift import Memory, drifts
from pixelproof.loadtest.line import LoadLine
from pixelproof.loadtest.making.eager import Eager
from pixelproof.loadtest.making.passbook import Passbook, Purses
from pixelproof.loadtest.making.process import Progress, memory_mib, peak_mib, running
from pixelproof.loadtest.options import LoadOptions
from pixelproof.loadtest.plan import SOAK, LoadPlan
from pixelproof.loadtest.reconciling import Reconciler, Reconciliation
from pixelproof.loadtest.result import LoadResult
from pixelproof.loadtest.tally import Tally, Timeline
from pixelproof.money import Units
from pixelproof.problems import BadUsage, Unreachable
from pixelproof.targets.control import ControlRefused

#: Seconds by which the clocks of tasks move at every look.
_HURRY_S = 5.0
#: Seconds between two bursts of the caller without measure.
_BURST_EVERY_S = 0.5


class Load:
    """One load, from its first request to the last entry of its ledgers."""

    def __init__(
        self,
        options: LoadOptions,
        contract: Contract,
        plan: LoadPlan,
        books: Passbook | Purses,
        eager: Eager | None = None,
    ) -> None:
        """Begin the record, and read the wallets that show only a balance."""
        self.plan = plan
        self._options = options
        self._contract = contract
        self._books = books
        self._eager = eager
        self._burst_at = 0.0
        self._memory = Memory()
        self._reconciler = Reconciler(contract)
        self._tally, self._timeline = Tally(), Timeline()
        self._record = Path(plan.record)
        self._record.parent.mkdir(parents=True, exist_ok=True)
        self._record.write_bytes(b"")
        self._at = 0
        self._before = books.balances() if isinstance(books, Purses) else None

    def run(self, watch: Callable[[Progress], None]) -> LoadResult:
        """Make the load in a process of its own, and reconcile it."""
        interrupted = False
        last: Progress = {}
        for progress in running(self.plan):
            interrupted = interrupted or progress.get("interrupted") is True
            last = progress
            if not last["end"]:
                self.take()
                self._weigh(last)
                watch(last)
        if "deaf" in last:
            hint = "name another place with --master-host and --master-port, also to the workers"
            raise BadUsage(f"the master cannot listen at {last['deaf']}", hint)
        if "came" in last:
            wanted = self.plan.post.workers if self.plan.post is not None else 0
            raise Unreachable(f"{last['came']} of {wanted} workers came", "start them with `pixelproof load --worker`")
        return self.result(last, interrupted=interrupted)

    def _weigh(self, progress: Progress) -> None:
        """Remember what each of our processes takes, and the server where it is ours."""
        pids = {"the harness": os.getpid(), "the process that sends": progress["pid"], "the mock": self._options.mock}
        taken = {name: mib for name, pid in pids.items() if pid and (mib := memory_mib(int(str(pid)))) is not None}
        self._memory.take(float(str(progress["seconds"])), taken)

    def take(self) -> None:
        """Take the lines that are new, let tasks get on, and take what the ledgers say."""
        self._take_lines()
        if self._eager is not None and time.monotonic() >= self._burst_at:
            self._burst_at = time.monotonic() + _BURST_EVERY_S
            self._eager.burst()
        if isinstance(self._books, Passbook):
            if self._contract.tasks is not None:
                with suppress(ControlRefused):  # of several processes one may be gone: the next look hurries again
                    self._books.hurry(_HURRY_S)
            self._take_ledgers(self._books)

    def result(self, last: Progress, *, interrupted: bool = False) -> LoadResult:
        """Return what came of the load when all of it has ended."""
        self._take_lines()
        reconciliation = self._all_reconciled()
        return LoadResult(
            profile=self._contract.profile,
            seed=self._options.seed,
            currency=self._contract.billing.currency.code,
            tally=self._tally,
            timeline=self._timeline,
            seconds=float(str(last.get("seconds", 0))),
            reconciliation=reconciliation,
            thresholds=self._options.thresholds,
            cpu_s=float(str(last.get("cpu_s", 0))),
            rss_mib=int(str(last.get("rss_mib", 0))) + peak_mib(),
            drifts=drifts(self._timeline, self._memory) if self._options.shape == SOAK else (),
            interrupted=interrupted,
            workers=int(str(last.get("workers", 1))),
            lost=int(str(last.get("lost", 0))),
            bursts=self._eager.bursts if self._eager is not None else None,
            limit=limit if isinstance(limit := last.get("limit"), dict) else None,
        )

    def _take_lines(self) -> None:
        with self._record.open("rb") as record:
            record.seek(self._at)
            for line in record:
                if not line.endswith(b"\n"):  # it is still being written
                    return
                self._at += len(line)
                read = LoadLine.read(json.loads(line))
                self._tally.take(read)
                self._timeline.take(read)
                self._reconciler.line(read)

    def _take_ledgers(self, books: Passbook) -> None:
        for movement in books.new_movements():
            self._reconciler.movement(movement)

    def _all_reconciled(self) -> Reconciliation:
        own = self._reconciliation()
        return own if self._eager is None else own.beside(self._eager.result())

    def _reconciliation(self) -> Reconciliation:
        books, reconciler = self._books, self._reconciler
        if isinstance(books, Passbook):
            for said in books.close():
                reconciler.closing(said)
            self._take_ledgers(books)
        if reconciler.needs_again():
            with self._record.open("rb") as record:
                for line in record:
                    reconciler.again(LoadLine.read(json.loads(line)))
        if isinstance(books, Passbook):
            return reconciler.by_entries()
        after = books.balances(settled=True) if self._before is not None else None
        if self._before is None or after is None:
            return reconciler.by_nothing()
        return reconciler.by_totals({name: Units(amount - after[name]) for name, amount in self._before.items()})
