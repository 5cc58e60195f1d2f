"""A section is one entry, whole or not at all: whoever is killed, stalls, or is asked twice."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pixelproof.mock_server.state.losses import StateLost
from pixelproof.mock_server.state.shared import locks, scripts
from pixelproof.mock_server.state.shared.connection import Connection, Script, read_address
from pixelproof.mock_server.state.shared.link import Link, Note, Sitting
from pixelproof.mock_server.state.shared.locks import SharedLock

ROOM = (100, 10_000, 3)


class Tally:
    """A number, and how it came about."""

    claim: tuple[str, str] | None = None

    def __init__(self) -> None:
        self.number = self.known = 0
        self.loads = 0

    def load(self, state: dict[str, Any]) -> None:
        self.number = self.known = state["number"]
        self.loads += 1

    def dump(self) -> dict[str, Any]:
        return {"number": self.number, "padding": "x" * 1000}

    def apply(self, entry: dict[str, Any]) -> None:
        self.number += entry["add"]
        self.known = self.number

    def collect(self) -> dict[str, Any] | None:
        add, self.known = self.number - self.known, self.number
        return {"add": add} if add else None

    def entered(self, accounts: int) -> None:
        pass

    def idle_since(self) -> str:
        return "-"


class Echo(Connection):
    """A connection that sends a commit twice, as a client does that has lost the answer to the first one."""

    def run(self, script: Script, *arguments: str | bytes | float) -> list[Any]:
        if script.text == scripts.COMMIT:
            super().run(script, *arguments)
        return super().run(script, *arguments)


class Member:
    """One process: its link, its copy and its lock."""

    def __init__(self, state: str, kind: type[Connection] = Connection) -> None:
        self.connection = kind(read_address(state))
        self.link = Link(self.connection, 30.0, ROOM)
        self.connection.run(Script(scripts.BEGIN), "0", b"salt", "first", b'{"number":0}')
        self.link.learn_epoch()
        self.tally = Tally()
        self.lock = SharedLock(self.link, "world", self.tally)

    def add(self, amount: int) -> None:
        with self.lock:
            self.tally.number += amount

    def seen(self) -> int:
        with self.lock:
            return self.tally.number


@pytest.fixture
def members(shared_state: Callable[[], str]) -> Callable[..., list[Member]]:
    def make(count: int, kind: type[Connection] = Connection) -> list[Member]:
        state = shared_state()
        return [Member(state, kind) for _ in range(count)]

    return make


@pytest.fixture
def short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "LEASE_S", 0.2)


@pytest.fixture
def nervous_threads() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(usual)


def test_what_one_leaves_the_other_finds(members: Callable[..., list[Member]]) -> None:
    here, there = members(2)
    here.add(3)
    there.add(4)
    assert (here.seen(), there.seen()) == (7, 7)
    assert there.lock.refresh()
    assert there.tally.number == 7


def test_an_exception_leaves_what_was_changed_as_memory_does(members: Callable[..., list[Member]]) -> None:
    here, there = members(2)

    def fail() -> None:
        with here.lock:
            here.tally.number += 1
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert there.seen() == 1


def test_nobody_is_inside_beside_another(members: Callable[..., list[Member]], nervous_threads: None) -> None:
    pair = members(2)

    def add(number: int) -> None:
        for _ in range(20):
            pair[number % 2].add(1)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(add, range(16)))
    assert [member.seen() for member in pair] == [320, 320]


def test_a_busy_process_lets_others_have_their_turn(members: Callable[..., list[Member]]) -> None:
    busy, modest = members(2)
    stop = threading.Event()

    def hammer() -> None:
        while not stop.is_set():
            busy.add(1)

    threads = [threading.Thread(target=hammer) for _ in range(8)]
    for thread in threads:
        thread.start()
    waits = [_timed(modest) for _ in range(20)]
    stop.set()
    for thread in threads:
        thread.join()
    assert sorted(waits)[10] < 0.5, waits
    assert busy.seen() == modest.seen()


def test_who_was_killed_inside_has_done_nothing_and_locks_nobody_out(
    members: Callable[..., list[Member]], short_lease: None
) -> None:
    dead, alive = members(2)
    dead.link.keep = lambda: None  # type: ignore[method-assign]  # nobody keeps the lock of the dead
    thread = threading.Thread(target=lambda: _die_inside(dead))
    thread.start()
    thread.join()
    assert alive.seen() == 0
    alive.add(1)
    assert alive.seen() == 1


def test_who_stalls_beyond_the_lease_changes_nothing_any_more(
    members: Callable[..., list[Member]], short_lease: None
) -> None:
    slow, quick = members(2)
    slow.link.keep = lambda: None  # type: ignore[method-assign]  # the whole process stands still

    def stall() -> None:
        with slow.lock:
            slow.tally.number += 100
            quick.add(1)  # gets in after the lease

    with pytest.raises(StateLost):
        stall()
    assert (slow.seen(), quick.seen()) == (1, 1)
    slow.add(1)
    assert quick.seen() == 2


def test_who_works_long_is_let_stay(members: Callable[..., list[Member]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "LEASE_S", 0.3)
    monkeypatch.setattr("pixelproof.mock_server.state.shared.link.LEASE_S", 0.3)
    slow, quick = members(2)
    done = threading.Event()
    with slow.lock:
        slow.tally.number += 1
        thread = threading.Thread(target=lambda: (quick.add(1), done.set()))
        thread.start()
        assert not done.wait(1.0)
    thread.join(10)
    assert slow.seen() == 2


def test_a_commit_that_arrives_twice_counts_once(members: Callable[..., list[Member]]) -> None:
    here, there = members(2, Echo)
    for _ in range(3):
        here.add(1)
        there.add(1)
    assert here.seen() == 6
    assert here.connection.call("HGET", f"{here.connection.prefix}first:o:world", "v") == b"7"


def test_a_long_log_is_folded_and_a_newcomer_sees_the_same(
    members: Callable[..., list[Member]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_LOG_BYTES", 100)
    here, there, late = members(3)
    there.add(1)
    for _ in range(1000):
        here.add(1)
    length = here.connection.call("LLEN", f"{here.connection.prefix}first:l:world")
    assert length < 400
    assert (there.seen(), late.seen(), here.seen()) == (1001, 1001, 1001)
    assert late.tally.loads == 1


def test_a_request_is_one_entry_and_its_line_comes_with_it(members: Callable[..., list[Member]]) -> None:
    here, there = members(2)
    with Sitting(here.link):
        here.add(1)
        there.lock.refresh()
        assert there.tally.number == 0, "nothing is known before the request is over"
        here.add(1)
        here.link.seat.note = Note(b"a line", 200)
        assert here.connection.call("XLEN", f"{here.connection.prefix}journal") == 0
    there.lock.refresh()
    assert there.tally.number == 2
    assert here.connection.call("XLEN", f"{here.connection.prefix}journal") == 1
    assert here.connection.call("HGET", f"{here.connection.prefix}first:o:world", "v") == b"2"


def test_the_journal_keeps_to_its_room(members: Callable[..., list[Member]]) -> None:
    (here,) = members(1)
    for _ in range(ROOM[0] + 20):
        here.link.note(Note(b"x", 200))
    assert here.connection.call("XLEN", f"{here.connection.prefix}journal") == ROOM[0]
    for _ in range(5):
        here.link.note(Note(b"y" * 4000, 200))
    kept = here.connection.call("XLEN", f"{here.connection.prefix}journal")
    assert kept == 2
    assert int(here.connection.call("GET", f"{here.connection.prefix}size")) == 8000
    assert here.connection.call("GET", f"{here.connection.prefix}seq") == b"125"


def test_the_gallery_keeps_the_newest(members: Callable[..., list[Member]]) -> None:
    (here,) = members(1)
    for number in range(5):
        here.link.note(Note(b"x", 200, f"{number}".encode()))
    kept = here.connection.call("XRANGE", f"{here.connection.prefix}gallery", "-", "+")
    assert [number for number, _ in kept] == [b"3-0", b"4-0", b"5-0"]


@pytest.mark.parametrize(
    ("url", "namespace", "shown"),
    [
        ("redis://127.0.0.1:6379/0", "default", "redis://127.0.0.1:6379/0"),
        ("redis://user:secret@db:6380/3?namespace=team", "team", "redis://db:6380/3"),
        ("valkeys://:secret@db/1", "default", "valkeys://db/1"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, namespace: str, shown: str) -> None:
    address = read_address(url)
    assert (address.namespace, address.shown) == (namespace, shown)


def _timed(member: Member) -> float:
    began = time.monotonic()
    member.add(1)
    return time.monotonic() - began


def _die_inside(member: Member) -> None:
    member.lock.__enter__()
    member.tally.number += 100
