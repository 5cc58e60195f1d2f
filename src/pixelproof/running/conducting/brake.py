"""Why a run stops before its plan is through, for all its workers at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pixelproof.verdict import Reason

#: Exit codes of a run that was stopped: the target or its key is gone, or time is up.
GONE, INCOMPLETE = 3, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """One reason to start nothing more: the rest of the plan is not run, and says so."""

    reason: Reason
    what: str
    hint: str = ""
    exit_code: int = INCOMPLETE


@dataclass(slots=True, kw_only=True)
class Brake:
    """Holds the first halt of a run; a deadline is one that comes by itself."""

    deadline_s: float | None = None
    now: Callable[[], float] = time.monotonic
    started: float = field(init=False)
    _halt: Halt | None = None

    def __post_init__(self) -> None:
        """Start the clock."""
        self.started = self.now()

    @property
    def halt(self) -> Halt | None:
        """Return why nothing more may be started, None while everything may."""
        if self._halt is None and self.deadline_s is not None and self.now() - self.started >= self.deadline_s:
            what = f"the deadline of {self.deadline_s:g} s is over"
            self.pull(Halt(reason=Reason.DEADLINE, what=what, hint="raise --deadline, or go on with --resume"))
        return self._halt

    def pull(self, halt: Halt) -> None:
        """Stop the run; only the first reason counts."""
        if self._halt is None:
            self._halt = halt
