"""The search for the limit, in practice: holds each rate for a while and measures what comes of it."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import gevent

from pixelproof.loadtest.limit import Search, Step, unanswered
from pixelproof.loadtest.line import LoadLine
from pixelproof.loadtest.plan import LoadPlan
from pixelproof.loadtest.tally import Tally
from pixelproof.loadtest.thresholds import Thresholds

from .register import Register
from .tickets import Tickets

#: Without another bound so many may fail.
_DEFAULT = Thresholds(error_share=0.01)
#: Requests a second of the first step, when nobody says.
_FIRST = 10.0
#: Seconds of the first requests, which are not measured.
_WARM_S = 1.0
#: A step has ended when nothing of it ended for so many seconds.
_SETTLE_S = 1.0
_LOOK_S = 0.02
#: Linux says here for how many nanoseconds this thread ran, and for how many it waited for a processor.
_SCHEDULED = Path("/proc/self/schedstat")


class Gauge:
    """What comes of one step while it goes."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.tally = Tally()
        self._taken: Counter[float] = Counter()

    def take(self, line: LoadLine, taken_ms: float) -> None:
        """Count one request, and for how long it took its sender."""
        self.tally.take(line)
        self._taken[float(f"{taken_ms:.3g}")] += 1

    def taken_ms(self) -> float:
        """Return for how long half of the requests took their senders at most."""
        return Tally(counts=self._taken, requests=self._taken.total()).percentile(0.5) or 0.0


class Climb:
    """One search, from the first rate to the knee."""

    def __init__(self, plan: LoadPlan, tickets: Tickets, register: Register) -> None:
        """Hold everything back until :meth:`run`."""
        self._plan, self._tickets, self._register = plan, tickets, register
        self._thresholds = plan.thresholds.over(_DEFAULT)
        self.search = Search(rate=plan.rate or _FIRST)
        self.gauge = Gauge()
        tickets.hold()

    def run(self) -> None:
        """Climb until the limit is found or nothing may be sent any more, then close the tickets."""
        self._measured(self.search.rate or _FIRST, _WARM_S)
        while self.search.rate is not None and not self._tickets.is_closed:
            step = self._measured(self.search.rate, self._plan.step_s)
            if not self._tickets.is_closed:  # a step that was cut says nothing
                self.search = self.search.after(step)
        self._tickets.is_closed = True

    def _measured(self, rate: float, seconds: float) -> Step:
        gauge = self.gauge = Gauge()
        sent, punctual = self._tickets.sent, self._tickets.punctual
        worked, began = _worked_s(), time.perf_counter()
        self._tickets.pace(rate)
        while (passed := time.perf_counter() - began) < seconds and not self._tickets.is_closed:
            gevent.sleep(min(seconds - passed, 10 * _LOOK_S))
        self._tickets.hold()
        answered, busy = gauge.tally.requests, (_worked_s() - worked) / (time.perf_counter() - began)
        self._settle()
        tally, taken_ms = gauge.tally, gauge.taken_ms()
        few = unanswered(rate, seconds, answered, self.search.steps[0].taken_ms if self.search.steps else taken_ms)
        missed = self._thresholds.missed(tally, answered / seconds)
        return Step(
            rate=rate,
            answered=round(answered / seconds, 2),
            p50_ms=tally.percentile(0.5),
            p95_ms=tally.percentile(0.95),
            p99_ms=tally.percentile(0.99),
            error_share=round(tally.error_share, 6),
            missed=(*([few] if few else []), *missed),
            taken_ms=taken_ms,
            busy=round(busy, 3),
            free=round((self._tickets.punctual - punctual) / max(1, self._tickets.sent - sent), 3),
        )

    def _settle(self) -> None:
        """Wait until what is in flight has ended, or nothing of it ends any more: the next step begins anew."""
        ended, since = self._register.written, time.perf_counter()
        while self._register.written < self._tickets.sent and time.perf_counter() - since < _SETTLE_S:
            gevent.sleep(_LOOK_S)
            if self._register.written > ended:
                ended, since = self._register.written, time.perf_counter()


def _worked_s() -> float:
    """Return for how many seconds this thread has run or waited for a processor."""
    try:
        ran, waited, _ = _SCHEDULED.read_text("ascii").split()
    except (OSError, ValueError):  # not Linux
        return time.process_time()
    return (int(ran) + int(waited)) / 1e9
