"""Which threads serve: a few at a time, while the others rest or wait for somebody outside.

Python runs one thread at a time, and many that want to run are slower than a few. But a thread that
waits, for the rest of a body or for a latency on demand, is of no use to other requests. So a server
has many threads, of which only a few come back for the next request; one that a request holds up
is replaced by one that rested.
"""

from __future__ import annotations

import time
from _thread import allocate_lock
from collections.abc import Callable
from contextlib import suppress
from threading import get_ident
from typing import Any

#: How long a request may take before its thread counts as held up, and how often somebody looks, in seconds.
HELD_UP_S, LOOK_S = 0.03, 0.05
#: Longest rest, and how long a thread is on duty without any request, in seconds: it may have ended meanwhile.
REST_S, _IDLE_S = 5.0, 10.0


class Shift:
    """The threads of one server; ``busy`` of them are on duty.

    Every method may be called from any thread. Nothing here ever keeps a request waiting.
    """

    def __init__(self, busy: int, rest_s: float = REST_S) -> None:
        """Begin with nobody on duty; nobody rests for longer than ``rest_s``."""
        self._busy = busy
        self._rest_s = rest_s
        #: Thread → since when it has been with its request.
        self._serving: dict[int, float] = {}
        self._duty: set[int] = set()
        #: Threads that ended a request since the last look at who is idle.
        self._seen: set[int] = set()
        self._looked = time.monotonic()
        #: One lock for every thread that rests; released, it wakes its thread.
        self._resting: list[Any] = []

    def relieved(self, serve: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """Return what serves one request and then lets its thread rest, where there are enough of them."""

        def serving(protocol: Any, scope: Any) -> Any:
            me = get_ident()
            self._serving[me] = time.monotonic()
            try:
                return serve(protocol, scope)
            finally:
                del self._serving[me]
                self._seen.add(me)
                if me not in self._duty:
                    self._report(me)

        return serving

    @property
    def is_busy(self) -> bool:
        """Tell whether a request is being served."""
        return bool(self._serving)

    def look(self) -> None:
        """Take off duty who is held up or gone, and wake as many as are missing."""
        now = time.monotonic()
        self._duty -= {thread for thread, since in list(self._serving.items()) if now - since > HELD_UP_S}
        if now - self._looked > _IDLE_S:
            self._looked = now
            self._duty &= self._seen
            self._seen = set()
        for _ in range(self._busy - len(self._duty)):
            with suppress(IndexError):
                self._resting.pop().release()

    def supervise(self) -> None:
        """Look again and again, for ever."""
        while True:
            time.sleep(LOOK_S)
            self.look()

    def _report(self, me: int) -> None:
        if len(self._duty) < self._busy:
            self._duty.add(me)
            return
        bed = allocate_lock()
        bed.acquire()
        self._resting.append(bed)
        bed.acquire(timeout=self._rest_s)
        with suppress(ValueError):
            self._resting.remove(bed)
