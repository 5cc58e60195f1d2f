"""The wallet of one account: an append-only, numbered ledger in whole units.

``amount`` is the signed effect of an entry on ``balance``, the money that is free to
spend. A hold takes money out of it, a capture (release and charge in one step) spends
it. The invariant at any instant: opening + top-ups + adjustments = balance + held +
charged - refunded. Not thread-safe: the owner of the account holds its lock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, Self

from pixelproof.contract import Json, Overdraft
from pixelproof.money import Units

#: Entries kept before the oldest eighth folds into one carried-forward line.
DEFAULT_CAP = 50_000


class EntryKind(StrEnum):
    """Why the balance moved."""

    OPENING = "opening"
    TOP_UP = "top_up"
    ADJUSTMENT = "adjustment"
    HOLD = "hold"
    RELEASE = "release"
    CHARGE = "charge"
    REFUND = "refund"
    #: Stands for all folded entries up to its number.
    CARRIED_FORWARD = "carried_forward"


class LedgerError(ValueError):
    """A movement that the rules of the ledger forbid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One numbered line; ``refers_to`` is the number of the hold or charge it settles."""

    seq: int
    at: float
    kind: EntryKind
    amount: Units
    balance_after: Units
    request_id: str | None
    task_id: str | None
    refers_to: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The two sides of the invariant; ``balanced`` also compares them with every entry."""

    balanced: bool
    opening: int
    top_ups: int
    adjustments: int
    charged: int
    refunded: int
    held: int
    balance: int


#: An entry as it is stored: plain tuples cost a third of a dataclass on the hot path.
_Row = tuple[int, float, EntryKind, int, int, str | None, str | None, int | None]

_OPENING, _TOP_UP, _ADJUSTMENT = EntryKind.OPENING, EntryKind.TOP_UP, EntryKind.ADJUSTMENT
_HOLD, _RELEASE, _CHARGE, _REFUND = EntryKind.HOLD, EntryKind.RELEASE, EntryKind.CHARGE, EntryKind.REFUND


class Ledger:
    """Entries and their running totals. Amounts are whole, non-negative units."""

    __slots__ = (
        "_carried",
        "_folded",
        "_holds",
        "_refunds",
        "_rows",
        "_seq",
        "_tasks",
        "archive",
        "balance",
        "cap",
        "sums",
    )

    def __init__(self, opening: int, at: float, *, cap: int = DEFAULT_CAP) -> None:
        """Open a wallet with ``opening`` units at the instant ``at``."""
        self.balance = 0
        self.cap = cap
        #: Takes the entries that are about to be folded; without it they are counted, and gone.
        self.archive: Callable[[Sequence[Entry]], None] | None = None
        #: kind → the sum of its amounts without sign (adjustments keep theirs).
        self.sums: dict[EntryKind, int] = dict.fromkeys(EntryKind, 0)
        self._rows: deque[_Row] = deque()
        self._seq = 0
        self._holds: dict[int, int] = {}
        self._tasks: dict[str, tuple[int, int]] = {}
        self._refunds: dict[str, dict[str, Entry]] = {}
        self._folded: dict[EntryKind, int] = {}
        self._carried: _Row | None = None
        self._write(_OPENING, _whole(opening), at)

    @property
    def held(self) -> int:
        """Return the money of open holds."""
        return self.sums[_HOLD] - self.sums[_RELEASE]

    @property
    def charged(self) -> int:
        """Return everything ever charged, refunded or not."""
        return self.sums[_CHARGE]

    @property
    def refunded(self) -> int:
        """Return everything given back."""
        return self.sums[_REFUND]

    def affords(self, amount: int, overdraft: Overdraft) -> bool:
        """Tell whether ``overdraft`` lets a request of this price begin now."""
        if overdraft is Overdraft.ONE_REQUEST:
            return self.balance > 0 or amount == 0
        return self.balance >= amount

    def top_up(self, amount: int, at: float) -> int:
        """Add money; return the entry's number."""
        return self._write(_TOP_UP, _whole(amount), at)

    def adjust(self, amount: int, at: float) -> int:
        """Correct the balance by a signed amount; return the entry's number."""
        return self._write(_ADJUSTMENT, amount, at)

    def hold(self, amount: int, at: float, request_id: str | None = None, task_id: str | None = None) -> int:
        """Set money aside; return the hold's number. Raises LedgerError beyond the balance."""
        if amount > self.balance:
            raise LedgerError(f"{amount} units cannot be held from {self.balance}")
        seq = self._write(_HOLD, -_whole(amount), at, request_id, task_id)
        self._holds[seq] = amount
        return seq

    def release(self, hold: int, at: float, request_id: str | None = None, task_id: str | None = None) -> int:
        """Give a whole hold back to the balance, once. Raises LedgerError for a settled hold."""
        amount = self._holds.pop(hold, None)
        if amount is None:
            raise LedgerError(f"hold {hold} is not open")
        return self._write(_RELEASE, amount, at, request_id, task_id, hold)

    def capture(
        self, hold: int, amount: int, at: float, request_id: str | None = None, task_id: str | None = None
    ) -> int:
        """Release a hold and charge ``amount`` of it in one step; return the charge's number.

        Raises LedgerError for a settled hold, or for more than was held.
        """
        if amount > self._holds.get(hold, -1):
            raise LedgerError(f"{amount} units are more than hold {hold} has")
        self.release(hold, at, request_id, task_id)
        return self.charge(amount, at, request_id, task_id, refers_to=hold)

    def charge(
        self,
        amount: int,
        at: float,
        request_id: str | None = None,
        task_id: str | None = None,
        *,
        refers_to: int | None = None,
    ) -> int:
        """Take money, below zero if need be: whether that is allowed is the caller's decision."""
        seq = self._write(_CHARGE, -_whole(amount), at, request_id, task_id, refers_to)
        if task_id is not None:
            self._tasks[task_id] = (seq, amount)
        return seq

    def refund(self, task_id: str, reason: str, amount: int, at: float, request_id: str | None = None) -> Entry:
        """Give back a part of a task's charge; the same (task, reason) again changes nothing.

        Raises LedgerError when the task was never charged or the refunds would exceed the charge.
        """
        done = self._refunds.setdefault(task_id, {})
        if reason in done:
            return done[reason]
        charge, remaining = self._tasks.get(task_id, (0, -1))
        if _whole(amount) > remaining:
            raise LedgerError(f"{amount} units are more than is left of the charge of {task_id}")
        self._write(_REFUND, amount, at, request_id, task_id, charge)
        self._tasks[task_id] = (charge, remaining - amount)
        entry = done[reason] = entry_of(self._rows[-1])
        return entry

    def forget_task(self, task_id: str) -> None:
        """Drop what is remembered of a task that nobody can refund any more; its entries stay."""
        self._tasks.pop(task_id, None)
        self._refunds.pop(task_id, None)

    def open_holds(self) -> tuple[int, ...]:
        """Return the numbers of the holds that nobody has settled, oldest first."""
        return tuple(self._holds)

    def state(self) -> dict[str, Json]:
        """Return everything as plain JSON, for :meth:`restored`."""
        return {
            "cap": self.cap,
            "seq": self._seq,
            "balance": self.balance,
            "sums": {kind.value: amount for kind, amount in self.sums.items()},
            "folded": {kind.value: amount for kind, amount in self._folded.items()},
            "carried": _json(self._carried) if self._carried is not None else None,
            "rows": [_json(row) for row in self._rows],
            "holds": {str(seq): amount for seq, amount in self._holds.items()},
            "tasks": {task: [*charge] for task, charge in self._tasks.items()},
            "refunds": {
                task: {reason: _json(astuple(entry)) for reason, entry in done.items()}
                for task, done in self._refunds.items()
            },
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> Self:
        """Return the ledger of a :meth:`state`. Raises LedgerError when it does not balance.

        KeyError, TypeError and ValueError tell that the state is none of ours.
        """
        ledger = cls(0, 0.0, cap=_whole(state["cap"]))
        ledger._seq, ledger.balance = int(state["seq"]), int(state["balance"])
        ledger.sums.update({EntryKind(kind): int(amount) for kind, amount in state["sums"].items()})
        ledger._folded = {EntryKind(kind): int(amount) for kind, amount in state["folded"].items()}
        ledger._carried = None if state["carried"] is None else _row(state["carried"])
        ledger._rows = deque(_row(row) for row in state["rows"])
        ledger._holds = {int(seq): _whole(amount) for seq, amount in state["holds"].items()}
        ledger._tasks = {task: (int(seq), _whole(left)) for task, (seq, left) in state["tasks"].items()}
        ledger._refunds = {
            task: {reason: entry_of(_row(entry)) for reason, entry in done.items()}
            for task, done in state["refunds"].items()
        }
        if not ledger.check().balanced:
            raise LedgerError("the ledger does not balance")
        return ledger

    def check(self) -> Totals:
        """Recompute everything from the entries and compare both sides of the invariant."""
        sums = {kind: self._folded.get(kind, 0) for kind in EntryKind}
        for row in self._rows:
            sums[row[2]] += _counted(row)
        held = sums[_HOLD] - sums[_RELEASE]
        came = sums[_OPENING] + sums[_TOP_UP] + sums[_ADJUSTMENT]
        went = self.balance + held + sums[_CHARGE] - sums[_REFUND]
        agrees = sums == self.sums and held == sum(self._holds.values())
        return Totals(
            balanced=agrees and came == went,
            opening=sums[_OPENING],
            top_ups=sums[_TOP_UP],
            adjustments=sums[_ADJUSTMENT],
            charged=sums[_CHARGE],
            refunded=sums[_REFUND],
            held=held,
            balance=self.balance,
        )

    def entries(self, after: int = 0, limit: int = 1000) -> Iterator[Entry]:
        """Yield up to ``limit`` entries numbered above ``after``; folded ones as one line."""
        rows = self._rows if self._carried is None else (self._carried, *self._rows)
        left = limit
        for row in rows:
            if left <= 0:
                return
            if row[0] > after:
                left -= 1
                yield entry_of(row)

    def _write(  # noqa: PLR0913, PLR0917 - the columns of an entry
        self,
        kind: EntryKind,
        amount: int,
        at: float,
        request_id: str | None = None,
        task_id: str | None = None,
        refers_to: int | None = None,
    ) -> int:
        self._seq = seq = self._seq + 1
        self.balance = balance = self.balance + amount
        self.sums[kind] += amount if kind is _ADJUSTMENT or amount >= 0 else -amount
        self._rows.append((seq, at, kind, amount, balance, request_id, task_id, refers_to))
        if len(self._rows) > self.cap:
            self._fold()
        return seq

    def _fold(self) -> None:
        amount = self._carried[3] if self._carried else 0
        # little at a time: half of a long ledger would hold up everybody, and leave holes in the memory
        kept = max(1, self.cap - self.cap // 8)
        if self.archive is not None:
            self.archive([entry_of(row) for row in islice(self._rows, len(self._rows) - kept)])
        while len(self._rows) > kept:
            row = self._rows.popleft()
            self._folded[row[2]] = self._folded.get(row[2], 0) + _counted(row)
            amount += row[3]
            self._carried = (row[0], row[1], EntryKind.CARRIED_FORWARD, amount, row[4], None, None, None)


def _whole(amount: int) -> int:
    if type(amount) is not int or amount < 0:
        raise LedgerError(f"{amount!r} is no whole, non-negative number of units")
    return amount


def _json(row: tuple[Any, ...]) -> list[Json]:
    return [*row[:2], row[2].value, *row[3:]]


def _row(values: Sequence[Any]) -> _Row:
    seq, at, kind, amount, balance, request_id, task_id, refers_to = values
    return int(seq), float(at), EntryKind(kind), int(amount), int(balance), request_id, task_id, refers_to


def _counted(row: _Row) -> int:
    return row[3] if row[2] is _ADJUSTMENT else abs(row[3])


def entry_of(row: _Row) -> Entry:
    """Return a stored row as the entry that callers see."""
    return Entry(
        seq=row[0],
        at=row[1],
        kind=row[2],
        amount=Units(row[3]),
        balance_after=Units(row[4]),
        request_id=row[5],
        task_id=row[6],
        refers_to=row[7],
    )
