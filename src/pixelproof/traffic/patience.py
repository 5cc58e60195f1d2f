"""How long tasks take at a target without a clock: what its file says, else what was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pixelproof.contract import Json

#: The longest real wait for a task that nobody looks at, in seconds.
MAX_UNSEEN_S = 20.0
#: Looks at one task before it counts as stuck: with growing waits about five minutes.
MOST_LOOKS = 40
#: A task is given up when it ran this many times as long as the target file says.
_OVERDUE = 2.0
#: The first look comes after this many times the shortest task seen, and at most so many seconds: a look
#: that comes too early is a request more, and one look a task keeps a run within what its tier promises.
_PATIENT, _FIRST_MOST_S = 1.1, 60.0
#: Real waits between looks, in seconds: the first one where nothing is known of the target,
#: else this share of the shortest task; how they grow, and the longest.
_FIRST_S, _SHARE, _SHORTEST_S, _GROWTH, _LONGEST_S = 0.1, 0.25, 0.05, 1.4, 10.0


@dataclass(slots=True)
class Patience:
    """What is known of the length of a target's tasks, in seconds."""

    #: ``longest_s`` of the target file: no task takes longer.
    stated_s: float | None = None
    #: The longest and the shortest task that were watched to their end in this run.
    seen_s: float | None = None
    quickest_s: float = 0.0
    #: When a task is given up, as the user says.
    timeout_s: float | None = None

    def learn(self, seconds: float) -> None:
        """Remember a task that ended after ``seconds``."""
        self.quickest_s = seconds if self.seen_s is None else min(self.quickest_s, seconds)
        self.seen_s = max(self.seen_s or 0.0, seconds)

    def unseen_s(self) -> float:
        """Return how long to wait for a task that nobody looks at; may be more than anybody waits."""
        if self.stated_s is not None:
            return self.stated_s
        return MAX_UNSEEN_S if self.seen_s is None else 1.0 + 2.0 * self.seen_s

    def overdue(self, seconds: float) -> bool:
        """Tell whether a task that still runs after ``seconds`` will not end any more."""
        if self.timeout_s is not None:
            return seconds > self.timeout_s
        return self.stated_s is not None and seconds > _OVERDUE * self.stated_s

    @property
    def most_looks(self) -> int:
        """Return how often a task is looked at: as often as it takes, where the user says when to give up."""
        return MOST_LOOKS if self.timeout_s is None else MOST_LOOKS + int(self.timeout_s / _SHORTEST_S)

    def before_look_s(self, attempt: int) -> float:
        """Return the wait before look number ``attempt`` (from 0) at a task.

        The first is a little longer than the shortest task was, so that a slow target is not
        asked in vain; the others grow to ten seconds.
        """
        if attempt == 0:
            return min(_FIRST_MOST_S, _PATIENT * self.quickest_s)
        first = _FIRST_S if self.seen_s is None else max(_SHORTEST_S, _SHARE * self.quickest_s)
        return min(_LONGEST_S, first * _GROWTH ** (attempt - 1))


def patience_of(mapped: Mapping[str, Json], timeout_s: float | None = None) -> Patience:
    """Return the patience that the ``map`` of a target file asks for, and the user."""
    task = mapped.get("task")
    stated = task.get("longest_s") if isinstance(task, dict) else None
    return Patience(stated_s=float(stated) if isinstance(stated, int | float) else None, timeout_s=timeout_s)
