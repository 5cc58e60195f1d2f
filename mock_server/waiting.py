"""Threads that wait for somebody outside, for the rest of a body or for a latency on demand, and turns for the others.

A server of this process may have many threads, so that slow senders do not hold them all. But Python
runs one at a time, and many that want to run are slower than a few: each takes a turn, and gives it
back while it waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import BoundedSemaphore, get_ident
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .call import Environ


class Wait(NamedTuple):
    """A body that a thread waits for, since when on the monotonic clock."""

    since: float
    environ: Environ


#: Bodies longer than this are read so many at a time, because they are whole in memory.
LARGE_BODY, LARGE_BODIES = 1024 * 1024, 16
_large = BoundedSemaphore(LARGE_BODIES)
#: Thread → what it waits for; of the process, as threads are.
_WAITS: dict[int, Wait] = {}
#: Threads that have a turn, where turns are given out at all.
_TAKEN: set[int] = set()
_TURNS: SimpleQueue[None] = SimpleQueue()


def give_out(turns: int) -> None:
    """Begin with so many turns: as many threads run at once."""
    for _ in range(turns):
        _TURNS.put(None)


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a turn, and give it back at the end."""
    _take()
    try:
        yield
    finally:
        _give_back()


def received(environ: Environ, length: int) -> bytes:
    """Return up to ``length`` bytes of a request's body, once they are there or the sender has given up."""
    had_turn = get_ident() in _TAKEN
    if had_turn:
        _give_back()
    try:
        if length <= LARGE_BODY:
            return _read(environ, length)
        with _large:
            return _read(environ, length)
    finally:
        if had_turn:
            _take()


@contextmanager
def on_demand() -> Iterator[None]:
    """Let others have this thread's turn meanwhile."""
    if get_ident() not in _TAKEN:
        yield
        return
    _give_back()
    try:
        yield
    finally:
        _take()


def overdue(longest_s: float) -> dict[int, Wait]:
    """Return the threads whose body has been awaited for too long."""
    latest = monotonic() - longest_s
    return {thread: wait for thread, wait in list(_WAITS.items()) if wait.since < latest}


def _read(environ: Environ, length: int) -> bytes:
    stream: Any = environ["wsgi.input"]
    thread = get_ident()
    _WAITS[thread] = Wait(monotonic(), environ)
    try:
        body: bytes = stream.read(length)
    finally:
        del _WAITS[thread]
    return body


def _take() -> None:
    _TURNS.get()
    _TAKEN.add(get_ident())


def _give_back() -> None:
    _TAKEN.discard(get_ident())
    _TURNS.put(None)
