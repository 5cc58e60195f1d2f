"""The lock of one shared object: whoever is inside has its newest state, and leaves its changes as one entry."""

from __future__ import annotations

import random
import secrets
import time
from itertools import count
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any, Protocol, Self

import orjson

from ..losses import StateLost
from . import scripts
from .connection import Script

if TYPE_CHECKING:
    from types import TracebackType

    from .link import Link, Note

#: Seconds for which a lock is taken. Who works longer is let stay by the keeper; who is killed keeps it no longer.
LEASE_S = 3.0
#: Longest wait for somebody else, before the request is turned away.
_WAIT_S = 15.0
#: First and longest pause between two tries, in seconds.
_FIRST_S, _LONGEST_S = 0.0003, 0.002
#: Threads of this process that follow one another before another process that waits gets its turn,
#: and how long they then stand back: longer than it pauses.
_FOLLOWERS, _BACK_S = 16, 0.003
#: A log shorter than this is never folded, and one of twice its base always is.
_LOG_BYTES, _LOG_TIMES = 64 * 1024, 2

_ENTER, _COMMIT, _LEAVE = Script(scripts.ENTER), Script(scripts.COMMIT), Script(scripts.LEAVE)
_NOTHING = b""
_STALE = -1


class Replica(Protocol):
    """This process's copy of a shared object."""

    #: The digest of a new key and its owner, to be claimed with the next entry.
    claim: tuple[str, str] | None

    def load(self, state: dict[str, Any]) -> None:
        """Become what :meth:`dump` told."""

    def dump(self) -> dict[str, Any]:
        """Return the whole state."""

    def apply(self, entry: dict[str, Any]) -> None:
        """Do what another process did."""

    def collect(self) -> dict[str, Any] | None:
        """Return what was changed since the last entry, None for nothing."""

    def entered(self, accounts: int) -> None:
        """Look around after everything is up to date; what it changes is part of the section."""

    def idle_since(self) -> str:
        """Return when the object was last asked for, '' while it must not be dropped, '-' when it never is."""


class SharedLock:
    """Reentrant, for ``with``; as a block of memory's lock, but whole in the store, or not at all."""

    def __init__(self, link: Link, name: str, replica: Replica) -> None:
        """Guard the object ``name``, of which nothing is known yet."""
        self._link = link
        self._name = name
        self._replica = replica
        self.epoch = link.epoch
        self.version = _STALE
        #: The object is not in the store any more: what is still done to it concerns nobody.
        self.is_gone = False
        self._local = RLock()
        self._depth = 0
        self._entries = count(1)
        self._token = ""
        self._until = self._back_until = 0.0
        self._waiting = 0
        self._counting = Lock()
        self._followers = 0
        self._base_bytes = self._log_bytes = 0

    def __enter__(self) -> Self:
        """Come in with the newest state. Raises StateLost."""
        self._wait_here()
        if self._depth:
            self._depth += 1
            return self
        try:
            self._engage()
            self._depth = 1
            if not self.is_gone:
                self._replica.entered(self._link.accounts)
        except BaseException:
            self._depth = 0
            self._forget()
            self._local.release()
            raise
        self._link.seat.take(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the changes. Raises StateLost when they cannot be left: then nothing was changed."""
        self.leave(None, is_lost=isinstance(error, StateLost))

    def stay(self) -> None:
        """Stay inside until :meth:`leave` is called once more."""
        self._local.acquire()
        self._depth += 1

    def leave(self, note: Note | None, *, is_lost: bool) -> None:
        """Leave, with a line for the journal; ``is_lost`` throws away what was changed."""
        try:
            if self._depth == 1:
                if is_lost:
                    self._forget()
                else:
                    self._commit(note)
        finally:
            self._depth -= 1
            self._local.release()

    def refresh(self) -> bool:
        """Learn what others did, without keeping them out; False when the object is gone."""
        self._wait_here()
        try:
            if not self._depth and not self.is_gone:
                self._take_in(self._asked(_NOTHING))
                if self._token and not self._waiting:
                    self._let_go()  # handed over to us, who only wanted to look
            return not self.is_gone
        finally:
            self._local.release()

    def move(self) -> None:
        """Guard the object of the same name in the present epoch."""
        self._wait_here()
        try:
            self.epoch, self.version, self.is_gone, self._token = self._link.epoch, _STALE, False, ""
        finally:
            self._local.release()

    @property
    def held(self) -> tuple[str, str] | None:
        """Return epoch and token while somebody of this process is inside, None otherwise."""
        return (self.epoch, self._token) if self._depth and self._token else None

    @property
    def name(self) -> str:
        """Return the name of the object."""
        return self._name

    def _wait_here(self) -> None:
        if self._local.acquire(blocking=False):
            return
        with self._counting:
            self._waiting += 1
        try:
            is_ours = self._local.acquire(timeout=2 * _WAIT_S)
        finally:
            with self._counting:
                self._waiting -= 1
        if not is_ours:
            raise StateLost(f"{self._name} was busy for too long")

    def _engage(self) -> None:
        if self._token and time.monotonic() < self._until:
            return  # a thread of this process has just handed it over
        self._token, self._followers = secrets.token_hex(8), 0
        if self._back_until:
            time.sleep(max(0.0, self._back_until - time.monotonic()))
            self._back_until = 0.0
        pause_s, deadline = _FIRST_S, time.monotonic() + _WAIT_S
        while not self.is_gone and not self._take_in(self._asked(self._token.encode())):
            if time.monotonic() > deadline:
                raise StateLost(f"{self._name} was busy for too long")
            time.sleep(pause_s * (0.5 + random.random()))  # noqa: S311 - no secret, only a spread
            pause_s = min(_LONGEST_S, 2 * pause_s)
        if not self.is_gone:
            self._link.engage(self)

    def _asked(self, token: bytes) -> list[Any]:
        self._until = time.monotonic() + LEASE_S / 2
        return self._link.run(_ENTER, self.epoch, self._name, token, int(LEASE_S * 1000), self.version)

    def _take_in(self, answer: list[Any]) -> bool:
        """Take in the answer to a question; False when somebody else is inside."""
        status = answer[0]
        if status == b"busy":
            return False
        if status != b"ok":
            self.is_gone = True
            self._token = ""
            return True
        _, version, world, accounts, base_bytes, log_bytes, base, entries = answer
        if base:
            self._replica.load(orjson.loads(base))
        for entry in entries:
            self._replica.apply(orjson.loads(entry))
        self.version, self._base_bytes, self._log_bytes = int(version), int(base_bytes), int(log_bytes)
        self._link.heard(world, accounts)
        return True

    def _commit(self, note: Note | None) -> None:
        if self.is_gone:
            self._link.note(note)
            return
        entry = self._replica.collect()
        keep = 0 if not self._waiting else 1 if self._followers < _FOLLOWERS else 2
        self._followers += 1
        if entry is None and note is None and keep == 1:
            return
        if entry is None and note is None:
            self._let_go()
            return
        try:
            answer = self._sent(orjson.dumps(entry) if entry is not None else _NOTHING, note, keep=keep)
        except BaseException:
            self._forget()
            raise
        if answer[0] == b"taken" or (answer[0] == b"fenced" and entry is not None):
            self._forget()
            raise StateLost(f"{self._name} was taken over meanwhile")
        if answer[0] != b"ok" or not answer[3]:
            self._token = ""
            self._link.engaged.pop(self._name, None)
            self._back_until = time.monotonic() + _BACK_S if keep else 0.0
        self.is_gone = answer[0] == b"gone"
        if answer[0] == b"ok":
            self.version = int(answer[1])
            self._link.heard(answer[2], self._link.accounts)

    def _sent(self, entry: bytes, note: Note | None, *, keep: int) -> list[Any]:
        base = _NOTHING
        if entry:
            self._log_bytes += len(entry)
            if self._log_bytes > max(_LOG_BYTES, _LOG_TIMES * self._base_bytes):
                base = orjson.dumps(self._replica.dump())
                self._base_bytes, self._log_bytes = len(base), 0
        claim = self._replica.claim or ("", "")
        self._replica.claim = None
        self._until = time.monotonic() + LEASE_S / 2
        return self._link.run(
            _COMMIT,
            self.epoch,
            self._name,
            self._token,
            int(LEASE_S * 1000),
            keep,
            f"{self._token}{next(self._entries)}",
            self.version,
            entry,
            base,
            self._replica.idle_since(),
            *claim,
            *self._link.words(note),
        )

    def _let_go(self) -> None:
        token, self._token = self._token, ""
        self._link.engaged.pop(self._name, None)
        self._link.run(_LEAVE, self.epoch, self._name, token)

    def _forget(self) -> None:
        """Throw this copy away: the next one inside gets the state of the store."""
        self.version = _STALE
        try:
            if self._token:
                self._let_go()
        except StateLost:
            self._token = ""  # it expires by itself
