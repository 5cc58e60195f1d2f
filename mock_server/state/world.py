"""Everything that lives as long as the server: clock, accounts, faults, journal, secrets."""

from __future__ import annotations

import itertools
import logging
import secrets
import time
from collections import deque
from contextlib import AbstractContextManager, nullcontext
from threading import RLock
from typing import TYPE_CHECKING

from ..faults import FaultBook
from ..redaction import redacted
from .accounts import AccountBook
from .clock import Timeline, steady_time
from .gallery import Gallery
from .journal import Journal
from .ledgerfile import LedgerFile

if TYPE_CHECKING:
    from pixelproof.settings import MockSettings

    from ..call import Call
    from ..provider import Provider
    from .accounts import Account

logger = logging.getLogger(__name__)

#: Every step of a request locks for itself.
_ALONE = nullcontext()


class World:
    """The state that all providers of one server share."""

    def __init__(self, settings: MockSettings) -> None:
        """Begin at the present instant, with no account."""
        self.settings = settings
        #: Guards what all accounts share whenever somebody changes it.
        self.common: AbstractContextManager[object] = RLock()
        self.clock = Timeline(steady_time())
        self.book = AccountBook(
            self.clock, settings.seed, LedgerFile(settings.ledger_file) if settings.ledger_file else None
        )
        self.faults = FaultBook()
        self.journal = Journal()
        self.gallery = Gallery()
        #: Rupees for a dollar where an account has none of its own; None until somebody sets it.
        self.usd_inr: str | None = None
        #: Signs image URLs; dies with the process, and the URLs with it.
        self.url_secret = secrets.token_bytes(32)
        self.providers: tuple[Provider, ...] = ()
        #: Errors of our own that became a 500: ``pixelproof.testing`` fails the test that caused one.
        self.unexpected: deque[str] = deque(maxlen=100)
        self._numbers = itertools.count(1)
        self._run = secrets.token_hex(4)

    @property
    def faults_open(self) -> bool:
        """Tell whether faults can be injected: never beyond loopback without a token."""
        settings = self.settings
        return settings.faults and (settings.loopback or settings.admin_token is not None)

    @property
    def opens_accounts(self) -> bool:
        """Tell whether an unknown key may open an account of its own."""
        return self.settings.loopback and not self.settings.closed_keys

    def next_request_id(self) -> str:
        """Return an id that no other request of this server has."""
        return f"req_{self._run}{next(self._numbers):08x}"

    def sitting(self) -> AbstractContextManager[None]:
        """Return what surrounds the steps of one request, its line in the journal among them."""
        return _ALONE

    def wait(self, call: Call, seconds: float) -> None:  # noqa: ARG002 - a shared world needs to know who waits
        """Let a request wait, outside of any lock."""
        time.sleep(seconds)

    def catch_up(self) -> None:
        """Learn what other processes changed: there are none."""

    def is_ready(self) -> bool:
        """Tell whether requests can be answered."""
        return bool(self.providers)

    def in_worker(self) -> None:
        """Begin in the process that serves, which may be a fork of the one that made this world."""

    def provider_of(self, account: Account) -> Provider:
        """Return the provider that an account belongs to."""
        return next(provider for provider in self.providers if provider.profile == account.contract.profile)

    def settle(self, account: Account) -> None:
        """Settle what is due for an account: before anybody looks at its money."""
        provider = self.provider_of(account)
        with account.lock:
            provider.seams.settle(provider, account, account.clock.now())

    def now_of(self, raw_id: bytes) -> float:
        """Return the instant on the clock of an account, on everybody's when it is gone."""
        account = self.book.account(f"acc_{raw_id.hex()}")
        return account.clock.now() if account is not None else self.clock.now()

    def note_unexpected(self, error: BaseException, request_id: str) -> None:
        """Keep and log an error of our own."""
        self.unexpected.append(redacted(f"{request_id}: {type(error).__name__}: {error}"))
        logger.error("unexpected error in %s", request_id, exc_info=error)

    def reset(self) -> list[str]:
        """Clear all state and return what was cleared; the clock never goes back."""
        with self.common:
            self.faults.take_down()
            self.unexpected.clear()
            self.clock.resume()
            self.usd_inr = None
            self.book.clear()
        self.journal.forget()
        self.gallery.forget()
        return ["accounts", "tasks", "artifacts", "faults", "requests", "clock", "forex"]
