"""Runs one load to its end and tells how it goes, as lines of JSON on standard output."""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
from locust.env import Environment
from locust.exception import RPCError

from pixelproof.contract import Json
from pixelproof.loadtest.plan import FIND_LIMIT, LoadPlan, Post

from .climb import Climb
from .course import Course, is_over
from .master import Master
from .register import FileRegister
from .shapes import PlannedShape, is_steady
from .users import PayingUser

#: Seconds between two lines of progress, and between two looks whether all has ended.
_EVERY_S, _LOOK_S = 0.2, 0.02


def crowd(plan: LoadPlan) -> None:
    """Make the load of a plan; ends when every request that was begun has ended."""
    if plan.post is not None:
        _lead(plan, plan.post)
    else:
        _alone(plan)


def _alone(plan: LoadPlan) -> None:
    environment = Environment(user_classes=[PayingUser], stop_timeout=plan.timeout_s * 3)
    environment.shape_class = PlannedShape(plan.shape, plan.users, plan.duration_s)
    course = PayingUser.course = Course(plan, environment, FileRegister(Path(plan.record)))
    runner = environment.create_local_runner()
    page = _page(environment, plan)
    _on_signal(course.close)
    began = time.perf_counter()
    course.tickets.begin()
    if plan.shape == FIND_LIMIT:
        course.climb = Climb(plan, course.tickets, course.register)
        gevent.spawn(course.climb.run)
    if is_steady(plan.shape):
        runner.start(plan.users, spawn_rate=plan.users)
    else:
        runner.start_shape()

    def line() -> dict[str, Json]:
        course.register.flush()
        return _of(course, runner)

    _watch(lambda: is_over(course) and course.in_flight == 0, line, began)
    seconds = time.perf_counter() - began
    runner.quit()
    course.register.close()
    limit = {} if course.climb is None else {"limit": course.climb.search.figures()}
    _tell({**_of(course, runner), "users": plan.users, **limit}, seconds, is_end=True)
    page()


def _lead(plan: LoadPlan, post: Post) -> None:
    try:
        master = Master(plan, post)
    except (RPCError, SystemExit):  # the port is taken, or the host is not ours
        _tell({"deaf": f"{post.host}:{post.port}"}, 0.0, is_end=True)
        return
    page = _page(master.environment, plan)
    _on_signal(master.close)
    if not master.gather():
        _tell({"came": len(master.hands)}, 0.0, is_end=True)
        master.runner.quit()
        return
    began = time.perf_counter()
    master.deal()

    def line() -> dict[str, Json]:
        master.register.flush()
        return _of_workers(master)

    _watch(master.is_over, line, began)
    seconds = time.perf_counter() - began
    master.runner.quit()
    master.register.close()
    _tell({**_of_workers(master), "users": plan.users}, seconds, is_end=True)
    page()


def _watch(is_at_end: Callable[[], bool], line: Callable[[], dict[str, Json]], began: float) -> None:
    """Tell the progress until nothing more is sent and nothing is in flight."""
    told = began
    while not is_at_end():
        gevent.sleep(_LOOK_S)
        now = time.perf_counter()
        if now - told >= _EVERY_S:
            told = now
            _tell(line(), now - began)


def _of(course: Course, runner: Any) -> dict[str, Json]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "sent": course.tickets.sent,
        "done": course.register.written,
        "errors": course.register.errors,
        "users": runner.user_count,
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
        "rss_mib": usage.ru_maxrss // 1024,
        **({} if course.climb is None else {"rate": course.climb.search.rate}),
    }


def _of_workers(master: Master) -> dict[str, Json]:
    register = master.register
    return {
        "sent": register.written,
        "done": register.written,
        "errors": register.errors,
        "users": master.runner.user_count,
        "cpu_s": round(master.total(lambda hand: hand.cpu_s), 3),
        "rss_mib": int(max((hand.rss_mib for hand in master.hands.values()), default=0)),
        "workers": len(master.hands),
        "lost": master.lost,
    }


def _on_signal(close: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, close)


def _page(environment: Environment, plan: LoadPlan) -> Callable[[], None]:
    """Serve Locust's page where the plan wants it; returns what ends it."""
    if plan.web is None:
        return lambda: None
    return environment.create_web_ui("127.0.0.1", plan.web).stop


def _tell(figures: dict[str, Json], seconds: float, *, is_end: bool = False) -> None:
    sys.stdout.write(f"{json.dumps({'end': is_end, 'seconds': round(seconds, 3), **figures})}\n")
    sys.stdout.flush()
