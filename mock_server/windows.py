"""Rolling windows: how much was admitted in the last seconds, and when there is room again."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable


class RollingWindow:
    """Weights admitted within the last ``length_s`` seconds; the limit comes with each question."""

    __slots__ = ("_entries", "_sum", "length_s")

    def __init__(self, length_s: float) -> None:
        """Begin empty."""
        self.length_s = length_s
        self._entries: deque[tuple[float, int]] = deque()
        self._sum = 0

    def take(self, now: float, weight: int, limit: int) -> int | None:
        """Admit ``weight``, or return after how many whole seconds it would fit.

        Returns None when admitted, else seconds (at least 1), or -1 when the weight exceeds the whole limit.
        Attempts that are turned away do not count toward the window.
        """
        self._forget(now)
        if self._sum + weight <= limit:
            self._entries.append((now, weight))
            self._sum += weight
            return None
        return self._room_after(now, weight, limit)

    def give_back(self, weight: int) -> None:
        """Take the newest admission of this weight out again: nothing came of it."""
        for index in range(len(self._entries) - 1, -1, -1):
            if self._entries[index][1] == weight:
                del self._entries[index]
                self._sum -= weight
                return

    def state(self) -> list[tuple[float, int]]:
        """Return what was admitted and when."""
        return list(self._entries)

    def restore(self, entries: Iterable[tuple[float, int]]) -> None:
        """Remember what :meth:`state` told."""
        self._entries = deque((float(at), int(weight)) for at, weight in entries)
        self._sum = sum(weight for _, weight in self._entries)

    def _forget(self, now: float) -> None:
        entries = self._entries
        while entries and now - entries[0][0] >= self.length_s:
            self._sum -= entries.popleft()[1]

    def _room_after(self, now: float, weight: int, limit: int) -> int:
        if weight > limit:
            return -1
        left = self._sum
        for at, admitted in self._entries:
            left -= admitted
            if left + weight <= limit:
                return max(1, math.ceil(at + self.length_s - now))
        return 1
