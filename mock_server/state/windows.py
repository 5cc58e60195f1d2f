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

    def wait_s(self, now: float, weight: int, limit: int) -> int:
        """Return after how many whole seconds ``weight`` fits, 0 for now. It must not exceed the whole limit."""
        self._forget(now)
        if self._sum + weight <= limit:
            return 0
        left = self._sum
        for at, admitted in self._entries:
            left -= admitted
            if left + weight <= limit:
                return max(1, math.ceil(at + self.length_s - now))
        return 1

    def take(self, now: float, weight: int) -> None:
        """Admit ``weight``: what is turned away never counts toward the window."""
        self._entries.append((now, weight))
        self._sum += weight

    def used(self, now: float) -> int:
        """Return how much was admitted within the window."""
        self._forget(now)
        return self._sum

    def reset_s(self, now: float) -> int:
        """Return after how many whole seconds the oldest admission leaves the window, 0 for an empty one."""
        self._forget(now)
        return max(1, math.ceil(self._entries[0][0] + self.length_s - now)) if self._entries else 0

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


class Windows(dict[str, RollingWindow]):
    """The windows of one key or account by name; each is opened by its first question."""

    def opened(self, name: str, length_s: float) -> RollingWindow:
        """Return a window, a new one where there is none yet."""
        window = self.get(name)
        if window is None:
            window = self[name] = RollingWindow(length_s)
        return window
