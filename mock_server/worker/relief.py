"""Keeps a granian worker answering while clients send slowly.

granian reads a body in one of its Python threads, for as long as the sender likes. So it gets many of
them, of which most rest; and a body that takes too long is answered and its connection cut.
"""

from __future__ import annotations

import gc
import logging
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from types import FrameType
from typing import TYPE_CHECKING, Any

from ..steps import waiting
from .connections import cut, sent_bytes
from .ending import end_when_told
from .heaps import share_pythons
from .shifts import Shift

if TYPE_CHECKING:
    from ..call import Answer
    from ..steps.waiting import Wait

logger = logging.getLogger(__name__)

#: Threads that take requests: as many slow senders and latencies on demand can be waited for at a time.
THREADS = 256
#: Threads of these that come back for the next request at once: more of them only wait for one another.
BUSY = 4
#: New objects before Python looks for cycles among them, and how many such looks before a look at older ones. What a
#: request leaves behind lives long and is in no cycle: looking through all of it stops every thread for tens of
#: milliseconds.
_CYCLES = (5_000, 20, 1_000)
#: Longest time between the head of a request and the end of its body, in seconds.
BODY_S = 10.0
#: How often somebody looks for late bodies, and how long the kernel takes to send an answer, in seconds.
_LOOK_S, _SENDING_S = 0.5, 0.05
#: What granian adds to the head of an answer.
_ADDED = b"HTTP/1.1 408 Request Timeout\r\nserver: granian\r\ndate: Sat, 01 Jan 2000 00:00:00 GMT\r\n\r\n"
#: Blanks behind the answer to a late body: their number tells its connection from all others.
_LEAST, _MOST = 512, 16_384

#: A body that is awaited: the thread that waits, and since when.
_Name = tuple[int, float]


@dataclass(slots=True)
class _Batch:
    """Late bodies that were answered together: what had gone out before, and the bytes of each answer."""

    before: dict[int, int]
    sizes: dict[_Name, int]


#: The answer to a late body, by the path of its request.
Late = Callable[[str], "Answer"]


def relieve() -> None:
    """Let a few of granian's threads serve at a time, with few pauses. Call in the worker, before it serves."""
    from granian.server import mp

    shift = Shift(BUSY)
    wrap = vars(mp)["_wsgi_call_wrap"]
    vars(mp)["_wsgi_call_wrap"] = lambda *arguments: shift.relieved(wrap(*arguments))
    Thread(target=shift.supervise, daemon=True).start()
    end_when_told(lambda: shift.is_busy)
    gc.freeze()
    gc.set_threshold(*_CYCLES)
    share_pythons()


def watch(port: int, late: Late) -> None:
    """Answer and cut late bodies on connections to a port, for ever."""
    batches: list[_Batch] = []
    while True:
        time.sleep(_LOOK_S)
        overdue = {(thread, wait.since): wait for thread, wait in waiting.overdue(BODY_S).items()}
        for batch in batches:
            batch.sizes = {name: size for name, size in batch.sizes.items() if name in overdue}
        batches = [batch for batch in batches if batch.sizes]
        answered = {name for batch in batches for name in batch.sizes}
        new = {name: wait for name, wait in overdue.items() if name not in answered}
        if new:
            batches.append(_end(port, new, late))
            time.sleep(_SENDING_S)
        # an answer can take its time on a busy machine: who has not gone yet is looked for again
        for batch in batches:
            cut(port, batch.before, set(batch.sizes.values()))


def _end(port: int, overdue: dict[_Name, Wait], late: Late) -> _Batch:
    frames = sys._current_frames()  # noqa: SLF001 - the only way to what a waiting thread is busy with
    before = sent_bytes(port)
    sizes = {
        name: _answer(_protocol(frames.get(name[0])), late(wait.environ["PATH_INFO"])) for name, wait in overdue.items()
    }
    return _Batch(before, sizes)


def _answer(protocol: Any, answer: Answer) -> int:
    """Answer a request in place of the thread that waits for its body; return how many bytes that sends."""
    if protocol is None:
        return 0
    body = answer.body + b" " * random.randint(_LEAST, _MOST)  # noqa: S311 - no secret
    headers = [("content-type", answer.content_type), ("connection", "close"), ("content-length", str(len(body)))]
    try:
        protocol.response_bytes(408, headers, body)
    except Exception as error:  # noqa: BLE001 - granian's own: one that is gone must not end the watch over the others
        logger.debug("a late body could not be answered: %s", error)
        return 0
    return len(_ADDED) + sum(len(name) + len(value) + 4 for name, value in headers) + len(body)


def _protocol(frame: FrameType | None) -> Any:
    while frame is not None:
        if frame.f_code is _RUNNER:
            return frame.f_locals["protocol"]
        frame = frame.f_back
    return None


#: The code of whatever serves, by which a thread's request is found.
_RUNNER = Shift(0).relieved(lambda *_: None).__code__
