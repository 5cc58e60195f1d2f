"""Ends a granian worker that was told to, once nothing is in flight.

granian waits for every connection to end, and after bodies that had to be cut it sometimes waits for
one that has gone. The worker has answered by then: it ends by itself, a little later.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

#: How often somebody looks whether a request is still served, and the time for the last answers to go out, in seconds.
_LOOK_S, _SENDING_S = 0.1, 5.0


def end_when_told(is_busy: Callable[[], bool]) -> None:
    """End this process with 0 after SIGTERM or SIGINT and the last request. Call in the worker, before it serves."""
    from granian import _signals

    told: SimpleQueue[int] = SimpleQueue()  # unlike an Event, fit for a signal handler
    usual: Callable[[], Any] = vars(_signals)["set_sync_signals"]

    def hearing() -> Any:
        event = usual()
        unheard = Lock()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _once(unheard, signal.getsignal(number), told))
        return event

    vars(_signals)["set_sync_signals"] = hearing
    Thread(target=_end, args=(told, is_busy), daemon=True).start()


def _once(unheard: Lock, handler: Any, told: SimpleQueue[int]) -> Callable[[int, Any], None]:
    def heard(number: int, frame: Any) -> None:
        # granian's handler waits for ever, and lets nobody else run, when it is called again and again;
        # and a second signal may come in the midst of this line
        if unheard.acquire(blocking=False):
            handler(number, frame)
            told.put(number)

    return heard


def _end(told: SimpleQueue[int], is_busy: Callable[[], bool]) -> None:
    told.get()
    while is_busy():
        time.sleep(_LOOK_S)
    time.sleep(_SENDING_S)
    os._exit(0)
