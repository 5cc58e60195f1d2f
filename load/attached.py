"""The same load under Locust's own command: its options, its web page, and our reconciliation at the end.

Whose contract the host keeps stands in ``PIXELPROOF_PROFILE``; a target file in ``PIXELPROOF_TARGET``.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

import gevent
from locust import events

from pixelproof.client import Wire
from pixelproof.loadtest.making.run import Load, LoadOptions, contract_of, prepared, target_of
from pixelproof.loadtest.result import UNJUDGED
from pixelproof.targets.file import load_target

from .course import Course
from .register import FileRegister
from .users import PayingUser

#: Where a mock of our own listens, when no host is named.
_HERE = "http://127.0.0.1:8765/v1"
#: Seconds between two looks at the record and the ledgers.
_EVERY_S = 0.2


class Attached:
    """A load that Locust runs and we reconcile."""

    def __init__(self, environment: Any) -> None:
        """Plan it, and give the users their course."""
        options = _options(environment.host)
        self._wire = Wire()
        self._is_ended = False
        self._load: Load = prepared(options, contract_of(options), target_of(options), self._wire)
        PayingUser.course = Course(self._load.plan, environment, FileRegister(Path(self._load.plan.record)))
        self._reading = gevent.spawn(self._read_on)

    def end(self) -> int:
        """Print what came of it, and return the exit code."""
        self._is_ended = True
        self._reading.join()  # never in the midst of a look: what was sent by it has to be counted
        PayingUser.course.register.close()
        result = self._load.result({"seconds": PayingUser.course.tickets.age_s()})
        self._wire.close()
        sys.stdout.write(f"{json.dumps(result.figures())}\n")
        return result.exit_code

    def _read_on(self) -> None:
        while not self._is_ended:
            gevent.sleep(_EVERY_S)
            PayingUser.course.register.flush()
            self._load.take()


def attach() -> None:
    """Plan when a test starts, and reconcile when it stops."""
    # what was imported took its time, which the loop has not noticed: without this Locust's --run-time ends too early
    gevent.get_hub().loop.update_now()
    logging.getLogger("httpx").setLevel(logging.WARNING)  # Locust shows every log, and we ask for ledgers all the time
    events.test_start.add_listener(_begin)  # type: ignore[no-untyped-call]  # Locust types some of it only
    events.test_stop.add_listener(_end)  # type: ignore[no-untyped-call]  # as above


def _options(host: str | None) -> LoadOptions:
    target = os.environ.get("PIXELPROOF_TARGET")
    return LoadOptions(
        url=host or (None if target else _HERE),
        profile=os.environ.get("PIXELPROOF_PROFILE"),
        target=load_target(Path(target)) if target else None,
        max_cost=os.environ.get("PIXELPROOF_MAX_COST"),
        report_dir=Path(os.environ.get("PIXELPROOF_REPORT_DIR", "pixelproof-out")),
    )


def _begin(environment: Any, **_: Any) -> None:
    environment.stop_timeout = environment.stop_timeout or 60  # what is in flight ends: else it would be unknown
    environment.pixelproof = Attached(environment)


def _end(environment: Any, **_: Any) -> None:
    attached = getattr(environment, "pixelproof", None)
    if attached is None:  # the time was up while wallets were opened
        sys.stderr.write("nothing was sent: the test ended before its wallets were open; give it more time with -t\n")
        environment.process_exit_code = UNJUDGED
        return
    environment.process_exit_code = attached.end()
