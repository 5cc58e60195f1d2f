"""Bodies that a thread waits for: at most so many large ones at a time, and none unknown."""

from __future__ import annotations

from threading import BoundedSemaphore, get_ident
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..call import Environ


class Wait(NamedTuple):
    """A body that a thread waits for, since when on the monotonic clock."""

    since: float
    environ: Environ


#: Bodies longer than this are read so many at a time, because they are whole in memory.
LARGE_BODY, LARGE_BODIES = 1024 * 1024, 16
_large = BoundedSemaphore(LARGE_BODIES)
#: Thread → what it waits for; of the process, as threads are.
_WAITS: dict[int, Wait] = {}


def received(environ: Environ, length: int) -> bytes:
    """Return up to ``length`` bytes of a request's body, once they are there or the sender has given up."""
    if length <= LARGE_BODY:
        return _read(environ, length)
    with _large:
        return _read(environ, length)


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
