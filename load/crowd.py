"""Runs one load to its end and tells how it goes, as lines of JSON on standard output."""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
from typing import Any

import gevent
from locust.env import Environment

from pixelproof.loadplan import LoadPlan

from .course import Course
from .shapes import PlannedShape
from .users import PayingUser

#: Seconds between two lines of progress, and between two looks whether all has ended.
_EVERY_S, _LOOK_S = 0.2, 0.02


def crowd(plan: LoadPlan) -> None:
    """Make the load of a plan; ends when every request that was begun has ended."""
    environment = Environment(user_classes=[PayingUser], stop_timeout=plan.timeout_s * 3)
    shape = PlannedShape(plan.shape, plan.users, plan.duration_s)
    environment.shape_class = shape
    course = PayingUser.course = Course(plan, environment)
    runner = environment.create_local_runner()
    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, _close, course)
    began = time.perf_counter()
    course.tickets.begin()
    if plan.shape in {"steady", "soak"}:
        runner.start(plan.users, spawn_rate=plan.users)
    else:
        runner.start_shape()
    _watch(course, runner, began)
    seconds = time.perf_counter() - began
    runner.quit()
    course.register.close()
    _tell(course, plan.users, seconds, is_end=True)


def _watch(course: Course, runner: Any, began: float) -> None:
    """Tell the progress until nothing more is sent and nothing is in flight."""
    told = began
    while not (_is_over(course) and course.in_flight == 0):
        gevent.sleep(_LOOK_S)
        now = time.perf_counter()
        if now - told >= _EVERY_S:
            told = now
            course.register.flush()
            _tell(course, runner.user_count, now - began)


def _is_over(course: Course) -> bool:
    plan, tickets = course.plan, course.tickets
    is_late = plan.duration_s is not None and plan.rate is None and tickets.age_s() >= plan.duration_s
    if is_late:
        tickets.is_closed = True
    return tickets.is_closed or (plan.requests is not None and tickets.sent >= plan.requests)


def _close(course: Course) -> None:
    course.tickets.is_closed = True


def _tell(course: Course, users: int, seconds: float, *, is_end: bool = False) -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    line = {
        "end": is_end,
        "sent": course.tickets.sent,
        "done": course.register.written,
        "errors": course.register.errors,
        "users": users,
        "seconds": round(seconds, 3),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
        "rss_mib": usage.ru_maxrss // 1024,
    }
    sys.stdout.write(f"{json.dumps(line)}\n")
    sys.stdout.flush()
