"""A wallet that runs dry midway: told from a server that refuses wrongly, and held against nobody.

An account without credit is refused rightly. Where the wallet can be read, it says which of the
two it was. Where it cannot, nothing is concluded: what costs as much is not asked for again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pixelproof.contract import Contract
from pixelproof.exchange import Exchange
from pixelproof.money import Units
from pixelproof.planning.case import KeyRole, Send
from pixelproof.running.conducting.notrun import NotRun
from pixelproof.targets.openings import Granted
from pixelproof.verdict import Reason

#: What to do about an empty wallet.
TOP_UP = "top the account up and go on with --resume; with balance: in the target file the wallet itself is asked"
#: Keys whose account is meant to have credit: others may be refused for what they are.
_ORDINARY = frozenset({KeyRole.DEFAULT, KeyRole.FRESH})
_PAYMENT_REQUIRED = 402
#: So many times a valid request's price is enough for whatever a wrong request may be thought to cost.
_PLENTY = 100
#: Rows of an error table that say: there is no money for this.
_ROWS = ("insufficient_funds", "budget_exceeded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drought:
    """Decides what a refusal for want of money means. Reading the wallet is given to it."""

    contract: Contract
    #: What a wallet shows once every charge has shown; None where it cannot be read.
    settled: Callable[[Granted], Units | None]
    #: Hears of a price that a key's wallet cannot pay any more.
    dry: Callable[[Granted, KeyRole, Units, str], None]

    def check(self, step: Send, exchange: Exchange, granted: Granted) -> None:
        """Raise NotRun when a request was refused because its account has no credit left."""
        if step.key.role not in _ORDINARY or step.provoke is not None or not wants_money(self.contract, exchange):
            return
        left = self.settled(granted)
        if left is not None and _is_enough(step, left):
            return  # there is money for it: the refusal is about something else, and is judged
        show = self.contract.billing.currency.show
        holds = "" if left is None else f" with {show(left)} in the wallet"
        what = f"{exchange.status}{holds}: the account has no credit for a request of {show(step.price)}"
        if step.positive or step.price:
            self.dry(granted, step.key.role, step.price, what)
        raise NotRun(Reason.FUNDS, what, TOP_UP)


def _is_enough(step: Send, left: Units) -> bool:
    """Tell whether a wallet pays for a request; one that must be refused may be priced in any way before it is."""
    if step.positive or step.price:
        return 0 < step.price <= left
    return left >= _PLENTY * max(1, step.worst)


def wants_money(contract: Contract, exchange: Exchange) -> bool:
    """Tell whether an answer says that there is no money: a 402, or the status and code of a documented row."""
    if exchange.status == _PAYMENT_REQUIRED:
        return True
    rows = (contract.errors.rows[name] for name in _ROWS if name in contract.errors.rows)
    code = (exchange.error_object() or {}).get("code")
    return any(
        exchange.status in row.statuses and isinstance(code, str) and code == row.keys.get("code") for row in rows
    )
