"""One virtual clock: a global timeline, and one per account that runs on top of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

#: Virtual time ends before ISO 8601 runs out of four-digit years.
LAST_INSTANT = datetime(9000, 1, 1, tzinfo=UTC).timestamp()


def steady_time() -> Callable[[], float]:
    """Return a source of Unix seconds that follows the wall clock at start and never steps back."""
    offset = time.time() - time.monotonic()
    monotonic = time.monotonic
    return lambda: monotonic() + offset


class Timeline:
    """Seconds since 1970 that can be frozen, advanced and resumed, never moved backwards."""

    __slots__ = ("_frozen_at", "_offset", "_source")

    def __init__(self, source: Callable[[], float]) -> None:
        """Follow ``source``: the steady time, or the ``now`` of another timeline."""
        self._source = source
        self._offset = 0.0
        self._frozen_at: float | None = None

    def now(self) -> float:
        """Return the current instant in Unix seconds."""
        frozen = self._frozen_at
        return frozen if frozen is not None else self._source() + self._offset

    @property
    def frozen(self) -> bool:
        """Tell whether the timeline stands still."""
        return self._frozen_at is not None

    def state(self) -> tuple[float, float | None]:
        """Return the offset from the source, and where it is frozen."""
        return self._offset, self._frozen_at

    def restore(self, offset: float, frozen_at: float | None) -> None:
        """Stand where :meth:`state` was taken, relative to the source."""
        self._offset, self._frozen_at = offset, frozen_at

    def advance(self, seconds: float) -> None:
        """Move forward. Raises ValueError for a step back or beyond the last instant."""
        if seconds < 0 or self.now() + seconds > LAST_INSTANT:
            raise ValueError("the clock only moves forward, and not beyond the year 9000")
        if self._frozen_at is not None:
            self._frozen_at += seconds
        else:
            self._offset += seconds

    def freeze(self) -> None:
        """Stand still at the current instant."""
        self._frozen_at = self.now()

    def resume(self) -> None:
        """Run on from where the timeline stands; time that passed meanwhile is left out."""
        if self._frozen_at is not None:
            self._offset = self._frozen_at - self._source()
            self._frozen_at = None


def iso(instant: float) -> str:
    """Write Unix seconds as ISO 8601 UTC with milliseconds, at the latest the last instant."""
    return (
        datetime.fromtimestamp(max(0.0, min(instant, LAST_INSTANT)), UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )
