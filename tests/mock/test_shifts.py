"""Who serves: a few threads, whatever holds the others up. The server is played by threads and events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Event, Thread, get_ident
from typing import Any

import pytest
from pixelproof.mock_server.worker.shifts import HELD_UP_S, Shift

THREADS, BUSY = 12, 3
Job = Callable[[], Any]


class Server:
    """Threads that take jobs from one queue, as granian's do; ``None`` ends one."""

    def __init__(self, shift: Shift) -> None:
        self.jobs: SimpleQueue[Job | None] = SimpleQueue()
        self.serve = shift.relieved(lambda job, _scope: job())
        self.threads = [Thread(target=self._work, daemon=True) for _ in range(THREADS)]
        for thread in self.threads:
            thread.start()

    def _work(self) -> None:
        while (job := self.jobs.get()) is not None:
            self.serve(job, None)

    def do(self, number: int) -> set[int]:
        """Do so many jobs; return the threads that did them."""
        done: SimpleQueue[int] = SimpleQueue()

        def job() -> None:
            time.sleep(0.0005)  # long enough for every thread to get one
            done.put(get_ident())

        for _ in range(number):
            self.jobs.put(job)
        return {done.get(timeout=5) for _ in range(number)}


@pytest.fixture
def shift() -> Shift:
    return Shift(BUSY, rest_s=60)


@pytest.fixture
def server(shift: Shift) -> Iterator[Server]:
    server = Server(shift)
    server.do(200)
    yield server
    for _ in server.threads:
        server.jobs.put(None)
    deadline = time.monotonic() + 5
    while any(thread.is_alive() for thread in server.threads) and time.monotonic() < deadline:
        shift._duty.clear()
        shift.look()
        time.sleep(0.01)


def test_after_a_while_only_those_on_duty_serve(server: Server) -> None:
    assert len(server.do(300)) <= BUSY


def test_who_is_held_up_is_replaced(server: Server, shift: Shift) -> None:
    until = Event()
    for _ in range(BUSY):
        server.jobs.put(lambda: until.wait(20))
    time.sleep(2 * HELD_UP_S)
    shift.look()
    assert server.do(5), "others serve meanwhile"
    until.set()
    assert len(server.do(300)) <= 2 * BUSY


def test_all_but_one_may_be_held_up(server: Server, shift: Shift) -> None:
    until = Event()
    for held in range(1, THREADS):
        server.jobs.put(lambda: until.wait(20))
        time.sleep(1.2 * HELD_UP_S)
        shift.look()
        assert server.do(1), f"{held} are held up"
    until.set()
    assert server.do(50)


def test_nobody_rests_for_ever() -> None:
    # without any look: granian's threads end when they are idle, the last ones on duty too
    server = Server(Shift(BUSY, rest_s=0.1))
    server.do(200)
    for _ in range(BUSY):
        server.jobs.put(None)
    time.sleep(0.3)
    assert server.do(5)


def test_a_request_that_breaks_ends_nobodys_duty(shift: Shift) -> None:
    def breaks(_protocol: object, _scope: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        shift.relieved(breaks)(None, None)
    assert not shift._serving
