"""What each witness says of each paid request: the document, the target's answers, and the wallet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from pixelproof.contract import Contract, Json
from pixelproof.exchange import Exchange, Role
from pixelproof.planning.case import Cancel, Key, Poll, ReadBalance, Send, SetRate, Upload
from pixelproof.record.recording import Record
from pixelproof.rules.money import cost_said

from .findings import amount_of


@dataclass(slots=True, kw_only=True)
class Entry:
    """One request that can cost money, and what its witnesses say, in decimals of the currency."""

    exchange: Exchange
    price: Decimal
    worst: Decimal
    reported: Decimal | None = None
    returned: Decimal = Decimal(0)
    measured: Decimal | None = None
    #: How many requests the reading of the wallet speaks of together.
    together: int = 1
    #: False where the case changed what things cost: then its price is no witness.
    fixed: bool = True
    #: The finest difference that the wallet shows.
    grain: Decimal = Decimal(0)
    wallet: Decimal | None = None

    @property
    def documented(self) -> Decimal | None:
        """Return what it costs by the document now that it is answered; None when nobody answered."""
        if self.exchange.response is None:
            return None
        if not self.exchange.ok:
            return Decimal(0)
        return self.price or self.worst


@dataclass(slots=True, kw_only=True)
class _Purse:
    """One wallet within one case: what it showed last, and what was sent since."""

    shown: Decimal | None = None
    since: list[Entry] = field(default_factory=list)


def entries_of(record: Record, contract: Contract | None) -> list[Entry]:
    """Return the requests of a record that can cost money, in the order in which they were answered."""
    return _Reader(record, contract).entries()


class _Reader:
    """Reads the entries of one record, in the order of its exchanges."""

    def __init__(self, record: Record, contract: Contract | None) -> None:
        self._record = record
        self._contract = contract
        self._grain = Decimal(1).scaleb(-_scale(record, contract))
        self._lines: dict[tuple[str, str], list[Mapping[str, Json]]] = {}
        for line in record.sent:
            self._lines.setdefault((str(line.get("case")), str(line.get("step"))), []).append(line)
        self._entries: list[Entry] = []
        self._tasks: dict[str, Entry] = {}
        self._purses: dict[tuple[str, Key], _Purse] = {}

    def entries(self) -> list[Entry]:
        for exchange in self._record.exchanges:
            if exchange.role is Role.BALANCE:
                self._look(exchange)
            elif exchange.role is Role.API:
                self._answer(exchange)
        return self._entries

    def _answer(self, exchange: Exchange) -> None:
        lines = self._lines.get((exchange.case, exchange.step))
        entry = None
        if lines:
            line = lines.pop(0)
            entry = self._entry(exchange, line)
            self._entries.append(entry)
            self._purse(exchange).since.append(entry)
            if exchange.ok and self._contract is not None:
                entry.reported = self._units(cost_said(self._contract, exchange))
        self._task(exchange, entry)

    def _entry(self, exchange: Exchange, line: Mapping[str, Json]) -> Entry:
        conducted = self._record.cases.get(exchange.case)
        return Entry(
            exchange=exchange,
            price=amount_of(line.get("price", 0)),
            worst=amount_of(line.get("worst", 0)),
            fixed=conducted is None or not any(isinstance(step, SetRate) for step in conducted.case.steps),
            grain=(conducted.resolution if conducted is not None else 0) * self._grain,
        )

    def _task(self, exchange: Exchange, entry: Entry | None) -> None:
        task = exchange.task()
        name = task.get("id")
        if not isinstance(name, str):
            return
        if entry is not None:
            self._tasks[name] = entry
        paying = self._tasks.get(name)
        charged, refunded = self._units(task.get("charged")), self._units(task.get("refunded"))
        if paying is not None and charged is not None:
            paying.reported = max(charged, paying.reported or Decimal(0))
        if paying is not None and refunded is not None:
            paying.returned = max(refunded, paying.returned)

    def _look(self, exchange: Exchange) -> None:
        amount = self._units(exchange.facts.get("balance"))
        purse = self._purse(exchange)
        if amount is None:
            return
        if purse.shown is not None and purse.since:
            last = purse.since[-1]
            last.measured, last.together, last.wallet = purse.shown - amount, len(purse.since), amount
        purse.shown, purse.since = amount, []

    def _purse(self, exchange: Exchange) -> _Purse:
        return self._purses.setdefault((exchange.case, self._key(exchange)), _Purse())

    def _key(self, exchange: Exchange) -> Key:
        conducted = self._record.cases.get(exchange.case)
        try:
            step = conducted.case.step(exchange.step) if conducted is not None else None
        except KeyError:
            step = None
        return step.key if isinstance(step, Send | ReadBalance | Poll | Upload | Cancel) else Key()

    def _units(self, value: Json) -> Decimal | None:
        return value * self._grain if isinstance(value, int) and not isinstance(value, bool) else None


def _scale(record: Record, contract: Contract | None) -> int:
    """Return how many decimals the smallest unit has: amounts are written with all of them."""
    if contract is not None:
        return contract.billing.currency.scale
    return max((len(str(line.get("price", "")).partition(".")[2]) for line in record.sent), default=0)
