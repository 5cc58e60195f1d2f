"""Whether a limit is kept to the request: what windows admit, and which of them explain what was seen.

Several readings of "so many a minute" are honest: a window that rolls, one that counts what it
turned away, or the minutes of a clock, whatever their phase. A server has to keep one of them from
the first burst to the last. Where the document says that the window rolls, only that one counts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

#: Phases of a clock's minute that are tried, each of so many seconds.
_PHASE_S = 1.0


class Window(Protocol):
    """One reading of a limit."""

    def admits(self, at_s: float, sent: int) -> int:
        """Return how many of a burst are served, and remember it."""


@dataclass(slots=True)
class Rolling:
    """Counts what was served within the last ``length_s`` seconds."""

    limit: int
    length_s: float
    counts_refused: bool = False
    _entries: deque[tuple[float, int]] = field(default_factory=deque)

    def admits(self, at_s: float, sent: int) -> int:
        """Return how many of a burst are served, and remember it."""
        while self._entries and at_s - self._entries[0][0] >= self.length_s:
            self._entries.popleft()
        served = max(0, min(sent, self.limit - sum(count for _, count in self._entries)))
        self._entries.append((at_s, sent if self.counts_refused else served))
        return served


@dataclass(slots=True)
class ByTheClock:
    """Counts what was served since the last full minute, which begins ``phase_s`` seconds late."""

    limit: int
    length_s: float
    phase_s: float
    _slot: int = -1
    _used: int = 0

    def admits(self, at_s: float, sent: int) -> int:
        """Return how many of a burst are served, and remember it."""
        slot = int((at_s - self.phase_s) // self.length_s)
        if slot != self._slot:
            self._slot, self._used = slot, 0
        served = min(sent, self.limit - self._used)
        self._used += served
        return served


class Readings:
    """All honest readings of one limit, less those that what was seen has ruled out."""

    def __init__(self, limit: int, length_s: float, *, is_rolling: bool) -> None:
        """Begin with every reading; ``is_rolling`` where the document leaves only one."""
        self._open: list[Window] = list(_readings(limit, length_s, is_rolling=is_rolling))

    def saw(self, at_s: float, sent: int, served: int) -> tuple[int, ...]:
        """Take one burst; return what the readings allowed when it fits none of them, else nothing."""
        allowed = [(reading, reading.admits(at_s, sent)) for reading in self._open]
        if not allowed:  # one leak is enough: from here on nobody knows what the server counts
            return ()
        self._open = [reading for reading, count in allowed if count == served]
        return () if self._open else tuple(sorted({count for _, count in allowed}))


def _readings(limit: int, length_s: float, *, is_rolling: bool) -> Iterator[Window]:
    yield Rolling(limit=limit, length_s=length_s)
    if not is_rolling:
        yield Rolling(limit=limit, length_s=length_s, counts_refused=True)
        for phase in range(int(length_s / _PHASE_S)):
            # half a second off, for bursts come at whole seconds of the account's clock
            yield ByTheClock(limit=limit, length_s=length_s, phase_s=phase * _PHASE_S + _PHASE_S / 2)
