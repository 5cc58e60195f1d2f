"""Ends a granian worker that was told to, once nothing is in flight.

granian waits for every connection to end, and after bodies that had to be cut it sometimes waits for
one that has gone. The worker has answered by then: it ends by itself, a little later.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from threading import Lock, Thread, main_thread
from typing import Any

_NUMBERS = (signal.SIGTERM, signal.SIGINT)
#: How often somebody looks whether a request is still served, and the time for the last answers to go out, in seconds.
_LOOK_S, _SENDING_S = 0.1, 5.0


def end_when_told(is_busy: Callable[[], bool]) -> None:
    """End this process with 0 after SIGTERM or SIGINT and the last request. Call in the worker, before it serves."""
    from granian import _signals

    hears, tells = socket.socketpair()
    tells.setblocking(False)  # noqa: FBT003 - its only parameter
    usual: Callable[[], Any] = vars(_signals)["set_sync_signals"]

    def hearing() -> Any:
        event = usual()
        unheard = Lock()
        for number in _NUMBERS:
            signal.signal(number, _once(unheard, signal.getsignal(number)))
        signal.set_wakeup_fd(tells.fileno(), warn_on_full_buffer=False)
        return event

    vars(_signals)["set_sync_signals"] = hearing
    Thread(target=_end, args=(hears, tells, is_busy), daemon=True).start()


def _once(unheard: Lock, handler: Any) -> Callable[[int, Any], None]:
    def heard(number: int, frame: Any) -> None:
        # granian's handler waits for ever, and lets nobody else run, when it is called again and again;
        # and a second signal may come in the midst of this line
        if unheard.acquire(blocking=False):
            handler(number, frame)

    return heard


def _end(hears: socket.socket, _tells: socket.socket, is_busy: Callable[[], bool]) -> None:
    while (number := hears.recv(1)[0]) not in _NUMBERS:
        pass
    # Python's handlers run in the main thread, which overhears what comes just before it falls asleep
    time.sleep(_LOOK_S)
    signal.pthread_kill(main_thread().ident or 0, number)
    while is_busy():
        time.sleep(_LOOK_S)
    time.sleep(_SENDING_S)
    os._exit(0)
