"""Time at a target: moved on the clock of a pixelproof mock, waited for elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from pixelproof.planning.case import Advance
from pixelproof.targets.control import ControlPlane
from pixelproof.targets.missing import MissingLever
from pixelproof.targets.openings import Granted
from pixelproof.traffic.patience import MAX_UNSEEN_S, MOST_LOOKS, Patience

#: How far a clock is moved between two looks at a task, in seconds.
CLOCK_STRIDE_S = 5.0

#: The longest real wait for a server's Retry-After, in seconds.
MAX_WAIT_S = 65.0

_NO_CLOCK = ("the clock", "control: for a pixelproof mock; no real hour is waited for")


class Clock:
    """Lets time pass for the account of a key. All times are in seconds."""

    def __init__(self, control: ControlPlane | None, patience: Patience, sleep: Callable[[float], None]) -> None:
        """Bind the time of a target; ``sleep`` waits in real time where there is no clock."""
        self._control = control
        self._patience = patience
        self._sleep = sleep

    @property
    def most_looks(self) -> int:
        """Return how often a task is looked at before it counts as stuck."""
        return self._patience.most_looks if self._control is None else MOST_LOOKS

    def require(self, step: Advance) -> None:
        """Raise MissingLever when a step would have to wait for longer than anybody waits."""
        if step.retry_after_of is not None or self._control is not None or step.brief:
            return
        if not step.unseen:
            raise MissingLever(*_NO_CLOCK)
        self._unseen_s()

    def advance(self, granted: Granted, seconds: float) -> None:
        """Move the clock of a key's account. Raises MissingLever where there is none."""
        if granted.account is None or self._control is None:
            raise MissingLever(*_NO_CLOCK)
        self._control.advance(granted.account, seconds)

    def pass_time(self, granted: Granted, attempt: int) -> float:
        """Let a moment pass before look number ``attempt`` (from 0) at a task; return the real seconds.

        On a clock each wait is long enough for a task of the mock; in real time the waits
        grow to ten seconds.
        """
        if granted.account is not None and self._control is not None:
            self._control.advance(granted.account, CLOCK_STRIDE_S)
            return 0.0
        seconds = self._patience.before_look_s(attempt)
        if seconds:
            self._sleep(seconds)
        return seconds

    def pass_unseen(self, granted: Granted, seconds: float) -> None:
        """Let a task end while nobody looks: ``seconds`` on a clock, in real time as long as tasks take here."""
        if granted.account is not None and self._control is not None:
            self._control.advance(granted.account, seconds)
        else:
            self._sleep(self._unseen_s())

    def wait(self, granted: Granted, seconds: float) -> None:
        """Let an announced wait pass, on the clock or in real time. Raises MissingLever when too long."""
        if granted.account is not None and self._control is not None:
            self._control.advance(granted.account, seconds)
        elif seconds <= MAX_WAIT_S:
            self._sleep(seconds)
        else:
            raise MissingLever(f"{seconds:.0f} s of patience", f"waits are bounded at {MAX_WAIT_S:.0f} s")

    def rest(self, seconds: float) -> None:
        """Wait in real time."""
        self._sleep(seconds)

    def learn_duration(self, seconds: float) -> None:
        """Remember that a task was watched to its end for so many real seconds."""
        self._patience.learn(seconds)

    def overdue(self, seconds: float) -> bool:
        """Tell whether a task watched for so many real seconds will not end any more."""
        return self._patience.overdue(seconds)

    def _unseen_s(self) -> float:
        seconds = self._patience.unseen_s()
        if seconds > MAX_UNSEEN_S:
            raise MissingLever(f"a clock, or {seconds:.0f} s of patience", f"waits end at {MAX_UNSEEN_S:.0f} s")
        return seconds
