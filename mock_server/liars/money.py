"""Servers that take the wrong money, or at the wrong time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier

from ..seams import Seams, then
from .catalogue import liar

if TYPE_CHECKING:
    from ..call import Call


@liar("aivene-charged-twice", claim="AIV-28", tier=Tier.CORE, family="money", intent="every image is charged two times")
def charged_twice(honest: Seams) -> Seams:
    """Charge again after the capture."""
    return replace(honest, charge=then(honest.charge, honest.charge))


@liar(
    "aivene-failure-keeps-the-money",
    claim="AIV-25",
    tier=Tier.CORE,
    family="money",
    intent="a 500 is charged as if images had been made",
)
def failure_is_charged(honest: Seams) -> Seams:
    """Capture the hold of a failed request instead of releasing it."""

    def keep(call: Call) -> None:
        call.billable = call.n
        honest.charge(call)

    return replace(honest, release=keep)
