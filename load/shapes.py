"""How many users there are at which moment."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from locust import LoadTestShape

from pixelproof.loadtest.plan import FIND_LIMIT, SOAK

#: A shape without a duration unfolds within so many seconds, and goes on as it ended.
_UNFOLDS_S = 30.0

#: name → share of all users, by the share of the time that has passed
SHAPES: Mapping[str, Callable[[float], float]] = {
    "steady": lambda _passed: 1.0,
    "soak": lambda _passed: 1.0,
    "ramp": lambda passed: passed,
    "spike": lambda passed: 1.0 if 0.4 <= passed < 0.6 else 0.1,  # noqa: PLR2004 - the fifth in the middle
}


def is_steady(name: str) -> bool:
    """Tell whether a shape has all its users from the begin to the end."""
    return name in {"steady", SOAK, FIND_LIMIT}


def users_at(name: str, seconds: float, users: int, duration_s: float | None) -> int:
    """Return how many of ``users`` there are after so many seconds: at least one."""
    share = SHAPES[name](min(1.0, seconds / (duration_s or _UNFOLDS_S)))
    return max(1, math.ceil(users * share))


class PlannedShape(LoadTestShape):
    """The shape that the plan names."""

    def __init__(self, name: str, users: int, duration_s: float | None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Locust types some of it only
        self._planned = name, users, duration_s

    def tick(self) -> tuple[int, float]:
        """Return the users of this moment, and how fast they come: at once."""
        name, users, duration_s = self._planned
        seconds = self.get_run_time()  # type: ignore[no-untyped-call]  # as above
        now = users_at(name, seconds, users, duration_s)
        return now, float(max(now, users))
