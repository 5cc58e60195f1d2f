"""The controller of a run under pytest-xdist: it alone sends, records, and keeps budget and pace.

A worker process runs tests and asks over a local connection for the verdicts of their cases.
What it asks for is conducted here, so a worker that dies takes nothing along: the case it
waited for is brought to its end, recorded, and kept for whoever asks again.
"""

from __future__ import annotations

import json
import secrets
import threading
from concurrent.futures import Future
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener

from pixelproof.planning.case import Case
from pixelproof.planning.caseline import case_line
from pixelproof.record.recording import verdict_line
from pixelproof.running.conducting.brake import Halt
from pixelproof.running.prover import quotes, walked
from pixelproof.running.run import Run
from pixelproof.running.seats import Seats
from pixelproof.verdict import CaseVerdict, Reason

#: Bytes of the key that lets a worker in.
_KEY_BYTES = 32
#: Workers that may knock at the same moment.
_QUEUE = 64
#: How long a visitor at the door who says nothing is waited for at the end, in seconds.
_GOODBYE_S = 2.0
#: What is asked for besides cases, by the words of a worker: the plan, and the random walks.
PLAN, WALKS = "plan", "walks"


class Controller:
    """Answers the workers of one run: a thread for each of them, a seat for each case."""

    def __init__(self, run: Run) -> None:
        """Listen where only this user's processes come, and only those that know the key."""
        self._run = run
        self._key = secrets.token_bytes(_KEY_BYTES)
        self._listener = Listener(authkey=self._key, backlog=_QUEUE)
        self._seats = Seats(run)
        self._cases = {case.id: case for case in run.plan.cases}
        self._proven: dict[str, Future[list[CaseVerdict]]] = {}
        self._lock = threading.Lock()
        self._ended = False
        #: Proofs under way, and what tells when the last of them is done.
        self._busy, self._idle = 0, threading.Condition(self._lock)
        self._door = threading.Thread(target=self._open_door, name="pixelproof-door", daemon=True)
        self._door.start()

    @property
    def invitation(self) -> dict[str, str]:
        """Return what a worker needs to come in, as texts."""
        address = self._listener.address
        return {"address": json.dumps(address), "key": self._key.hex()}

    def end(self) -> None:
        """Let nothing more begin, and wait for the requests in flight: they are paid for."""
        with self._idle:
            self._ended = True
            if self._busy:
                self._run.brake.pull(Halt(reason=Reason.STOPPED, what="the run was stopped", hint="--resume goes on"))
            self._idle.wait_for(lambda: self._busy == 0)
        with suppress(OSError):  # whoever waits at the door is woken; without a key, so that nothing is waited for
            Client(self._listener.address).close()
        self._door.join(_GOODBYE_S)
        self._listener.close()

    def _open_door(self) -> None:
        while not self._ended:
            try:
                visitor = self._listener.accept()
            except (EOFError, AuthenticationError, ConnectionError):  # somebody without the key, or gone already
                continue
            threading.Thread(target=self._serve, args=(visitor,), name="pixelproof-worker", daemon=True).start()

    def _serve(self, visitor: Connection) -> None:
        with visitor, suppress(OSError, EOFError):  # a worker that died, or whose tests are through
            while True:
                asked = json.loads(visitor.recv_bytes())
                visitor.send_bytes(json.dumps({"to": asked["number"], **self._answer(str(asked["ask"]))}).encode())

    def _answer(self, asked: str) -> dict[str, object]:
        if asked == PLAN:
            told = [{"claim": name, **quote} for name, quote in quotes(self._run).items()]
            return {"cases": [case_line(case) for case in self._cases.values()], "quotes": told}
        try:
            return {"verdicts": [verdict_line(line) for line in self._once(asked)]}
        except Exception as error:  # noqa: BLE001 - it is raised again in the test that asked
            return {"broken": f"{type(error).__name__}: {error}"}

    def _once(self, asked: str) -> list[CaseVerdict]:
        """Prove what was asked for, or return what came of it when somebody asked before."""
        with self._idle:
            known = self._proven.get(asked)
            if known is None and not self._ended:
                found: Future[list[CaseVerdict]] = Future()
                self._proven[asked] = found
                self._busy += 1
        if known is not None:
            return known.result()
        if self._ended:
            raise RuntimeError("the run was stopped")
        return self._settle(asked, found)

    def _settle(self, asked: str, found: Future[list[CaseVerdict]]) -> list[CaseVerdict]:
        try:
            found.set_result(self._prove(asked))
        except BaseException as error:  # noqa: BLE001 - it is raised again for everybody who asks
            found.set_exception(error)
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()
        return found.result()

    def _prove(self, asked: str) -> list[CaseVerdict]:
        case: Case | None = None if asked == WALKS else self._cases[asked]
        with self._seats.of(case) as seat:
            return walked(self._run) if case is None else self._run.prove(case, seat)
