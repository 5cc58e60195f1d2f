"""Accounts and their keys: each account is a universe, each key a way into it."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Lock, RLock

from pixelproof.contract import Contract
from pixelproof.ledger import Ledger

from .artifacts import ArtifactStore
from .clock import Timeline
from .jobs import JobBook
from .ledgerfile import LedgerFile
from .windows import Windows

#: Accounts that unknown keys may open before the oldest idle ones are dropped.
OPEN_ACCOUNTS = 10_000
#: Ledger entries kept by all accounts together, and by each at least.
LEDGER_ROOM, LEDGER_LEAST = 100_000, 1_000
#: Ledger entries in whose place one task is kept, and artifacts in proportion to tasks.
ENTRIES_PER_TASK, ARTIFACTS_PER_TASK = 10, 5
#: Failing requests that an account counts.
FAILURES = 2_000


@dataclass(slots=True, kw_only=True, eq=False)
class Key:
    """One key of an account; ``scopes`` None means all, ``budget`` None means none set."""

    id: str
    account: Account
    scopes: frozenset[str] | None = None
    tier: str | None = None
    limits: Mapping[str, int | None] = field(default_factory=dict)
    budget: int | None = None
    spent: int = 0
    billed: bool = True
    revoked: bool = False
    windows: Windows = field(default_factory=Windows)


@dataclass(slots=True, kw_only=True, eq=False)
class Account:
    """A wallet, a clock, counters and keys; everything behind ``lock``."""

    id: str
    raw_id: bytes
    contract: Contract
    ledger: Ledger
    clock: Timeline
    seed: bytes
    opened_by_key: bool
    #: Reentrant: settling calls steps that lock by themselves.
    lock: AbstractContextManager[object] = field(default_factory=RLock)
    keys: dict[str, Key] = field(default_factory=dict)
    tier: str | None = None
    limits: Mapping[str, int | None] = field(default_factory=dict)
    windows: Windows = field(default_factory=Windows)
    in_flight: int = 0
    last_seen: float = 0.0
    ordinals: dict[bytes, int] = field(default_factory=dict)
    epoch: int = 0
    failures: dict[tuple[str, bytes], int] = field(default_factory=dict)
    #: Rupees for a dollar in this universe, None for everybody's.
    usd_inr: str | None = None
    #: Looks after which a task is final; None lets time decide, as the contract says.
    task_polls: int | None = None
    jobs: JobBook = field(default_factory=JobBook)
    artifacts: ArtifactStore = field(default_factory=ArtifactStore)

    def keep_to(self, entries: int) -> None:
        """Keep so many ledger entries and fingerprints, tasks and artifacts in proportion: accounts share memory."""
        self.ledger.cap = entries
        self.jobs.cap = entries // ENTRIES_PER_TASK
        self.artifacts.cap = entries // ENTRIES_PER_TASK * ARTIFACTS_PER_TASK

    def ordinal(self, fingerprint: bytes) -> int:
        """Count the requests with this fingerprint: 0 for the first. Call under the lock.

        As many fingerprints are known as ledger entries; then a new epoch of ordinals begins.
        """
        if len(self.ordinals) >= self.ledger.cap:
            self.ordinals.clear()
            self.epoch += 1
        number = self.ordinals.get(fingerprint, 0)
        self.ordinals[fingerprint] = number + 1
        return self.epoch << 32 | number

    def fails_again(self, name: str, fingerprint: bytes, times: int) -> bool:
        """Count a "fail N times, then succeed" of this request; True while it still fails."""
        with self.lock:
            return self.failed_before(name, fingerprint) < times

    def failed_before(self, name: str, fingerprint: bytes) -> int:
        """Count a failure on demand of this request; return how many there were before. Call under the lock."""
        if len(self.failures) >= FAILURES:
            self.failures.clear()
        done = self.failures.get((name, fingerprint), 0)
        self.failures[(name, fingerprint)] = done + 1
        return done


class KeyTaken(ValueError):
    """The key is known already; ``account_id`` owns it."""

    def __init__(self, account_id: str) -> None:
        super().__init__(f"the key belongs to {account_id}")
        self.account_id = account_id


class AccountBook:
    """All accounts. Keys are kept as salted digests only."""

    def __init__(self, clock: Timeline, seed: int, file: LedgerFile | None = None) -> None:
        """Begin empty; ``seed`` makes the images of equal keys equal in every run, ``file`` keeps folded entries."""
        self._file = file
        self._clock = clock
        self._seed = str(seed).encode()
        self._salt = secrets.token_bytes(32)
        self._lock = Lock()
        self._by_id: dict[str, Account] = {}
        self._by_digest: dict[bytes, Key] = {}
        self._opened = 0

    def digest(self, profile: str, secret: str) -> bytes:
        """Return what stands for a key: the same string under two profiles is two keys."""
        text = f"{profile}\0{secret}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, key=self._salt, digest_size=16).digest()

    def find(self, profile: str, secret: str) -> Key | None:
        """Return the key, revoked or not, or None."""
        return self._by_digest.get(self.digest(profile, secret))

    def account(self, account_id: str) -> Account | None:
        """Return an account by its id."""
        return self._by_id.get(account_id)

    def accounts(self) -> tuple[Account, ...]:
        """Return all accounts, oldest first."""
        with self._lock:
            return tuple(self._by_id.values())

    def open(self, contract: Contract, secret: str, *, opening: int, by_key: bool) -> Key:
        """Open an account with its first key. Raises KeyTaken."""
        with self._lock:
            digest = self._free(contract.profile, secret)
            account = self._new(contract, secret, opening=opening, by_key=by_key)
            self._by_id[account.id] = account
            self._opened += by_key
            self._make_room()
            return self._attach(account, digest, secret)

    def add_key(self, account: Account, secret: str) -> Key:
        """Give an account another key. Raises KeyTaken."""
        with self._lock:
            return self._attach(account, self._free(account.contract.profile, secret), secret)

    def keys(self) -> dict[bytes, Key]:
        """Return every key by its digest."""
        with self._lock:
            return dict(self._by_digest)

    @property
    def salt(self) -> bytes:
        """Return what keys are digested with."""
        return self._salt

    def install(self, salt: bytes, accounts: Iterable[Account], keys: Mapping[bytes, Key]) -> None:
        """Replace every account and key; the digests were made with ``salt``."""
        with self._lock:
            self._salt = salt
            self._by_id = {account.id: account for account in accounts}
            for account in self._by_id.values():
                self._keep_folded(account.ledger, account.id, account.contract)
            self._by_digest = dict(keys)
            self._opened = sum(account.opened_by_key for account in self._by_id.values())

    def clear(self) -> None:
        """Forget every account and key."""
        with self._lock:
            self._by_id.clear()
            self._by_digest.clear()
            self._opened = 0

    def _new(self, contract: Contract, secret: str, *, opening: int, by_key: bool) -> Account:
        raw = secrets.token_bytes(6)
        name = f"acc_{raw.hex()}"
        ledger = Ledger(opening, self._clock.now())
        self._keep_folded(ledger, name, contract)
        return Account(
            id=name,
            raw_id=raw,
            contract=contract,
            ledger=ledger,
            clock=Timeline(self._clock.now),
            seed=self._universe(contract.profile, secret),
            opened_by_key=by_key,
        )

    def _keep_folded(self, ledger: Ledger, account_id: str, contract: Contract) -> None:
        if self._file is not None:
            ledger.archive = self._file.archive(account_id, contract)

    def _free(self, profile: str, secret: str) -> bytes:
        digest = self.digest(profile, secret)
        taken = self._by_digest.get(digest)
        if taken is not None:
            raise KeyTaken(taken.account.id)
        return digest

    def _attach(self, account: Account, digest: bytes, secret: str) -> Key:
        billed = not is_test_key(account.contract, secret)
        key = Key(id=f"key_{secrets.token_hex(6)}", account=account, billed=billed)
        account.keys[key.id] = key
        self._by_digest[digest] = key
        return key

    def _universe(self, profile: str, secret: str) -> bytes:
        text = f"{profile}\0{secret}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, key=self._seed, digest_size=16).digest()

    def _make_room(self) -> None:
        if self._opened > OPEN_ACCOUNTS:
            self._drop_idle()
        count = len(self._by_id)
        if count & (count - 1) == 0:
            room = max(LEDGER_LEAST, LEDGER_ROOM // count)
            for account in self._by_id.values():
                account.keep_to(room)
        else:
            last = next(reversed(self._by_id.values()))
            last.keep_to(max(LEDGER_LEAST, LEDGER_ROOM // count))

    def _drop_idle(self) -> None:
        newest = next(reversed(self._by_id))
        idle = [a for a in self._by_id.values() if a.opened_by_key and not a.in_flight and a.id != newest]
        idle.sort(key=lambda account: account.last_seen)
        gone = {account.id for account in idle[: max(1, OPEN_ACCOUNTS // 10)]}
        self._by_id = {name: account for name, account in self._by_id.items() if name not in gone}
        self._by_digest = {d: key for d, key in self._by_digest.items() if key.account.id not in gone}
        self._opened -= len(gone)


def well_formed(contract: Contract, secret: str) -> bool:
    """Tell whether a key may exist at all: it fits the pattern and does not say that it is invalid."""
    return "invalid" not in secret.lower() and re.fullmatch(contract.auth.key_pattern, secret) is not None


def is_test_key(contract: Contract, secret: str) -> bool:
    """Tell whether a key is one that the provider never bills, by its form."""
    test_keys = contract.auth.test_keys
    return test_keys is not None and re.search(test_keys.key_pattern, secret) is not None


def mint(contract: Contract, *, billed: bool = True) -> str:
    """Return a fresh key in the provider's form: that of its test keys for one that is not billed."""
    test_keys = contract.auth.test_keys
    form = contract.auth.mint if billed or test_keys is None else test_keys.mint
    return form.format(token=secrets.token_hex(16))
