"""Money of an account: top-ups, the ledger, and the proof that it balances."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from ..state.ledgerfile import written
from .forms import body, number, query, reply
from .people import account_of, shown

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from pixelproof.contract import Json
    from pixelproof.ledger import Entry, Ledger, Totals
    from pixelproof.money import Currency

    from ..state.world import World

#: Entries of one page of a ledger.
_PAGE, _LARGEST_PAGE = 100, 10_000


def add_routes(routes: Blueprint, world: World) -> None:
    """Add the routes about wallets."""

    @routes.post("/accounts/<account>/top-ups")
    def top_up(account: str) -> Response:
        owner = account_of(world, account)
        form = body(("amount",))
        amount = form.money("amount", owner.contract.billing.currency)
        if amount is None or amount <= 0:
            raise form.wrong("amount", "'amount' must be more than zero", 'for example {"amount": "5.00"}')
        with owner.lock:
            owner.ledger.top_up(amount, owner.clock.now())
        return reply(shown(world, owner), 201)

    @routes.get("/accounts/<account>/ledger")
    def show_ledger(account: str) -> Response:
        owner = account_of(world, account)
        values = query(("after", "before", "limit"))
        after = number(values, "after", 0, most=10**15 - 1)
        limit = number(values, "limit", _PAGE, most=_LARGEST_PAGE)
        before = number(values, "before", 0, most=10**15 - 1)
        with owner.lock:
            world.settle(owner)
            entries = _before(owner.ledger, before, limit) if before else list(owner.ledger.entries(after, limit + 1))
        page = entries[:limit]
        currency = owner.contract.billing.currency
        following = page[-1].seq if page and len(entries) > limit else None
        return reply({"entries": [written(entry, currency) for entry in page], "next": following})

    @routes.get("/accounts/<account>/ledger/check")
    def check_ledger(account: str) -> Response:
        owner = account_of(world, account)
        query(())
        with owner.lock:
            world.settle(owner)
            totals = owner.ledger.check()
        return reply(_totals(totals, owner.contract.billing.currency))


def _before(ledger: Ledger, before: int, limit: int) -> list[Entry]:
    """Return the last entries numbered below ``before``, oldest first."""
    older = (entry for entry in ledger.entries(0, before) if entry.seq < before)
    return list(deque(older, maxlen=limit))


def _totals(totals: Totals, currency: Currency) -> dict[str, Json]:
    return {
        "balanced": totals.balanced,
        "opening": currency.format(totals.opening),
        "top_ups": currency.format(totals.top_ups),
        "adjustments": currency.format(totals.adjustments),
        "charged": currency.format(totals.charged),
        "refunded": currency.format(totals.refunded),
        "held": currency.format(totals.held),
        "balance": currency.format(totals.balance),
    }
