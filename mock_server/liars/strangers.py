"""Servers that show a wallet to those whose it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..call import Refusal
from ..seams import JsonObject, Seams
from .catalogue import liar
from .edits import fined

if TYPE_CHECKING:
    from ..call import Call

WALLET, WINDOW, FAILURE = "wallet endpoint", "request window", "charged failure"
_GUEST = "guest-of-the-house"
_LIMITED, _SHORT_S = "requests_per_minute", 10.0


@liar("aicredits-wallet-without-a-key", claim="AIC-23", family=WALLET, intent="/credits needs no key")
def wallet_without_a_key(honest: Seams) -> Seams:
    """Show a guest's wallet to whoever comes without a key."""

    def authenticate(call: Call) -> None:
        try:
            honest.authenticate(call)
        except Refusal:
            if call.operation.name != "wallet" or "HTTP_AUTHORIZATION" in call.environ:
                raise
            guest = call.provider.contract.auth.mint.format(token=_GUEST)
            call.environ = {**call.environ, "HTTP_AUTHORIZATION": f"Bearer {guest}"}
            honest.authenticate(call)

    return replace(honest, authenticate=authenticate)


@liar("aicredits-wallet-of-the-house", claim="AIC-27", family=WALLET, intent="/credits shows what all accounts spent")
def wallet_of_the_house(honest: Seams) -> Seams:
    """Add up the charges of everybody, and show the sum to everybody."""
    spent: dict[int, int] = {}

    def charge(call: Call) -> None:
        honest.charge(call)
        spent[id(call.account)] = call.account.ledger.charged

    def shape_wallet(call: Call) -> JsonObject:
        return {**honest.shape_wallet(call), "balance": (10**9 - sum(spent.values())) / 100}

    return replace(honest, charge=charge, shape_wallet=shape_wallet)


@liar("aicredits-minute-of-ten-seconds", claim="AIC-24", family=WINDOW, intent="a place is free again in ten seconds")
def minute_of_ten_seconds(honest: Seams) -> Seams:
    """Forget every request after ten seconds."""

    def limit(call: Call) -> None:
        window = call.key.windows.get(_LIMITED)
        if window is not None:
            window.restore([(at, weight) for at, weight in window.state() if call.now - at < _SHORT_S])
        honest.limit_requests(call)

    return replace(honest, limit_requests=limit)


@liar("aicredits-breakdown-costs", claim="AIC-12", family=FAILURE, intent="a request that breaks down costs an image")
def breakdown_costs(honest: Seams) -> Seams:
    """Take 3.50 rupees for each failure of its own or of the upstream."""
    return fined(honest, 350, "server_error", "upstream_error", "unavailable", "timeout")
