"""Who sends what, and when: numbered tickets, the same for the same seed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from random import Random

import gevent
from gevent.event import Event
from gevent.lock import Semaphore

from pixelproof.loadtest.plan import LoadPlan, Payer, Shot

#: Requests until the order of kinds repeats.
_ROUND = 8192
#: How many requests a rich payer has for each one of a scarce payer: it runs dry soon enough.
_RICH = 2
#: Longest sleep at once, in seconds: what is closed meanwhile is noticed.
_NAP_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One request to send. ``due`` is when it should be sent, on the monotonic clock."""

    number: int
    shot: Shot
    payer: Payer
    due: float


class Order:
    """Which request has which number: the whole load is known from its plan, to each worker and to their master."""

    def __init__(self, plan: LoadPlan) -> None:
        """Shuffle the kinds of requests by the seed of the plan."""
        chance = Random(plan.seed)  # noqa: S311 - the same order for the same seed is the point
        self._shots = chance.choices(plan.shots, [shot.weight for shot in plan.shots], k=_ROUND)
        weights = [1 if payer.scarce else _RICH for payer in plan.payers]
        self._payers = chance.choices(plan.payers, weights, k=_ROUND - 1)

    def shot(self, number: int) -> Shot:
        """Return what is sent under a number."""
        return self._shots[number % _ROUND]

    def payer(self, number: int) -> Payer:
        """Return who pays for it."""
        return self._payers[number % (_ROUND - 1)]


class Tickets:
    """Hands requests out until enough are sent, the time is up, or the money is.

    A worker has the keys of some payers only and passes over the numbers of the others: several
    workers send together what one would.
    """

    def __init__(self, plan: LoadPlan) -> None:
        """Begin with number 0."""
        self._plan = plan
        self._order = Order(plan)
        self._turn = Semaphore()
        self._going = Event()
        self._going.set()
        self._rate, self._base = plan.rate, 0
        self._started = self._since = time.perf_counter()
        self._spent = 0
        #: The next number, how many were sent, and how many of them found a sender waiting.
        self.number = self.sent = self.punctual = 0
        #: Numbers from here on may not be sent yet; None when there is no such bound.
        self.bound: int | None = None
        self.is_closed = False

    def begin(self) -> None:
        """Start the clock that rate and duration are measured by."""
        self._started = self._since = time.perf_counter()

    def age_s(self) -> float:
        """Return how many seconds ago the load began."""
        return time.perf_counter() - self._started

    def hold(self) -> None:
        """Hand nothing out until a pace is set."""
        self._going.clear()

    def pace(self, rate: float) -> None:
        """Hand so many a second out from now on; what was late is forgotten."""
        self._rate, self._base, self._since = rate, self.number, time.perf_counter()
        self._going.set()

    def next(self) -> Ticket | None:
        """Return the next request when it is due, None when all are sent."""
        with self._turn:
            came = time.perf_counter()
            while not self._is_over():
                if not self._may_go():
                    self._going.wait(_NAP_S) if not self._going.is_set() else gevent.sleep(_NAP_S / 10)
                    continue
                now = time.perf_counter()
                due = now if self._rate is None else self._since + (self.number - self._base) / self._rate
                if self._is_late(due):
                    return None
                if due > now:
                    gevent.sleep(min(due - now, _NAP_S))
                else:
                    self.punctual += due >= came
                    return self._handed(due)
            return None

    def _is_over(self) -> bool:
        """Pass over what others send; tell whether nothing is left."""
        plan, order = self._plan, self._order
        while not self.is_closed:
            if plan.requests is not None and self.number >= plan.requests:
                return True
            price = order.shot(self.number).price
            if plan.cap is not None and self._spent + price > plan.cap:
                self.is_closed = True
            elif order.payer(self.number).key or not self._may_go():
                return False
            else:
                self.number, self._spent = self.number + 1, self._spent + price
        return True

    def _may_go(self) -> bool:
        return self._going.is_set() and (self.bound is None or self.number < self.bound)

    def _is_late(self, due: float) -> bool:
        if self._plan.duration_s is not None and due - self._started >= self._plan.duration_s:
            self.is_closed = True
        return self.is_closed

    def _handed(self, due: float) -> Ticket:
        number, shot = self.number, self._order.shot(self.number)
        self.number, self.sent, self._spent = number + 1, self.sent + 1, self._spent + shot.price
        return Ticket(number=number, shot=shot, payer=self._order.payer(number), due=due)
