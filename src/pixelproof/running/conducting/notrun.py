"""A case that could not be conducted, as an exception: why, what would help, and whether it ends the run."""

from __future__ import annotations

from pixelproof.running.conducting.brake import Halt
from pixelproof.verdict import Reason


class NotRun(Exception):
    """A case that could not be conducted, with the reason and what would help."""

    def __init__(self, reason: Reason, what: str, hint: str = "", *, halt: Halt | None = None) -> None:
        """Keep what is told of the case; ``halt`` is what makes the rest of the run pointless too."""
        super().__init__(what)
        self.reason = reason
        self.what = what
        self.hint = hint
        self.halt = halt


def outage(what: str, hint: str, exit_code: int) -> NotRun:
    """Return the end of a case that is the end of the run."""
    halt = Halt(reason=Reason.OUTAGE, what=what, hint=hint, exit_code=exit_code)
    return NotRun(halt.reason, halt.what, halt.hint, halt=halt)
