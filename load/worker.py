"""One worker of several: sends what is its own, and reports every line to the master.

It never sends a number that the master has not granted: what a worker sent that is killed is
among what was granted to it and never reported.
"""

from __future__ import annotations

import resource
import signal
import sys
import time
from typing import Any

import gevent
from locust.env import Environment

from pixelproof.contract import Json
from pixelproof.loadtest.plan import LoadPlan

from .course import Course, is_over
from .register import Outbox
from .users import PayingUser

#: Names of our messages beside Locust's own: from the worker, and from the master.
HELLO, REPORT, PLAN, GRANT, CLOSE = (f"pixelproof_{word}" for word in ("hello", "report", "plan", "grant", "close"))
#: Seconds between two reports, and without any answer until the master counts as gone.
_EVERY_S, _PATIENCE_S = 0.2, 30.0
#: What the process exits with when no master answers.
UNREACHABLE = 3


class Worker:
    """This process, as the master sees it."""

    def __init__(self, host: str, port: int) -> None:
        """Find the master, and tell it that we listen. Raises ConnectionError."""
        self._environment = Environment(user_classes=[PayingUser])
        self._runner: Any = self._environment.create_worker_runner(host, port)
        self._outbox = Outbox()
        self._course: Course | None = None
        self._answered = time.monotonic()
        for name, listener in ((PLAN, self._planned), (GRANT, self._granted), (CLOSE, self._closed)):
            self._runner.register_message(name, listener)
        self._is_leaving = False
        for number in (signal.SIGINT, signal.SIGTERM):
            gevent.signal_handler(number, self._leave)
        self._runner.send_message(HELLO)

    def work(self) -> int:
        """Report until the master says that it is over; return how many requests were sent."""
        while self._runner.greenlet.greenlets and time.monotonic() - self._answered < _PATIENCE_S:
            gevent.sleep(_EVERY_S)
            if self._course is None:  # other workers are still to come
                self._answered = time.monotonic()
                if self._is_leaving:
                    break
            else:
                report = self._report(self._course)
                self._runner.send_message(REPORT, report)
                if self._is_leaving and report["done"]:
                    break
        return self._outbox.written

    def _planned(self, msg: Any, **_: Any) -> None:
        plan = LoadPlan.load(msg.data["plan"])
        self._course = PayingUser.course = Course(plan, self._environment, self._outbox)
        self._course.tickets.bound = 0

    def _granted(self, msg: Any, **_: Any) -> None:
        self._answered = time.monotonic()
        if self._course is not None:
            if self._course.tickets.bound == 0:
                self._course.tickets.begin()
            self._course.tickets.bound = int(msg.data["bound"])

    def _leave(self) -> None:
        """Begin nothing more; what is in flight ends, and is reported."""
        self._is_leaving = True
        if self._course is not None:
            self._course.close()

    def _closed(self, **_: Any) -> None:
        self._answered = time.monotonic()
        if self._course is not None:
            self._course.tickets.is_closed = True

    def _report(self, course: Course) -> dict[str, Json | bytes]:
        is_done = (bool(course.tickets.bound) or self._is_leaving) and is_over(course) and course.in_flight == 0
        rows, numbers = self._outbox.taken()
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "rows": rows,
            "numbers": list(numbers),
            "errors": self._outbox.errors,
            "number": course.tickets.number,
            "done": is_done,
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "rss_mib": usage.ru_maxrss // 1024,
        }


def work(host: str, port: int) -> None:
    """Work for the master at an address, and tell how much it was."""
    try:
        sent = Worker(host, port).work()
    except ConnectionError:
        sys.exit(UNREACHABLE)
    sys.stdout.write(f"{sent}\n")
