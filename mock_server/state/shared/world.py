"""The world of a server whose state other processes share."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from pixelproof.problems import BadUsage, Unreachable

from ...faults import FaultBook
from ..accounts import Account, Key
from ..clock import Timeline, steady_time
from ..gallery import REQUESTS
from ..losses import StateLost
from ..world import World
from . import scripts
from .accounts import SharedAccount
from .book import SharedBook
from .commons import Commons
from .connection import Connection, Script, read_address
from .gallery import SharedGallery
from .journal import ROOM, SharedJournal
from .link import Link, Sitting
from .locks import SharedLock

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from pixelproof.settings import MockSettings

    from ...call import Call

logger = logging.getLogger(__name__)

_BEGIN, _SWITCH = Script(scripts.BEGIN), Script(scripts.SWITCH)
#: What all accounts share is one more object of the store.
_COMMONS = "world"


class SharedWorld(World):
    """A world of which this process has a copy."""

    def __init__(self, settings: MockSettings) -> None:
        """Join the namespace that ``--state`` names. Raises BadUsage and Unreachable."""
        super().__init__(settings)
        connection = Connection(read_address(settings.state))
        connection.greet()
        self._link = link = Link(connection, settings.hold_lease_s, (*ROOM, REQUESTS))
        self.clock = Timeline(steady_time())
        self.journal = SharedJournal(link)
        self.gallery = SharedGallery(link, self)
        self.faults = FaultBook()
        self._commons = Commons(self, self.clock, self.faults)
        served = lambda: (provider.contract for provider in self.providers)  # noqa: E731 - known later
        self.book = self._book = SharedBook(link, self.clock, settings.seed, served)
        self._book.on_look = self._keep_up
        self._book.on_switch = self._switch
        link.on_empty = self._join_again
        try:
            self._join()
            link.learn_epoch()
            self.common = self._lock = SharedLock(link, _COMMONS, self._commons)
            self._lock.refresh()
        except StateLost as lost:
            raise Unreachable(str(lost), "start the store, or correct --state") from None
        self.faults.lock = self._lock

    def sitting(self) -> AbstractContextManager[None]:
        """Return the one section in which a request does everything."""
        return Sitting(self._link)

    def wait(self, call: Call, seconds: float) -> None:
        """Wait outside of the section, so that others get in; what the request has taken stays written down."""
        account, seat = call.account, self._link.seat
        if not isinstance(account, SharedAccount) or not seat.is_open:
            super().wait(call, seconds)
            return
        with account.lock:
            account.reserve(call)
        try:
            seat.rise()
            super().wait(call, seconds)
            with account.lock:
                if not account.return_to(call):
                    raise StateLost("what the request had taken was given back meanwhile")
        finally:
            self._link.waiting.discard(call.request_id)

    def catch_up(self) -> None:
        """Learn what other processes changed for everybody. Raises StateLost."""
        if self._link.learn_epoch():
            self._book.forget_copies()
        self._link.world_version = -1
        self._keep_up()

    def is_ready(self) -> bool:
        """Tell whether the store answers."""
        try:
            self.catch_up()
        except StateLost:
            return False
        return super().is_ready()

    def note_unexpected(self, error: BaseException, request_id: str) -> None:
        """Keep and log an error of our own, where every process sees it."""
        try:
            with self.common:
                super().note_unexpected(error, request_id)
        except StateLost as lost:
            logger.warning("an unexpected error is known to this process alone: %s", lost)

    def in_worker(self) -> None:
        """Begin anew in a process that was forked: with sockets and ids of its own."""
        self._run = secrets.token_hex(4)
        self._link.connection.close()

    def _join_again(self) -> None:
        """Join a store that has lost everything. Raises StateLost when others have joined it with another seed."""
        try:
            self._join()
        except BadUsage as error:
            raise StateLost(str(error)) from None

    def _join(self) -> None:
        connection = self._link.connection
        base = orjson.dumps(self._commons.dump())
        seed = str(self.settings.seed)
        found = connection.run(_BEGIN, seed, secrets.token_bytes(32), secrets.token_hex(6), base)[0].decode()
        if found != seed:
            place = f"{connection.address.shown}?namespace={connection.address.namespace}"
            raise BadUsage(f"the state at {place} has the seed {found}", f"use --seed {found}, or another namespace")

    def _keep_up(self) -> None:
        """Take over what all share when another process has changed it, or everything."""
        if self._lock.is_gone or self._lock.epoch != self._link.epoch:
            self._lock.move()
            self._lock.refresh()
        elif self._lock.version != self._link.world_version:
            self._lock.refresh()

    def _switch(
        self, salt: bytes, accounts: Iterable[tuple[Account, dict[str, Any]]], keys: Mapping[bytes, Key]
    ) -> None:
        """Begin a new epoch with these accounts and the present commons. Call under the lock of the commons."""
        connection = self._link.connection
        epoch = secrets.token_hex(6)
        within = f"{connection.prefix}{epoch}:"
        connection.call("SET", f"{within}salt", salt)
        self._put(f"{within}o:{_COMMONS}", self._commons.dump(), "")
        for position, (account, base) in enumerate(accounts):
            self._put(f"{within}o:{account.id}", base, account.contract.profile)
            connection.call("ZADD", f"{within}accounts", position, account.id)
            if account.opened_by_key:
                connection.call("ZADD", f"{within}idle", repr(account.last_seen), account.id)
        for digest, key in keys.items():
            connection.call("HSET", f"{within}keys", digest.hex(), f"{key.account.id} {key.id}")
            connection.call("SADD", f"{within}d:{key.account.id}", digest.hex())
        connection.call("SET", f"{within}opened", self._link.accounts + len(keys))
        connection.run(_SWITCH, epoch)
        self._link.learn_epoch()
        self._book.forget_copies()

    def _put(self, key: str, state: dict[str, Any], profile: str) -> None:
        base = orjson.dumps(state)
        words = ("v", 1, "bv", 1, "base", base, "b", len(base), "n", 0, "profile", profile)
        self._link.connection.call("HSET", key, *words)
