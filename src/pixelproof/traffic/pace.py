"""How fast requests may follow each other: what the user allows, and what the document does."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_MINUTE_S = 60.0
#: Answers are counted when they arrive: a window is kept a little longer than it is.
_MARGIN_S = 0.5


@dataclass(slots=True)
class Window:
    """What was sent with one key in the last minute: when, and how many images."""

    sent: deque[tuple[float, int]] = field(default_factory=deque)

    def due(self, now: float, images: int, requests_a_minute: int | None, images_a_minute: int | None) -> float:
        """Return how long to wait, in seconds, until one more request fits."""
        while self.sent and self.sent[0][0] <= now - _MINUTE_S - _MARGIN_S:
            self.sent.popleft()
        free = now
        if requests_a_minute is not None and len(self.sent) >= requests_a_minute:
            free = max(free, self.sent[-requests_a_minute][0] + _MINUTE_S + _MARGIN_S)
        if images_a_minute is not None:
            free = max(free, self._until_images(min(images, images_a_minute), images_a_minute, now))
        return free - now

    def _until_images(self, images: int, most: int, now: float) -> float:
        total = sum(count for _, count in self.sent)
        free = now
        for at, count in self.sent:
            if total + images <= most:
                break
            total -= count
            free = at + _MINUTE_S + _MARGIN_S
        return free


@dataclass(slots=True, kw_only=True)
class Pace:
    """One pace for all workers: a rate for all of them, and a minute of its own for each key."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
    #: Requests a second of the whole run.
    rate: float | None = None
    requests_a_minute: int | None = None
    images_a_minute: int | None = None
    _next: float = 0.0
    _windows: dict[str, Window] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: str | None, images: int) -> None:
        """Wait until a request may be sent, and count it. ``key`` None: a key that is its own case's affair."""
        while True:
            with self._lock:
                wait = self._due(key, images)
                if wait <= 0:
                    self._count(key, images)
                    return
            self.sleep(wait)

    def _due(self, key: str | None, images: int) -> float:
        now = self.now()
        due = self._next - now if self.rate else 0.0
        if key is None:
            return due
        window = self._windows.setdefault(key, Window())
        return max(due, window.due(now, images, self.requests_a_minute, self.images_a_minute))

    def _count(self, key: str | None, images: int) -> None:
        now = self.now()
        if self.rate:
            self._next = max(now, self._next) + 1 / self.rate
        if key is not None:
            self._windows.setdefault(key, Window()).sent.append((now, images))


def seconds_for(requests: int, images: int, limits: Mapping[str, int | None], rate: float | None) -> float:
    """Return how long documented limits (and a rate) make so many requests last, in seconds.

    Windows roll: the first minute's worth goes at once.
    """
    counts = {"requests_per_minute": requests, "images_per_minute": images}
    waits = [
        _MINUTE_S * ((count - 1) // limit)
        for name, count in counts.items()
        if (limit := limits.get(name)) and count > 0
    ]
    return max([*waits, (requests - 1) / rate if rate and requests else 0.0, 0.0])
