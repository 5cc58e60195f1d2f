"""What all shared objects of one process have in common: the connection, the epoch, and who sits where."""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ..losses import StateLost
from . import scripts
from .connection import Script
from .locks import LEASE_S, SharedLock

if TYPE_CHECKING:
    from types import TracebackType

    from .connection import Connection

logger = logging.getLogger(__name__)

_EPOCH, _STAY, _NOTE = Script(scripts.EPOCH), Script(scripts.STAY), Script(scripts.NOTE)
#: Seconds for which it is believed that another process lives.
_BELIEF_S = 1.0


class Note(NamedTuple):
    """A line for the journal, the status of the answer it tells of, and its images for the gallery."""

    line: bytes
    status: int
    shot: bytes = b""


class Seat(threading.local):
    """Where a request of this thread sits: in one section from its first step to its last."""

    is_open = False
    lock: SharedLock | None = None
    note: Note | None = None

    def take(self, lock: SharedLock) -> None:
        """Stay inside a lock until the request is over; of two, in the first."""
        if self.is_open and self.lock is None:
            self.lock = lock
            lock.stay()

    def rise(self, *, is_lost: bool = False) -> None:
        """Leave what the request has done, its line in the journal with it."""
        lock, note = self.lock, self.note
        self.lock = self.note = None
        if lock is not None:
            lock.leave(note, is_lost=is_lost)


class Link:
    """One process at one namespace."""

    def __init__(self, connection: Connection, hold_lease_s: float, room: tuple[int, int, int]) -> None:
        """Be nobody until something must outlive a section; ``room`` is for lines, their bytes, and images."""
        self.connection = connection
        self.seat = Seat()
        #: Told when the store has lost everything.
        self.on_empty: Callable[[], None]
        self.epoch = ""
        self.salt = b""
        #: Accounts in the store, as far as it was heard.
        self.accounts = 1
        #: The version of what all share, as far as it was heard.
        self.world_version = 0
        #: Requests of this process that wait outside of any section.
        self.waiting: set[str] = set()
        #: Locks that this process has in the store, by the names of their objects.
        self.engaged: dict[str, SharedLock] = {}
        self._room = room
        self._hold_lease_s = hold_lease_s
        self._process = ""
        self._pid = 0
        self._beaten = 0.0
        self._believed: dict[str, tuple[float, bool]] = {}
        self._starting = threading.Lock()
        self._keeper: tuple[int, threading.Thread] | None = None

    def run(self, script: Script, *arguments: str | bytes | float) -> list[Any]:
        """Run a script. Raises StateLost."""
        return self.connection.run(script, *arguments)

    def engage(self, lock: SharedLock) -> None:
        """Remember a lock that we have in the store, and see to it that we can keep it."""
        if self._keeper is None or self._keeper[0] != os.getpid():
            self._start()
        self.engaged[lock.name] = lock

    def heard(self, world: bytes | int | None, accounts: int) -> None:
        """Remember what an answer told about the rest of the store."""
        if world is not None:
            self.world_version = int(world)
        self.accounts = accounts

    def learn_epoch(self) -> bool:
        """Learn which epoch it is; True when another one has begun."""
        answer = self.connection.run(_EPOCH)
        if answer[0] != b"ok":  # it was started anew, and is empty
            self.on_empty()
            answer = self.connection.run(_EPOCH)
        was, self.epoch, self.salt = self.epoch, answer[1].decode(), answer[2]
        return self.epoch != was

    def words(self, note: Note | None) -> tuple[bytes | int, ...]:
        """Return the last words of a script that writes a line."""
        line, status, shot = note if note is not None else (b"", 0, b"")
        return line, status, *self._room, shot

    def note(self, note: Note | None) -> None:
        """Write a line that belongs to no section."""
        if note is not None:
            self.run(_NOTE, *self.words(note))

    @property
    def process(self) -> str:
        """Return the name of this process, which is known to live from now on."""
        if self._pid != os.getpid():
            self._pid, self._process = os.getpid(), secrets.token_hex(6)
            self._believed = {}
            self._beat()
        return self._process

    def lives(self, process: str) -> bool:
        """Tell whether another process still shows signs of life."""
        now = time.monotonic()
        at, alive = self._believed.get(process, (-_BELIEF_S, False))
        if now - at >= _BELIEF_S:
            alive = bool(self.connection.call("EXISTS", f"{self.connection.prefix}p:{process}"))
            self._believed[process] = now, alive
        return alive

    def keep(self) -> None:
        """Let nobody into what takes us long, and show that we live."""
        held = [(lock.name, lock.held) for lock in list(self.engaged.values())]
        words = [word for name, of in held if of is not None for word in (of[0], name, of[1])]
        if words:
            self.connection.run(_STAY, int(LEASE_S * 1000), *words)
        if self._pid == os.getpid() and time.monotonic() - self._beaten >= self._hold_lease_s / 4:
            self._beat()

    def _beat(self) -> None:
        key = f"{self.connection.prefix}p:{self._process}"
        self.connection.call("SET", key, 1, "PX", max(1, int(self._hold_lease_s * 1000)))
        self._beaten = time.monotonic()

    def _start(self) -> None:
        with self._starting:
            if self._keeper is None or self._keeper[0] != os.getpid():
                pause_s = min(LEASE_S, self._hold_lease_s) / 4
                thread = threading.Thread(target=_keep, args=(weakref.ref(self), pause_s), daemon=True)
                self._keeper = os.getpid(), thread
                thread.start()


class Sitting:
    """A request in one section: ``with`` it, everything is left at its end."""

    __slots__ = ("_link",)

    def __init__(self, link: Link) -> None:
        """Sit at a link."""
        self._link = link

    def __enter__(self) -> None:
        """Begin without any lock: the first one that is taken is kept."""
        self._link.seat.is_open = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave everything, or nothing when the state was lost. Raises StateLost."""
        seat = self._link.seat
        seat.is_open = False
        seat.rise(is_lost=isinstance(error, StateLost))


def _keep(link: weakref.ref[Link], pause_s: float) -> None:
    while True:
        time.sleep(pause_s)
        there = link()
        if there is None:
            return
        try:
            there.keep()
        except StateLost as lost:
            logger.debug("not kept: %s", lost)
        del there
