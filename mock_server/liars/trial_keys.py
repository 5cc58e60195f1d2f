"""Servers that do not know keys for testing, or take money for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..call import Refusal
from ..seams import Seams
from ..state.windows import RollingWindow
from .catalogue import liar

if TYPE_CHECKING:
    from ..call import Call

FAMILY = "test keys"
_FREE_A_MINUTE = 5


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


@liar("perf-test-keys-share-the-quota", claim="PRF-21", family=FAMILY, intent="live and test images count together")
def trial_keys_share_the_quota(honest: Seams) -> Seams:
    """Count the images of all keys of an account in one window."""

    def limit(call: Call) -> None:
        billed, call.key.billed = call.key.billed, True
        try:
            honest.limit_images(call)
        finally:
            call.key.billed = billed

    return replace(honest, limit_images=limit)


@liar("perf-test-keys-stop-with-live", claim="PRF-21", family=FAMILY, intent="no test key works once live ones are out")
def trial_keys_stop_with_live(honest: Seams) -> Seams:
    """Refuse test keys while the window of the live ones is full, though they count apart."""

    def limit(call: Call) -> None:
        window = call.account.windows.get("images_per_minute")
        if not call.key.billed and window is not None and window.used(call.now) >= _FREE_A_MINUTE:
            raise Refusal("rate_limited", "the account has reached its limit")
        honest.limit_images(call)

    return replace(honest, limit_images=limit)


@liar("perf-test-images-count-as-live", claim="PRF-21", family=FAMILY, intent="test images use the live quota up too")
def trial_images_count_as_live(honest: Seams) -> Seams:
    """Count a test image in both windows, and look at its own only."""

    def limit(call: Call) -> None:
        honest.limit_images(call)
        if not call.key.billed:
            window = call.account.windows.setdefault("images_per_minute", RollingWindow(60.0))
            window.take(call.now, call.n)

    return replace(honest, limit_images=limit)


def _turning_away(honest: Seams, row: str) -> Seams:
    def authorize(call: Call) -> None:
        if not call.key.billed:
            raise Refusal(row, "this key is for tests")
        honest.authorize(call)

    return replace(honest, authorize=authorize)
