"""The money of one request: priced, reserved, and either captured or given back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from pixelproof.contract import Contract, Overdraft
from pixelproof.pricing import at_rate

from ..call import Call, Refusal
from .admission import give_images_back

if TYPE_CHECKING:
    from pixelproof.money import Units


def price(call: Call) -> None:
    """Write the price of one image and of the whole request; an unbilled key pays nothing."""
    call.unit_price = _at_rate(call, call.provider.unit_price(call.values)) if call.key.billed else 0
    call.cost = call.unit_price * call.n


def check_budget(call: Call) -> None:
    """Reserve the cost in the key's spending limit, or refuse it."""
    key = call.key
    if key.budget is None:
        return
    with call.account.lock:
        if key.spent + call.cost > key.budget:
            claim = call.provider.contract.billing.claimed("budget")
            raise Refusal("budget_exceeded", "the spending limit of this key is reached", claim=claim)
        key.spent += call.cost
        call.budgeted = call.cost


def check_funds(policy: Overdraft) -> Callable[[Call], None]:
    """Return the step that lets a request begin only when the wallet allows it under ``policy``.

    Where a wallet never goes below zero the cost is held, so that parallel requests cannot
    spend the same money; where one request may overdraw it, the balance is only looked at.
    """

    def check(call: Call) -> None:
        if not call.cost:
            return
        with call.account.lock:
            if call.account.jobs:
                call.seams.settle(call.provider, call.account, call.now)
            ledger = call.account.ledger
            if not ledger.affords(call.cost, policy):
                raise _too_poor(call)
            if policy is not Overdraft.ONE_REQUEST:
                call.hold = ledger.hold(call.cost, call.now, call.request_id)

    return check


def charge(call: Call) -> None:
    """Take the price of what is delivered, once."""
    amount = call.unit_price * call.billable
    task_id = call.job.id if call.job is not None else None
    with call.account.lock:
        if call.budgeted:
            call.key.spent += amount - call.budgeted
            call.budgeted = amount
        if call.hold is not None:
            call.account.ledger.capture(call.hold, amount, call.now, call.request_id, task_id)
            call.hold = None
        elif amount:
            call.account.ledger.charge(amount, call.now, call.request_id, task_id)


def release(call: Call) -> None:
    """Give hold, budget and image places back: the request ends in an error and costs nothing."""
    if call.hold is None and not call.budgeted and not call.image_windows:
        return
    with call.account.lock:
        give_images_back(call)
        call.key.spent -= call.budgeted
        call.budgeted = 0
        if call.hold is not None:
            call.account.ledger.release(call.hold, call.now, call.request_id)
            call.hold = None


def overdraft(contract: Contract) -> Overdraft:
    """Return the policy that the mock follows: a dispute about it is settled by the contract."""
    from pixelproof.contract import About

    for ambiguity in contract.ambiguities:
        if ambiguity.about is About.OVERDRAFT:
            return Overdraft(ambiguity.mock)
    return contract.billing.overdraft


def _at_rate(call: Call, amount: Units) -> Units:
    # looked up once: whatever the rate does later, an accepted request costs what was accepted
    forex = call.provider.contract.billing.forex
    rate = call.account.usd_inr or call.provider.world.usd_inr
    return amount if forex is None or rate is None else at_rate(amount, Decimal(rate), forex.rate)


def _too_poor(call: Call) -> Refusal:
    currency = call.provider.contract.billing.currency
    balance = currency.show(call.account.ledger.balance)
    return Refusal("insufficient_funds", f"{currency.show(call.cost)} are needed, the balance is {balance}")
