"""Servers that do not know keys for testing, or take money for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..call import Refusal
from ..seams import Seams
from .catalogue import liar

if TYPE_CHECKING:
    from ..call import Call

FAMILY = "test keys"


@liar("perf-test-keys-billed", claim="PRF-21", family=FAMILY, intent="a test key is billed like a live one")
def trial_keys_billed(honest: Seams) -> Seams:
    """Price every request, whoever asks."""

    def price(call: Call) -> None:
        honest.price(call)
        call.unit_price = call.provider.unit_price(call.values)
        call.cost = call.unit_price * call.n

    return replace(honest, price=price)


@liar("perf-test-keys-refused", claim="PRF-21", family=FAMILY, intent="a test key is an unknown key")
def trial_keys_refused(honest: Seams) -> Seams:
    """Answer 401 to keys that are not billed."""
    return _turning_away(honest, "unauthorized")


@liar("perf-test-keys-forbidden", claim="PRF-21", family=FAMILY, intent="a test key makes no images")
def trial_keys_forbidden(honest: Seams) -> Seams:
    """Answer 403 to keys that are not billed."""
    return _turning_away(honest, "forbidden")


def _turning_away(honest: Seams, row: str) -> Seams:
    def authorize(call: Call) -> None:
        if not call.key.billed:
            raise Refusal(row, "this key is for tests")
        honest.authorize(call)

    return replace(honest, authorize=authorize)
