"""Servers that lose money, or take it twice, when requests come at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..seams import Seams
from .catalogue import liar

if TYPE_CHECKING:
    from ..call import Call

CROWD = "crowd"
#: How long a request waits for another one beside it, in real seconds.
_PATIENCE_S = 0.05


@liar("aivene-charge-lost-in-a-crowd", claim="AIV-28", family=CROWD, intent="of two at once only one is charged")
@liar("aicredits-charge-lost-in-a-crowd", claim="AIC-17", family=CROWD, intent="of two at once only one is charged")
@liar("stratizon-charge-lost-in-a-crowd", claim="STR-13", family=CROWD, intent="of two at once only one is charged")
def charge_lost_in_a_crowd(honest: Seams) -> Seams:
    """Write the balance that was read before another request wrote its own."""

    def charge(call: Call) -> None:
        call.billable = 0
        honest.charge(call)

    return _beside(honest, charge)


@liar("aivene-charged-twice-in-a-crowd", claim="AIV-28", family=CROWD, intent="of two at once one is charged twice")
@liar("stratizon-charged-twice-in-a-crowd", claim="STR-13", family=CROWD, intent="of two at once one is charged twice")
def charged_twice_in_a_crowd(honest: Seams) -> Seams:
    """Take the price once more."""

    def charge(call: Call) -> None:
        honest.charge(call)
        with call.account.lock:
            call.account.ledger.charge(call.unit_price * call.billable, call.now, call.request_id)

    return _beside(honest, charge)


def _beside(honest: Seams, charge: Callable[[Call], None]) -> Seams:
    """Charge a request in another way when one is running beside it; each waits a moment for company."""
    running: set[int] = set()
    company = threading.Condition()

    def run(call: Call) -> None:
        with company:
            if call.cost:
                running.add(id(call))
                company.notify_all()
                company.wait_for(lambda: len(running) > 1, timeout=_PATIENCE_S)
        honest.run(call)

    def charged(call: Call) -> None:
        with company:
            others = running - {id(call)}
            running.discard(id(call))
        (charge if others else honest.charge)(call)

    def release(call: Call) -> None:
        with company:
            running.discard(id(call))
        honest.release(call)

    return replace(honest, run=run, charge=charged, release=release)
