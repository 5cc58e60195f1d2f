"""All accounts of a namespace: whoever opens or revokes one, every process knows it at once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from ..accounts import OPEN_ACCOUNTS, Account, AccountBook, Key, KeyTaken, is_test_key
from ..losses import StateLost
from . import scripts
from .accounts import SharedAccount, base_of
from .connection import Script

if TYPE_CHECKING:
    from pixelproof.contract import Contract

    from ..clock import Timeline
    from .link import Link

_LOOK_UP, _OPEN, _DROP = Script(scripts.LOOK_UP), Script(scripts.OPEN), Script(scripts.DROP)
_ACCOUNTS = Script(scripts.ACCOUNTS)
#: Epochs that may begin while one question is asked.
_TRIES = 5
#: Copies that a process has, compared with the accounts that unknown keys may open.
_COPIES_TIMES = 2


class SharedBook(AccountBook):
    """The accounts of the store, and this process's copies of those it has met."""

    def __init__(self, link: Link, clock: Timeline, seed: int, contracts: Callable[[], Iterable[Contract]]) -> None:
        """Know nobody yet; ``contracts`` returns those that are served here."""
        super().__init__(clock, seed)
        self._link = link
        self._contracts = contracts
        #: Told after every look at the store, and when everything is to be replaced.
        self.on_look: Callable[[], None]
        self.on_switch: Callable[[bytes, Iterable[tuple[Account, dict[str, Any]]], Mapping[bytes, Key]], None]

    def find(self, profile: str, secret: str) -> Key | None:
        """Return the key as every process knows it, revoked or not, or None."""
        for _ in range(_TRIES):
            owner = self._owner(profile, secret)
            if owner is None:
                return None
            account, key_id = owner
            digest = self.digest(profile, secret)
            if self._freshen(account) and key_id in account.keys:
                key = self._by_digest[digest] = account.keys[key_id]
                return key
            self._forget(account, digest)
        return None

    def account(self, account_id: str) -> Account | None:
        """Return an account as every process knows it."""
        for _ in range(_TRIES):
            account = self._copy(account_id)
            if account is None:
                return None
            if self._freshen(account):
                return account
            self._forget(account, None)
        return None

    def accounts(self) -> tuple[Account, ...]:
        """Return all accounts, oldest first."""
        answer = self._asked(_ACCOUNTS)
        names = [name.decode() for name in answer[1]]
        found = [self.account(name) for name in names]
        for gone in self._by_id.keys() - set(names):
            self._by_id.pop(gone, None)
        return tuple(account for account in found if account is not None)

    def open(self, contract: Contract, secret: str, *, opening: int, by_key: bool) -> Key:
        """Open an account with its first key; of two processes one does. Raises KeyTaken."""
        plain = self._new(contract, secret, opening=opening, by_key=by_key)
        plain.last_seen = plain.clock.now()
        key = self._first_key(plain, secret)
        owner = f"{plain.id} {key.id}"
        base = orjson.dumps(base_of(plain, {}, 0))
        idle = repr(plain.last_seen) if by_key else "-"
        answer = self._asked(
            _OPEN, lambda: (self.digest(contract.profile, secret).hex(), owner, plain.id, base, idle, contract.profile)
        )
        if answer[0] == b"taken" and answer[1].decode() != owner:
            raise KeyTaken(answer[1].decode().partition(" ")[0])
        if answer[0] == b"ok" and int(answer[2]) > OPEN_ACCOUNTS:
            self._link.run(_DROP, self._link.epoch, max(1, OPEN_ACCOUNTS // 10), plain.id)
        account = self._copy(plain.id)
        if account is None or not self._freshen(account):
            raise StateLost("an account went as soon as it was opened")
        return account.keys[key.id]

    def add_key(self, account: Account, secret: str) -> Key:
        """Give an account another key. Raises KeyTaken."""
        if not isinstance(account, SharedAccount):
            raise TypeError("an account of another store")
        digest = self.digest(account.contract.profile, secret)
        with account.lock:
            taken = self._asked(_LOOK_UP, lambda: (digest.hex(),))[1]
            if taken is not None:
                raise KeyTaken(taken.decode().partition(" ")[0])
            billed = not is_test_key(account.contract, secret)
            key = account.new_key(f"key_{secrets.token_hex(6)}", billed=billed)
            account.claim = digest.hex(), f"{account.id} {key.id}"
        return key

    def keys(self) -> dict[bytes, Key]:
        """Return every key by its digest."""
        pairs = self._link.connection.call("HGETALL", f"{self._link.connection.prefix}{self._link.epoch}:keys")
        found: dict[bytes, Key] = {}
        copies = {account.id: account for account in self.accounts()}
        for digest, owner in _paired(pairs):
            account_id, _, key_id = owner.decode().partition(" ")
            key = copies[account_id].keys.get(key_id) if account_id in copies else None
            if key is not None:
                found[bytes.fromhex(digest.decode())] = key
        return found

    def digest(self, profile: str, secret: str) -> bytes:
        """Return what stands for a key in the present epoch."""
        self._salt = self._link.salt
        return super().digest(profile, secret)

    @property
    def salt(self) -> bytes:
        """Return what keys are digested with."""
        return self._link.salt

    def install(self, salt: bytes, accounts: Iterable[Account], keys: Mapping[bytes, Key]) -> None:
        """Replace every account and key, in a new epoch."""
        self.on_switch(salt, [(account, base_of(account, {}, 0)) for account in accounts], keys)

    def clear(self) -> None:
        """Forget every account and key, in a new epoch."""
        self.on_switch(secrets.token_bytes(32), (), {})

    def forget_copies(self) -> None:
        """Know nobody: another epoch has begun."""
        with self._lock:
            self._by_id.clear()
            self._by_digest.clear()

    def _learn_epoch(self) -> None:
        if self._link.learn_epoch():
            self.forget_copies()

    def _first_key(self, plain: Account, secret: str) -> Key:
        billed = not is_test_key(plain.contract, secret)
        key = Key(id=f"key_{secrets.token_hex(6)}", account=plain, billed=billed)
        plain.keys[key.id] = key
        return key

    def _owner(self, profile: str, secret: str) -> tuple[SharedAccount, str] | None:
        known = self._by_digest.get(self.digest(profile, secret))
        if known is not None and isinstance(known.account, SharedAccount):
            return known.account, known.id
        answer = self._asked(_LOOK_UP, lambda: (self.digest(profile, secret).hex(),))
        if answer[1] is None:
            return None
        account_id, _, key_id = answer[1].decode().partition(" ")
        account = self._copy(account_id)
        return (account, key_id) if account is not None else None

    def _copy(self, account_id: str) -> SharedAccount | None:
        """Return this process's copy, a new one where there is none; None for a contract nobody serves here."""
        known = self._by_id.get(account_id)
        if isinstance(known, SharedAccount):
            return known
        profile = self._profile(account_id)
        contract = next((item for item in self._contracts() if item.profile == profile), None)
        if contract is None:
            return None
        with self._lock:
            if len(self._by_id) > _COPIES_TIMES * OPEN_ACCOUNTS:
                self._by_id.clear()  # many of them are gone; who is still here is read again
                self._by_digest.clear()
            known = self._by_id.get(account_id)
            if not isinstance(known, SharedAccount):
                known = self._by_id[account_id] = SharedAccount(self._link, account_id, contract, self._clock.now)
            return known

    def _profile(self, account_id: str) -> str | None:
        key = f"{self._link.connection.prefix}{self._link.epoch}:o:{account_id}"
        profile = self._link.connection.call("HGET", key, "profile")
        return profile.decode() if profile else None

    def _freshen(self, account: SharedAccount) -> bool:
        """Bring a copy up to date; in a request, stay inside from here on. False when the account is gone."""
        if self._link.seat.is_open:
            with account.lock:
                is_there = not account.lock.is_gone
            if not is_there:
                self._link.seat.rise()
        else:
            is_there = account.lock.refresh()
        self.on_look()
        return is_there

    def _forget(self, account: SharedAccount, digest: bytes | None) -> None:
        with self._lock:
            if self._by_id.get(account.id) is account:
                del self._by_id[account.id]
            if digest is not None:
                self._by_digest.pop(digest, None)
        self._learn_epoch()

    def _asked(self, script: Script, words: Callable[[], tuple[str | bytes, ...]] = tuple) -> list[Any]:
        """Run a script in the present epoch, whichever that is."""
        for _ in range(_TRIES):
            answer = self._link.run(script, self._link.epoch, *words())
            if answer[0] != b"epoch":
                return answer
            self._learn_epoch()
        raise StateLost("the state is replaced again and again")


def _paired(pairs: Any) -> Iterable[tuple[bytes, bytes]]:
    # a map in one version of the protocol, a flat list in the other
    return pairs.items() if isinstance(pairs, dict) else zip(pairs[::2], pairs[1::2], strict=True)
