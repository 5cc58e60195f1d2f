"""Seats for cases that are conducted at the same time: no two on one account.

Each seat is a conductor of the run, with a key and an account of its own. A case that needs a
further key of the target file sits on the first seat, so no other case has that key meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pixelproof.planning.case import Case
from pixelproof.running.crew import suits_all
from pixelproof.running.run import Run

#: The seat of whatever needs more than a key of its own.
FIRST = 0


class Seats:
    """The conductors of a run, each of which somebody may hold."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._free = set(range(max(1, len(run.crew))))
        self._changed = threading.Condition()

    @contextmanager
    def of(self, case: Case | None) -> Iterator[int]:
        """Hold a seat that suits a case (None: the first one), as soon as one is free."""
        suits = case is not None and suits_all(self._run, case)
        with self._changed:
            self._changed.wait_for(lambda: self._choice(anywhere=suits) is not None)
            seat = self._choice(anywhere=suits)
            assert seat is not None
            self._free.remove(seat)
        try:
            yield seat
        finally:
            with self._changed:
                self._free.add(seat)
                self._changed.notify_all()

    def _choice(self, *, anywhere: bool) -> int | None:
        if anywhere:  # the first seat is left to whoever can sit nowhere else
            return max(self._free, default=None)
        return FIRST if FIRST in self._free else None
