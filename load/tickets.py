"""Who sends what, and when: numbered tickets, the same for the same seed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from random import Random

import gevent

from pixelproof.loadplan import LoadPlan, Payer, Shot

#: Requests until the order of kinds repeats.
_ROUND = 8192
#: How many requests a rich payer has for each one of a scarce payer: it runs dry soon enough.
_RICH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One request to send. ``due`` is when it should be sent, on the monotonic clock."""

    number: int
    shot: Shot
    payer: Payer
    due: float


class Tickets:
    """Hands requests out until enough are sent, the time is up, or the money is."""

    def __init__(self, plan: LoadPlan) -> None:
        """Shuffle the kinds of requests by the seed of the plan."""
        self._plan = plan
        weights = [shot.weight for shot in plan.shots]
        chance = Random(plan.seed)  # noqa: S311 - the same order for the same seed is the point
        self._shots = chance.choices(plan.shots, weights, k=_ROUND)
        self._payers = chance.choices(
            plan.payers, [1 if payer.scarce else _RICH for payer in plan.payers], k=_ROUND - 1
        )
        self.sent = 0
        self._spent = 0
        self._started = time.perf_counter()
        self.is_closed = False

    def begin(self) -> None:
        """Start the clock that rate and duration are measured by."""
        self._started = time.perf_counter()

    def age_s(self) -> float:
        """Return how many seconds ago the load began."""
        return time.perf_counter() - self._started

    def next(self) -> Ticket | None:
        """Return the next request when it is due, None when all are sent."""
        number = self.sent
        if self.is_closed or (self._plan.requests is not None and number >= self._plan.requests):
            return None
        shot = self._shots[number % _ROUND]
        if self._plan.cap is not None and self._spent + shot.price > self._plan.cap:
            self.is_closed = True
            return None
        due = self._due(number)
        if self._plan.duration_s is not None and due - self._started >= self._plan.duration_s:
            self.is_closed = True
            return None
        self.sent, self._spent = number + 1, self._spent + shot.price
        if self._plan.rate is not None and due > time.perf_counter():
            gevent.sleep(due - time.perf_counter())
        return Ticket(number=number, shot=shot, payer=self._payers[number % (_ROUND - 1)], due=due)

    def _due(self, number: int) -> float:
        """Return when a request is due: with a rate by the schedule, however late its sender is, else now."""
        rate = self._plan.rate
        return time.perf_counter() if rate is None else self._started + number / rate
