"""The till: asks the budget before each call, writes the ``sent`` line, and books what came of it.

One till serves every worker of a run, so it is where money is counted once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pixelproof.contract import Contract, Json
from pixelproof.exchange import Exchange, Role
from pixelproof.findings.curl import attachment
from pixelproof.money import Units
from pixelproof.planning.budget import Budget, Call, Price, Purse
from pixelproof.planning.case import Case, KeyRole, Send
from pixelproof.pricing import image_count
from pixelproof.record.recording import Sink, exchange_line
from pixelproof.rules.money import cost_said
from pixelproof.running.conducting.drought import TOP_UP
from pixelproof.running.conducting.outage import ABSENT
from pixelproof.targets.keyring import INVALID_KEY
from pixelproof.targets.openings import Granted
from pixelproof.verdict import Reason

#: The wallet of a target file's default key, and of its further keys: their calls are booked on it.
MAIN = "main"
#: Keys that are another account's by what they are for.
_ELSEWHERE = frozenset({KeyRole.OTHER, KeyRole.BROKE})
#: Keys that may look at the main wallet.
_LOOKERS = frozenset({KeyRole.DEFAULT, KeyRole.FRESH})
#: Reads a wallet now, without waiting for anything; None when it cannot be read.
Glimpse = Callable[[Granted], Units | None]


class OverBudget(Exception):
    """A call that was not started: what it could cost, and what would allow it."""

    def __init__(self, what: str, hint: str, reason: Reason = Reason.BUDGET) -> None:
        super().__init__(what)
        self.reason = reason
        self.what = what
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A request about to be sent, and whose wallet pays."""

    step: Send
    granted: Granted


class Till:
    """Books what calls cost, from just before they are sent."""

    def __init__(self, contract: Contract, budget: Budget, sink: Sink) -> None:
        self._contract = contract
        self._budget = budget
        self._sink = sink
        self._lock = threading.RLock()
        self._purses: dict[str, Purse] = {}
        #: Wallets that paid since they were last looked at.
        self._unseen: set[str] = set()
        #: Who can look at a wallet: a limited key is not spent on looking.
        self._lookers: dict[str, tuple[Granted, Glimpse]] = {}
        self._calls: dict[tuple[str, str], list[Call]] = {}
        self._tasks: dict[str, Call] = {}
        #: What was said when a wallet first ran dry; empty while none has.
        self.drought = ""

    def open(self, case: Case, sends: Sequence[Paid], glimpse: Glimpse) -> None:
        """Book requests that are sent together, and write their ``sent`` lines. Raises OverBudget: none is sent."""
        with self._lock:
            prices = [self._price(paid.step) for paid in sends]
            self._refuse_where_dry(sends, prices)
            if any(price.worst for price in prices):
                self._look_at_wallets(sends, glimpse)
            if not self._budget.allows(prices):
                raise self._refusal(prices)
            for paid, price in zip(sends, prices, strict=True):
                self._start(case.id, paid, price, glimpse)

    def after(self, exchange: Exchange) -> None:
        """Book what an answer says, and record it."""
        with self._lock:
            self.book(exchange)
            carried = attachment(exchange.request)
            if carried is not None:
                self._sink.file(carried.name, carried.data)
            self._sink.line(exchange_line(exchange))

    def book(self, exchange: Exchange) -> None:
        """Book what an answer says."""
        if exchange.role is not Role.API:
            return
        call = self._ended(exchange)
        task = exchange.task()
        name, charged = task.get("id"), task.get("charged")
        if isinstance(name, str) and call is not None:
            self._tasks[name] = call
        elif isinstance(name, str):
            call = self._tasks.get(name)
        said = charged if isinstance(charged, int) else cost_said(self._contract, exchange)
        if call is not None and said is not None and said >= 0:
            self._budget.report(call, Units(said))

    def saw(self, granted: Granted, amount: Units, role: KeyRole = KeyRole.DEFAULT) -> None:
        """Book what a wallet showed to a case."""
        with self._lock:
            name = _wallet(granted, role)
            if name is not None:
                self._budget.look(self._purses.setdefault(name, Purse()), amount)
                self._unseen.discard(name)

    def dry(self, granted: Granted, role: KeyRole, price: Units, what: str) -> None:
        """Ask for nothing more that costs ``price`` or more and that this key's wallet pays."""
        with self._lock:
            purse = self._purses.setdefault(_wallet(granted, role) or "", Purse())
            purse.dry_at = min(price, purse.dry_at if purse.dry_at is not None else price)
            self.drought = self.drought or what

    def close(self) -> None:
        """Look once more at every wallet that paid, so that the last call is measured too."""
        with self._lock:
            self._glance()

    def reopen(self, sent: Iterable[Mapping[str, Json]], exchanges: Iterable[Exchange]) -> None:
        """Book what an earlier part of the run sent and was answered; what was not answered counts as spent."""
        for line in sent:
            purse, shown = self._purses.setdefault(str(line.get("of", "")), Purse()), line.get("wallet")
            if isinstance(shown, str):
                self._budget.look(purse, self._budget.currency.nearest(shown))
            call = self._budget.start(self._priced(line), purse)
            self._calls.setdefault((str(line["case"]), str(line["step"])), []).append(call)
        for exchange in exchanges:
            self.book(exchange)
        for calls in self._calls.values():
            for call in calls:
                self._budget.end(call, served=None)
        self._calls.clear()

    def _priced(self, line: Mapping[str, Json]) -> Price:
        documented, images = str(line["price"]), line.get("images", 0)
        parse = self._budget.currency.parse
        return Price(
            documented=parse(documented),
            worst=parse(str(line.get("worst", documented))),
            images=images if isinstance(images, int) else 0,
        )

    def _refuse_where_dry(self, sends: Sequence[Paid], prices: Sequence[Price]) -> None:
        for paid, price in zip(sends, prices, strict=True):
            purse = self._purses.get(_wallet(paid.granted, paid.step.key.role) or "")
            refused_for_free = not paid.step.positive and not paid.step.price
            if purse is not None and not refused_for_free and not purse.pays(price):
                raise OverBudget(self.drought, TOP_UP, Reason.FUNDS)

    def _price(self, step: Send) -> Price:
        makes_images = self._contract.operations[step.operation].capability is not None
        asked = image_count(step.body or {}) if step.positive or step.price else 1
        return Price(documented=step.price, worst=step.worst, images=max(1, asked) if makes_images else 0)

    def _start(self, case: str, paid: Paid, price: Price, glimpse: Glimpse) -> None:
        name = _wallet(paid.granted, paid.step.key.role)
        purse = Purse() if name is None else self._purses.setdefault(name, Purse())
        call = self._budget.start(price, purse)
        self._calls.setdefault((case, paid.step.name), []).append(call)
        if name is not None and price.worst:
            self._unseen.add(name)
            self._may_look(name, paid, glimpse)
        if price.worst or price.images:
            self._sink.line(self._sent(case, paid, price, name))

    def _sent(self, case: str, paid: Paid, price: Price, wallet: str | None) -> dict[str, object]:
        show = self._budget.currency.format
        line: dict[str, object] = {"kind": "sent", "case": case, "step": paid.step.name}
        line |= {"price": show(price.documented), "worst": show(price.worst), "images": price.images}
        if wallet is not None and paid.granted.account is None:  # accounts of a mock end with the run
            line["of"] = wallet
            shown = self._purses[wallet].shown
            line |= {} if shown is None else {"wallet": show(shown)}
        return line

    def _ended(self, exchange: Exchange) -> Call | None:
        calls = self._calls.get((exchange.case, exchange.step))
        if not calls:
            return None
        call = calls.pop(0)
        if exchange.error.startswith(ABSENT):
            self._budget.drop(call)
            return None
        # no answer may be a charge too: the budget thinks the worst
        served = None if exchange.response is None else exchange.ok
        self._budget.end(call, served=served, images=len(exchange.items()))
        return call

    def _look_at_wallets(self, sends: Sequence[Paid], glimpse: Glimpse) -> None:
        """Look, where there is a cap to keep, at the wallets that paid since and at those that will pay."""
        if self._budget.cap is None:
            return
        for paid in sends:
            name = _wallet(paid.granted, paid.step.key.role)
            if name is not None and self._purses.setdefault(name, Purse()).shown is None:
                self._unseen.add(name)
                self._may_look(name, paid, glimpse)
        self._glance()

    def _may_look(self, name: str, paid: Paid, glimpse: Glimpse) -> None:
        if name != MAIN or paid.step.key.role in _LOOKERS:
            self._lookers[name] = (paid.granted, glimpse)

    def _glance(self) -> None:
        for name in sorted(self._unseen & set(self._lookers)):
            granted, glimpse = self._lookers[name]
            amount = glimpse(granted)
            if amount is not None:
                self._budget.look(self._purses[name], amount)
            self._unseen.discard(name)

    def _refusal(self, prices: Sequence[Price]) -> OverBudget:
        budget, show = self._budget, self._budget.currency.show
        worst = sum(budget.worst(price) for price in prices)
        if budget.cap is not None and budget.spent + budget.in_flight + worst > budget.cap:
            charged = f", charged up to {float(budget.overcharge):.3g} times the price" if budget.overcharge > 1 else ""
            what = f"{show(worst)} more could pass the cap of {show(budget.cap)}: {show(budget.spent)} spent{charged}"
            return OverBudget(what, "raise --max-cost")
        what = f"{sum(price.images for price in prices)} more could pass {budget.most_images} images"
        return OverBudget(what, "raise --max-images")


def _wallet(granted: Granted, role: KeyRole) -> str | None:
    """Return the name of the wallet that a key spends from, None for a key that has none."""
    if granted.account is not None:
        return granted.account.id
    if granted.key is None or granted.key == INVALID_KEY:
        return None
    if granted.pool is not None:
        return f"{MAIN}-{granted.pool}"
    return role.value if role in _ELSEWHERE else MAIN
