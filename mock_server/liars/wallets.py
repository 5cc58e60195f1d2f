"""Servers whose wallet's endpoint tells something else than what the wallet of the key holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..seams import JsonObject, Seams
from .catalogue import liar, variation

if TYPE_CHECKING:
    from ..call import Call

FAMILY = "wallet endpoint"


@liar(
    "aicredits-wallet-never-moves", claim="AIC-27", family=FAMILY, intent="/credits shows what was paid in, ever after"
)
def wallet_never_moves(honest: Seams) -> Seams:
    """Show the opening balance."""
    return _showing(honest, lambda call, shown: {**shown, "balance": _paid_in(call)})


@liar("aicredits-wallet-in-dollars", claim="AIC-27", family=FAMILY, intent="/credits shows dollars as if rupees")
def wallet_in_dollars(honest: Seams) -> Seams:
    """Convert what needs no conversion."""
    return _showing(honest, lambda _call, shown: {**shown, "balance": float(str(shown["balance"])) / 87.5})


@liar("aicredits-wallet-empty", claim="AIC-27", family=FAMILY, intent="/credits is an empty object")
def wallet_empty(honest: Seams) -> Seams:
    """Show nothing."""
    return _showing(honest, lambda _call, _shown: {})


@liar("aicredits-wallet-counts-requests", claim="AIC-27", family=FAMILY, intent="/credits shows how many images it saw")
def wallet_counts_requests(honest: Seams) -> Seams:
    """Show a count that moves with every image, and no money."""
    return _showing(honest, lambda call, _shown: {"used": len(call.account.ordinals)})


@variation(
    "aicredits-wallet-in-paise", claim="AIC-29", family=FAMILY, intent="/credits shows paise, in an object below"
)
def wallet_in_paise(honest: Seams) -> Seams:
    """Show whole smallest units."""
    return _showing(honest, lambda call, _shown: {"data": {"paise": call.account.ledger.balance}})


@variation("aicredits-wallet-as-text", claim="AIC-29", family=FAMILY, intent="/credits shows what was spent, as text")
def wallet_as_text(honest: Seams) -> Seams:
    """Show the sum of all charges."""
    return _showing(honest, lambda call, _shown: {"spent": f"{call.account.ledger.charged / 100:.2f}"})


def _paid_in(call: Call) -> float:
    ledger = call.account.ledger
    return (ledger.balance + ledger.held + ledger.charged) / 100


def _showing(honest: Seams, change: Callable[[Call, JsonObject], JsonObject]) -> Seams:
    return replace(honest, shape_wallet=lambda call: change(call, honest.shape_wallet(call)))
