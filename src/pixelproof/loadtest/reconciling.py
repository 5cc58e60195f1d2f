"""Whether the money of a load was right: what was answered, against what the ledgers say.

*Exact* means: the ledgers took Σ ok + Σ u, with every unknown u charged fully or not at all,
matched entry by entry. Lines and entries may come in any order and are dropped as soon as they
meet, so a million requests need little memory: what is open, and eight bytes for each id.
What is left over is looked up by reading the lines a second time (:meth:`Reconciler.again`).
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from pixelproof.contract import About, Contract, Json, Overdraft
from pixelproof.loadtest.line import Closing, Ending, LoadLine, Movement
from pixelproof.loadtest.offence import Offence, Offences, Wrong, joined
from pixelproof.money import Units

#: How a ledger is matched, or a wallet, or nothing at all.
BY_ENTRIES, BY_TOTALS, BY_NOTHING = "entries", "totals", "nothing"
#: Kinds of entries that move no money of a request for good; a hold is charged or released.
_PASSING = frozenset({"opening", "hold", "release"})
#: Stands for entries that the ledger no longer has one by one.
_FOLDED = "carried_forward"
#: Sums of unknown requests that are tried before only their bounds are held.
_MOST_SUMS = 200_000

_Id = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What the money of a load came to."""

    #: None when neither a ledger nor a wallet could be read.
    exact: bool | None
    ok: int
    refused: int
    unknown: int
    unknown_charged: int
    #: Ledger less Σ ok less Σ charged unknown ones, in smallest units.
    difference: Units
    by: str
    offences: tuple[Offence, ...] = ()

    def beside(self, other: Reconciliation) -> Reconciliation:
        """Return this reconciliation with what another one of the same server found; its requests are not ours."""
        exact = None if self.exact is None else self.exact and other.exact is not False
        difference = Units(self.difference + other.difference)
        return replace(self, exact=exact, difference=difference, offences=joined(self.offences, other.offences))

    def figures(self) -> dict[str, Json]:
        """Return the reconciliation as plain data."""
        return {
            "exact": self.exact,
            "ok": self.ok,
            "refused": self.refused,
            "unknown": self.unknown,
            "unknown_charged": self.unknown_charged,
            "difference": int(self.difference),
            "by": self.by,
            "offences": [offence.figures() for offence in self.offences],
        }


@dataclass(slots=True)
class _Seen:
    """Who asked with an id, and who was given an image."""

    accounts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    endings: dict[_Id, tuple[Ending, int]] = field(default_factory=dict)


class Reconciler:
    """Takes the lines of a load and the entries of its ledgers, in any order."""

    def __init__(self, contract: Contract) -> None:
        """Reconcile by what ``contract`` documents; not thread-safe."""
        self._offences = Offences(contract)
        disputed = any(point.about is About.OVERDRAFT for point in contract.ambiguities)
        self._never_below_zero = contract.billing.overdraft is Overdraft.NEVER and not disputed
        self._is_refunding = contract.tasks is not None
        self.endings: Counter[Ending] = Counter()
        #: (account, request id) → owed less charged; one that is even is dropped.
        self._charges: dict[_Id, int] = {}
        #: (account, task) → to be refunded less refunded.
        self._refunds: dict[_Id, int] = {}
        #: (account, price) of served requests that showed no id, and of unknown ones.
        self._nameless: Counter[tuple[str, int]] = Counter()
        self._unknown: Counter[tuple[str, int]] = Counter()
        #: account → what was charged for unknown ones of which not even the id is known.
        self._untold: Counter[str] = Counter()
        #: (account, request id) → price of unknown ones whose id is known.
        self._perhaps: dict[_Id, int] = {}
        self._ids, self._marks = array("q"), array("q")
        self._owed: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()
        #: account → what its ledger says was taken, for the case that it has folded entries.
        self._said: dict[str, Units] = {}
        self._is_folded = False
        self._suspects: frozenset[str] = frozenset()
        self._doubles: tuple[frozenset[int], frozenset[int]] = frozenset(), frozenset()
        self._seen = _Seen()

    def line(self, line: LoadLine) -> None:
        """Take what one request came to."""
        self.endings[line.ending] += 1
        self._ids.extend(hash(name) for name in {line.request, line.task} if name)
        self._marks.extend(map(hash, set(line.marks)))
        self._judge_alone(line)
        if line.ending is Ending.OK:
            self._owe(line)
        elif line.ending is Ending.UNKNOWN and line.request is not None:
            self._perhaps[line.account, line.request] = line.price
        elif line.ending is Ending.UNKNOWN:
            self._unknown[line.account, line.price] += 1

    def note(self, wrong: Wrong, example: str) -> None:
        """Take something that is wrong beside the money."""
        self._offences.note(wrong, example)

    def movement(self, entry: Movement) -> None:
        """Take one entry of a ledger."""
        if entry.kind in _PASSING:
            return
        if entry.kind == _FOLDED:
            self._is_folded = True
            return
        self._taken[entry.account] -= entry.amount
        if entry.kind == "charge":
            _meet(self._charges, (entry.account, entry.request or entry.task or ""), entry.amount)
        elif entry.kind == "refund":
            _meet(self._refunds, (entry.account, entry.task or entry.request or ""), -entry.amount)
        else:
            given = entry.amount > 0 and self._is_refunding
            wrong = Wrong.REFUNDED_TOO_MUCH if given else Wrong.MOVED
            self._offences.note(wrong, f"{entry.account}: {entry.kind} of {entry.amount}")
        if entry.left < 0 and self._never_below_zero:
            self._offences.note(Wrong.BELOW_ZERO, f"{entry.account}: {entry.left} left after {entry.request}")

    def closing(self, closing: Closing) -> None:
        """Take what a ledger says of itself when everything has ended."""
        self._said[closing.account] = closing.taken
        if not closing.balanced:
            self._offences.note(Wrong.UNBALANCED, closing.account)
        if closing.held:
            self._offences.note(Wrong.HELD, f"{closing.account}: {closing.held} held for nobody")

    def needs_again(self) -> bool:
        """Tell, when all has been taken, whether the lines have to be read a second time."""
        books = (self._charges, self._refunds)
        unexpected = {name for book in books for (_, name), left in book.items() if left < 0}
        self._suspects = frozenset(unexpected - {""})
        self._doubles = _doubles(self._ids), _doubles(self._marks)
        return bool(self._suspects or self._doubles[0] or self._doubles[1])

    def again(self, line: LoadLine) -> None:
        """Take a line for the second time: who asked what is left over."""
        ids, marks = self._doubles
        own = {line.request, line.task} - {None, ""}
        names = [name for name in own if name and (hash(name) in ids or name in self._suspects)]
        for name in names:
            if (line.account, name) in self._seen.endings or self._seen.accounts[name] - {line.account}:
                self._offences.note(Wrong.SAME_ID, f"{name} names request {line.number} and another one")
            self._seen.accounts[name].add(line.account)
            self._seen.endings[line.account, name] = line.ending, line.status
        for mark in {mark for mark in line.marks if hash(mark) in marks}:
            if self._seen.accounts[mark] - {line.account}:
                self._offences.note(Wrong.SAME_IMAGE, f"request {line.number} got an image of another account")
            self._seen.accounts[mark].add(line.account)

    def by_entries(self) -> Reconciliation:
        """Return what came of ledgers and lines, entry by entry; by their totals where a ledger has folded some."""
        if self._is_folded:
            return self.by_totals(self._said)
        unknown_charged, accepted = self._settle_charges()
        for (account, task), left in self._refunds.items():
            if left < 0 and self._is_of_unknown(account, task, -left):
                accepted += left
                continue
            wrong = Wrong.NOT_REFUNDED if left > 0 else Wrong.REFUNDED_TOO_MUCH
            self._offences.note(wrong, f"{account}: {task}, {abs(left)} {'missing' if left > 0 else 'too much'}")
        difference = self._taken.total() - self._owed.total() - accepted
        return self._result(BY_ENTRIES, unknown_charged, difference)

    def by_totals(self, spent: Mapping[str, Units]) -> Reconciliation:
        """Return what came of wallets that show only a balance: what each has ``spent``."""
        charged = difference = 0
        for account, amount in spent.items():
            unknown = Counter({price: count for (owner, price), count in self._unknown.items() if owner == account})
            unknown.update([price for (owner, _), price in self._perhaps.items() if owner == account])
            number, off = _explained(amount - self._owed[account], unknown)
            charged, difference = charged + number, difference + off
            if off:
                wrong = Wrong.TOO_LITTLE if off < 0 else Wrong.TOO_MUCH
                self._offences.note(wrong, f"{account}: {abs(off)} of {amount} that no request explains")
        return self._result(BY_TOTALS, charged, difference)

    def by_nothing(self) -> Reconciliation:
        """Return what is known without ledger and wallet: nothing about the money."""
        return self._result(BY_NOTHING, 0, 0)

    def _result(self, by: str, unknown_charged: int, difference: int) -> Reconciliation:
        money = self._offences.about_money()
        return Reconciliation(
            exact=None if by == BY_NOTHING else not difference and not money,
            ok=self.endings[Ending.OK],
            refused=self.endings[Ending.REFUSED],
            unknown=self.endings[Ending.UNKNOWN],
            unknown_charged=unknown_charged,
            difference=Units(difference),
            by=by,
            offences=self._offences.found(),
        )

    def _judge_alone(self, line: LoadLine) -> None:
        if line.stranger is not None:
            text = f"the answer to request {line.number} speaks of request {line.stranger}"
            self._offences.note(Wrong.STRANGER, text)
        if line.misshapen:
            self._offences.note(Wrong.ENVELOPE, f"request {line.number}: {line.status}, {line.misshapen}")
        if line.shown:
            self._offences.note(Wrong.SHOWN, f"{line.task} of request {line.number}")
        if line.state in {"stuck", "lost"}:
            wrong = Wrong.STUCK if line.state == "stuck" else Wrong.LOST
            self._offences.note(wrong, f"{line.task} of request {line.number}")
        is_short = line.ending is Ending.OK and not line.refund and line.images not in {None, line.asked}
        if is_short and line.state in {"", "succeeded"}:
            text = f"request {line.number} asked for {line.asked} and got {line.images}"
            self._offences.note(Wrong.COUNT, text)

    def _owe(self, line: LoadLine) -> None:
        self._owed[line.account] += line.price - line.refund
        name = line.request or line.task
        if name is not None:
            _meet(self._charges, (line.account, name), line.price)
        elif line.price:
            self._nameless[line.account, line.price] += 1
        if line.refund and line.task is not None:
            _meet(self._refunds, (line.account, line.task), line.refund)

    def _settle_charges(self) -> tuple[int, int]:
        """Judge what charges are left over; return how many are of unknown requests, and their sum."""
        count = accepted = 0
        for (account, name), left in self._charges.items():
            if left > 0:
                self._offences.note(Wrong.NOT_CHARGED, f"{account}: {name}, {left} owed")
            elif self._is_unknown(account, name, -left):
                count, accepted = count + 1, accepted - left
            elif not self._is_nameless(account, name, -left):
                self._offences.note(self._why(account, name), f"{account}: {name}, {-left} too much")
        for (account, price), missing in self._nameless.items():
            for _ in range(missing):
                self._offences.note(Wrong.NOT_CHARGED, f"{account}: a request without an id, {price} owed")
        return count, accepted

    def _is_unknown(self, account: str, name: str, amount: int) -> bool:
        if self._perhaps.get((account, name)) == amount:
            return True
        is_free = name not in self._seen.accounts and self._unknown[account, amount] > 0
        self._unknown[account, amount] -= is_free
        self._untold[account] += amount if is_free else 0
        return is_free

    def _is_of_unknown(self, account: str, task: str, amount: int) -> bool:
        """Tell whether a refund may be of a task that was begun, and of which nobody told us."""
        is_free = task not in self._seen.accounts and self._untold[account] >= amount
        self._untold[account] -= amount if is_free else 0
        return is_free

    def _is_nameless(self, account: str, name: str, amount: int) -> bool:
        is_free = name not in self._seen.accounts and self._nameless[account, amount] > 0
        self._nameless[account, amount] -= is_free
        return is_free

    def _why(self, account: str, name: str) -> Wrong:
        ending, status = self._seen.endings.get((account, name), (None, 0))
        if ending is Ending.OK:
            return Wrong.CHARGED_TOO_MUCH
        if ending is Ending.REFUSED:
            return Wrong.FAILED_CHARGED if status >= 500 else Wrong.REFUSED_CHARGED  # noqa: PLR2004 - the 5xx class
        if ending is Ending.UNKNOWN:
            return Wrong.PARTLY_CHARGED
        return Wrong.FOREIGN if self._seen.accounts.get(name) else Wrong.UNASKED


def _meet(book: dict[_Id, int], key: _Id, amount: int) -> None:
    left = book.get(key, 0) + amount
    if left:
        book[key] = left
    else:
        book.pop(key, None)


def _doubles(numbers: array[int]) -> frozenset[int]:
    ordered = sorted(numbers)
    return frozenset(one for one, following in pairwise(ordered) if one == following)


def _explained(amount: int, unknown: Counter[int]) -> tuple[int, int]:
    """Return how many unknown requests explain an amount, and what of it none does.

    Of several explanations it is the nearest one, then the one with the fewest.
    """
    sums = {0: 0}
    for price, count in unknown.items():
        for _ in range(count):
            for total, number in list(sums.items()):
                sums[total + price] = min(number + 1, sums.get(total + price, number + 1))
            if len(sums) > _MOST_SUMS:
                return 0, min(0, amount) or max(0, amount - sum(p * n for p, n in unknown.items()))
    nearest = min(sums, key=lambda total: (abs(amount - total), sums[total]))
    return sums[nearest], amount - nearest
