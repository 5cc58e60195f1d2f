"""Workers that prove cases at the same time; one record, one budget and one pace for all of them.

A worker has a key and an account of its own, so what one does moves no wallet and no limit of
another. A case that needs a further key of the target file runs with the first worker, alone
with that key.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field

from pixelproof.planning.case import Case, KeyRole
from pixelproof.running.conducting.brake import Halt
from pixelproof.running.run import Run
from pixelproof.verdict import CaseVerdict, Reason

#: Whose keys every worker has.
_OWN = frozenset({KeyRole.DEFAULT, KeyRole.FRESH, KeyRole.NONE, KeyRole.INVALID})


@dataclass(slots=True)
class Crew:
    """The workers of a run. Cases are begun in the order of the plan."""

    run: Run
    _waiting: list[Case] = field(default_factory=list)
    _proven: dict[str, Future[list[CaseVerdict]]] = field(default_factory=dict)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, cases: Iterable[Case]) -> None:
        """Set all workers to work."""
        self._waiting = list(cases)
        self._proven = {case.id: Future() for case in self._waiting}
        for worker in range(len(self.run.crew)):
            thread = threading.Thread(target=self._work, args=(worker,), name=f"pixelproof-{worker}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def verdicts(self, case: Case) -> list[CaseVerdict]:
        """Return the verdicts of a case, as soon as some worker has proven it."""
        return self._proven[case.id].result()

    def end(self) -> None:
        """Let nothing more begin, and wait for the requests in flight: they are paid for."""
        with self._lock:
            left, self._waiting = self._waiting, []
        if left:
            self.run.brake.pull(Halt(reason=Reason.STOPPED, what="the run was stopped", hint="--resume goes on"))
        for thread in self._threads:
            thread.join()

    def _work(self, worker: int) -> None:
        while True:
            case = self._next(worker)
            if case is None:
                return
            found = self._proven[case.id]
            try:
                found.set_result(self.run.prove(case, worker))
            except BaseException as error:  # noqa: BLE001 - it is raised again in the test that waits for it
                found.set_exception(error)

    def _next(self, worker: int) -> Case | None:
        with self._lock:
            fit = (index for index, case in enumerate(self._waiting) if worker == 0 or suits_all(self.run, case))
            index = next(fit, None)
            return None if index is None else self._waiting.pop(index)


def suits_all(run: Run, case: Case) -> bool:
    """Tell whether any worker may prove a case: a control plane opens accounts for every one of them."""
    return run.levers.control is not None or all(send.key.role in _OWN for send in case.sends())
