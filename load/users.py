"""The users of a load: each takes the next ticket, sends it, and writes down what it came to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import gevent
import orjson
from locust import User, task
from locust.exception import StopUser

from pixelproof.contract import Json
from pixelproof.loadtest.line import Ending, LoadLine
from pixelproof.money import Units

from .caller import Caller, Reply
from .readings import NOBODY, Reading, mark, prompt

if TYPE_CHECKING:
    from .course import Course
    from .tickets import Ticket

#: States in which nothing more happens to a task.
_FINAL = frozenset({"succeeded", "failed", "canceled"})
#: Waits between looks at a task, in seconds: growing, until it counts as stuck.
_FIRST_WAIT_S, _LONGEST_WAIT_S, _GROWTH = 0.05, 2.0, 1.5
_JSON = b"Content-Type: application/json\r\n"


class PayingUser(User):
    """Sends paid requests, some that fail on demand, and some that have to be refused."""

    #: What all users share; set before any of them begins.
    course: ClassVar[Course]

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self._caller = Caller(self.course.route)

    def wait_time(self) -> float:
        """Return for how long to think before the next request, in seconds."""
        return self.course.pause_s()

    @task
    def send(self) -> None:
        """Send the next request and see it to its end."""
        self.course.in_flight += 1  # from before it is due: the load has not ended while a user waits for that
        try:
            ticket = self.course.tickets.next()
            if ticket is None:
                raise StopUser
            self._ask(ticket)
        finally:
            self.course.in_flight -= 1

    def on_stop(self) -> None:
        """Close the connection."""
        self._caller.close()

    def _ask(self, ticket: Ticket) -> None:
        shot, keyed = ticket.shot, self.course.headers[ticket.payer.name]
        body: dict[str, Json] = dict(shot.body)
        if not shot.bad:
            body["prompt"] = shot.prefix + prompt(ticket.number)
        came = time.perf_counter()
        if shot.reference and not shot.bad:
            artifacts = self.course.artifacts
            body[shot.reference] = artifacts.reference(shot, ticket.payer.name, self._caller, keyed)
        began = time.perf_counter()
        reply = self._caller.send(shot.method, shot.path, keyed + _JSON, orjson.dumps(body))
        ms = (time.perf_counter() - began + came - ticket.due) * 1000  # an upload before it is not part of it
        reading = self.course.reader.read(reply, ticket.number)
        line = _line(ticket, reply, reading, ms, self.course.tickets.age_s())
        if reading.task is not None:
            line = self._see_through(ticket, line, keyed)
        is_error = line.ending is not Ending.OK and not line.provoked
        self.course.write(line, (time.perf_counter() - began) * 1000, is_error=is_error)
        self.course.log(f"{shot.method} {shot.path}", ms, len(reply.body), is_error=is_error)
        if reading.urls and ticket.number % self.course.fetch_every == 0:
            self._caller.fetch(reading.urls[0])

    def _see_through(self, ticket: Ticket, line: LoadLine, keyed: bytes) -> LoadLine:
        """Look at a task until it ends, load its first image, and return the line with its end."""
        path = self.course.task_path(line.task or "")
        wait_s, deadline = _FIRST_WAIT_S, time.monotonic() + self.course.task_timeout_s
        while time.monotonic() < deadline:
            gevent.sleep(wait_s)
            wait_s = min(wait_s * _GROWTH, _LONGEST_WAIT_S)
            reply = self._caller.send("GET", path, keyed)
            if reply.status == 404:  # noqa: PLR2004 - a task that was promised is gone
                return replace(line, state="lost")
            seen = self.course.reader.look(reply)
            if seen.get("id") not in {None, line.task}:
                return replace(line, state=str(seen.get("state")), stranger=NOBODY)
            if seen.get("state") in _FINAL:
                self._caller.send("GET", path, keyed)  # a second look at what is final must change nothing
                return replace(self._ended(ticket, line, seen), shown=self._is_shown(ticket, path, line.task))
        return replace(line, state="stuck")

    def _is_shown(self, ticket: Ticket, path: str, task: str | None) -> bool:
        """Ask for some tasks with the key of another account; tell whether one was given away."""
        other = self.course.stranger_to(ticket.payer)
        if other is None or ticket.number % self.course.fetch_every != 1:
            return False
        reply = self._caller.send("GET", path, self.course.headers[other.name])
        return reply.status < 300 and self.course.reader.look(reply).get("id") == task  # noqa: PLR2004 - the 2xx class

    def _ended(self, ticket: Ticket, line: LoadLine, seen: Mapping[str, Json]) -> LoadLine:
        """Return the line of a task that has ended: what it delivered, and what is owed for the rest."""
        images = seen["images"]
        items = [item for item in images if isinstance(item, dict)] if isinstance(images, list) else []
        urls = [str(item["url"]) for item in items if item.get("url")]
        if urls and ticket.number % self.course.fetch_every == 0:
            self._caller.fetch(urls[0])
        if items:
            self.course.artifacts.keep(ticket.payer.name, items[0])
        missing = max(0, ticket.shot.asked - len(items))
        return replace(
            line,
            state=str(seen["state"]),
            images=len(items),
            marks=tuple(map(mark, urls)),
            refund=Units(ticket.shot.price // ticket.shot.asked * missing),
        )


def _line(ticket: Ticket, reply: Reply, reading: Reading, ms: float, at_s: float) -> LoadLine:
    shot = ticket.shot
    is_served = shot.bad and reading.ending is Ending.OK
    return LoadLine(
        number=ticket.number,
        account=ticket.payer.name,
        ending=Ending.UNKNOWN if is_served else reading.ending,
        price=shot.price,
        status=reply.status,
        request=reply.request,
        task=str(reading.task["id"]) if reading.task is not None else None,
        asked=shot.asked,
        images=reading.images,
        marks=reading.marks,
        stranger=reading.stranger,
        misshapen=reading.misshapen,
        ms=round(ms, 3),
        at_s=round(at_s, 3),
        provoked=shot.bad or bool(shot.prefix) or ticket.payer.scarce,
    )
