"""One account as this process knows it: replayed from its log, and watched while it is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..accounts import LEDGER_LEAST, LEDGER_ROOM, Account, Key
from ..clock import Timeline
from ..states import KEY_PLAIN, account_state, artifact_of, artifact_state, job_of, job_state, key_state, plain_of
from .locks import SharedLock
from .orphans import Orphans, Reservation
from .recorded import Deed, RecordedArtifacts, RecordedJobs, RecordedLedger, RecordedWindow, RecordedWindows

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixelproof.contract import Contract

    from ...call import Call
    from .link import Link

#: Fields of an account that are compared by value.
_PLAIN = ("tier", "limits", "in_flight", "last_seen", "usd_inr", "task_polls")


class SharedAccount(Account):
    """An account whose lock makes every section one entry of a log."""

    __slots__ = ("_counted", "_failed", "_known", "_known_keys", "_link", "_taken", "claim", "reserved")

    lock: SharedLock

    def __init__(self, link: Link, account_id: str, contract: Contract, now: Callable[[], float]) -> None:
        """Know nothing of the account but its name; the first look at the store tells the rest."""
        self._link = link
        self._counted: list[str] = []
        self._failed: list[Deed] = []
        self._taken: list[Deed] = []
        self._known: dict[str, Any] = {}
        self._known_keys: dict[str, tuple[Any, ...]] = {}
        self.claim: tuple[str, str] | None = None
        #: Requests that wait outside of any section, by their ids.
        self.reserved: dict[str, Reservation] = {}
        super().__init__(
            id=account_id,
            raw_id=bytes.fromhex(account_id.removeprefix("acc_")),
            contract=contract,
            ledger=RecordedLedger(0, 0.0, cap=LEDGER_LEAST),
            clock=Timeline(now),
            seed=b"",
            opened_by_key=False,
            lock=SharedLock(link, account_id, self),
            windows=RecordedWindows("", self._taken),
            jobs=RecordedJobs(),
            artifacts=RecordedArtifacts(),
        )

    def ordinal(self, fingerprint: bytes) -> int:
        """Count the requests with this fingerprint, in all processes."""
        number = super().ordinal(fingerprint)
        self._counted.append(fingerprint.hex())
        return number

    def failed_before(self, name: str, fingerprint: bytes) -> int:
        """Count a failure on demand of this request, in all processes."""
        self._failed.append([name, fingerprint.hex()])
        return super().failed_before(name, fingerprint)

    def new_key(self, key_id: str, *, billed: bool) -> Key:
        """Return another key of this account. Call under the lock."""
        key = Key(id=key_id, account=self, billed=billed, windows=RecordedWindows(key_id, self._taken))
        self.keys[key_id] = key
        return key

    def reserve(self, call: Call) -> None:
        """Write down what a request has taken before it waits outside of the lock. Call under the lock."""
        self._link.waiting.add(call.request_id)
        self.reserved[call.request_id] = Reservation.of(call, self._link.process)

    def return_to(self, call: Call) -> bool:
        """Take a request in again; False when what it had was given back meanwhile. Call under the lock."""
        self._link.waiting.discard(call.request_id)
        return self.lock.is_gone or self.reserved.pop(call.request_id, None) is not None

    def entered(self, accounts: int) -> None:
        """Keep to the room that is there for each of so many accounts, and clear up after dead processes."""
        room = max(LEDGER_LEAST, LEDGER_ROOM // (1 << max(0, accounts.bit_length() - 1)))
        if self.ledger.cap != room:
            self.keep_to(room)
        if self.reserved:
            Orphans(self._link, self).release()

    def idle_since(self) -> str:
        """Return when the account was last asked for; one with requests that wait is never dropped."""
        if not self.opened_by_key:
            return "-"
        return "" if self.in_flight or self.reserved else repr(self.last_seen)

    def load(self, state: dict[str, Any]) -> None:
        """Become the account of a state, every part the same object as before."""
        self.seed = bytes.fromhex(state["seed"])
        self.opened_by_key = bool(state["opened_by_key"])
        self.epoch = state["epoch"]
        self.ordinals.clear()
        self.ordinals.update((bytes.fromhex(name), number) for name, number in state["ordinals"].items())
        self.failures.clear()
        self.failures.update(((name, bytes.fromhex(text)), times) for name, text, times in state["failures"])
        self._ledger.become(state["ledger"])
        self._windows.become(state["windows"])
        for item in state["keys"]:
            self._put_key(item)
        self._jobs.become((job_of(item) for item in state["tasks"]), state["caps"][3])
        self._artifacts.become(artifact_of(item) for item in state["artifacts"])
        self.reserved = {name: Reservation(**item) for name, item in state["reserved"].items()}
        self._set({**{name: state[name] for name in _PLAIN}, "clock": state["clock"], "caps": state["caps"]})
        self._told()

    def dump(self) -> dict[str, Any]:
        """Return the whole account, for :meth:`load`."""
        now = self.clock.now()
        for windows in (self.windows, *(key.windows for key in self.keys.values())):
            for window in windows.values():
                window.used(now)
        return base_of(self, self.reserved, self._jobs.crowded)

    def apply(self, entry: dict[str, Any]) -> None:
        """Do what another process did, in the same order within each part."""
        self._set(entry.get("plain", {}))
        for item in entry.get("new_keys", ()):
            self._put_key(item)
        for key_id, item in entry.get("keys", {}).items():
            _give(self.keys[key_id], item)
        for text in entry.get("counted", ()):
            super().ordinal(bytes.fromhex(text))
        for name, text in entry.get("failed", ()):
            super().failed_before(name, bytes.fromhex(text))
        for deed in entry.get("ledger", ()):
            self._ledger.redo(deed)
        for owner, name, length_s, at, weight in entry.get("windows", ()):
            windows = self.windows if not owner else self.keys[owner].windows
            window = windows.opened(name, length_s)
            if isinstance(window, RecordedWindow):
                window.redo(at, weight)
        self._apply_tasks(entry)
        self._told()

    def collect(self) -> dict[str, Any] | None:
        """Return what was done here since the last entry, None for nothing."""
        jobs, artifacts, plain = self._jobs, self._artifacts, self._plain()
        parts: dict[str, Any] = {
            "plain": {name: value for name, value in plain.items() if value != self._known.get(name)},
            "new_keys": [key_state(key) for key in self.keys.values() if key.id not in self._known_keys],
            "keys": self._changed_keys(),
            "counted": self._counted,
            "failed": self._failed,
            "ledger": self._ledger.deeds,
            "windows": self._taken,
            "filed": [job_state(job) for job in jobs.filed.values()],
            "tasks": [job_state(job) for job in jobs.changed()],
            "gone": jobs.gone,
            "artifacts": [artifact_state(item) for item in artifacts.kept],
            "reserved": self._changed_reservations(),
        }
        entry = {name: [*part] if isinstance(part, list) else part for name, part in parts.items() if part}
        self._told(plain)
        return entry or None

    @property
    def _ledger(self) -> RecordedLedger:
        return self.ledger  # type: ignore[return-value]  # made in __init__, and never another one

    @property
    def _windows(self) -> RecordedWindows:
        return self.windows  # type: ignore[return-value]  # the same

    @property
    def _jobs(self) -> RecordedJobs:
        return self.jobs  # type: ignore[return-value]  # the same

    @property
    def _artifacts(self) -> RecordedArtifacts:
        return self.artifacts  # type: ignore[return-value]  # the same

    def _plain(self) -> dict[str, Any]:
        caps = [self.ledger.cap, self.jobs.cap, self.artifacts.cap, self._jobs.crowded]
        own = {name: plain_of(getattr(self, name)) for name in _PLAIN}
        return {**own, "clock": [*self.clock.state()], "caps": caps}

    def _set(self, plain: Mapping[str, Any]) -> None:
        for name, value in plain.items():
            if name == "clock":
                self.clock.restore(*value)
            elif name == "caps":
                self.ledger.cap, self.jobs.cap, self.artifacts.cap, self._jobs.crowded = value
            else:
                setattr(self, name, value)

    def _put_key(self, state: dict[str, Any]) -> None:
        key = self.keys.get(state["id"])
        if key is None:
            key = Key(id=state["id"], account=self, windows=RecordedWindows(state["id"], self._taken))
            self.keys[key.id] = key
        _give(key, state)
        if isinstance(key.windows, RecordedWindows):
            key.windows.become(state["windows"])

    def _apply_tasks(self, entry: dict[str, Any]) -> None:
        for item in entry.get("filed", ()):
            self._jobs.redo(job_of(item), is_new=True)
        for item in entry.get("tasks", ()):
            self._jobs.redo(job_of(item), is_new=False)
        for name in entry.get("gone", ()):
            self._jobs.drop(name)
        for item in entry.get("artifacts", ()):
            self._artifacts.redo(artifact_of(item))
        for name, item in entry.get("reserved", {}).items():
            if item is None:
                self.reserved.pop(name, None)
            else:
                self.reserved[name] = Reservation(**item)

    def _changed_keys(self) -> dict[str, Any]:
        return {
            key.id: {name: value for name, value in _worn(key).items() if name in {*KEY_PLAIN, "scopes"}}
            for key in self.keys.values()
            if key.id in self._known_keys and _values(key) != self._known_keys[key.id]
        }

    def _changed_reservations(self) -> dict[str, Any]:
        known = self._known.get("reserved", {})
        new = {name: item.plain() for name, item in self.reserved.items() if name not in known}
        return {**new, **dict.fromkeys(known.keys() - self.reserved.keys())}

    def _told(self, plain: dict[str, Any] | None = None) -> None:
        self._counted, self._failed = [], []
        self._taken.clear()
        self._ledger.deeds.clear()
        self._jobs.settle_down()
        self._artifacts.kept.clear()
        self._known = {**(plain or self._plain()), "reserved": dict(self.reserved)}
        self._known_keys = {key.id: _values(key) for key in self.keys.values()}


def base_of(account: Account, reserved: Mapping[str, Reservation], crowded: int) -> dict[str, Any]:
    """Return a whole account as a shared store keeps it."""
    return {
        **account_state(account),
        "in_flight": account.in_flight,
        "caps": [account.ledger.cap, account.jobs.cap, account.artifacts.cap, crowded],
        "reserved": {name: item.plain() for name, item in reserved.items()},
    }


def _worn(key: Key) -> dict[str, Any]:
    plain = {name: plain_of(getattr(key, name)) for name in KEY_PLAIN}
    return {**plain, "scopes": sorted(key.scopes) if key.scopes is not None else None}


def _values(key: Key) -> tuple[Any, ...]:
    return (key.scopes, key.tier, key.limits, key.budget, key.spent, key.billed, key.revoked)


def _give(key: Key, state: Mapping[str, Any]) -> None:
    for name in KEY_PLAIN:
        setattr(key, name, state[name])
    key.scopes = frozenset(state["scopes"]) if state["scopes"] is not None else None
