"""Servers that take the wrong money, or at the wrong time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.contract import Overdraft
from pixelproof.deviation import Tier

from ..call import Refusal
from ..seams import Seams, then
from ..steps.settlement import check_funds
from .catalogue import liar
from .edits import fined, repriced

if TYPE_CHECKING:
    from ..call import Call

PRICE, FAILURE, WALLET = "price", "charged failure", "wallet"
#: Units of a hundredth of a dollar: what a fining server takes.
_CENT = 10_000


@liar("aivene-charged-twice", claim="AIV-28", tier=Tier.SMOKE, family=PRICE, intent="every image is charged two times")
def charged_twice(honest: Seams) -> Seams:
    """Charge again after the capture."""
    return replace(honest, charge=then(honest.charge, honest.charge))


@liar("aivene-gpt-charged-twice", claim="AIV-28", tier=Tier.SMOKE, family=PRICE, intent="gpt-image-1 is charged twice")
def gpt_charged_twice(honest: Seams) -> Seams:
    """Charge again for one model."""

    def charge(call: Call) -> None:
        honest.charge(call)
        if call.model == "gpt-image-1":
            honest.charge(call)

    return replace(honest, charge=charge)


@liar(
    "aivene-charged-per-request", claim="AIV-28", tier=Tier.SMOKE, family=PRICE, intent="two images cost what one costs"
)
def charged_per_request(honest: Seams) -> Seams:
    """Charge for one image whatever n says."""
    return _billing(honest, lambda call: min(call.billable, 1))


@liar(
    "aivene-charged-one-more", claim="AIV-28", tier=Tier.SMOKE, family=PRICE, intent="two images cost what three cost"
)
def charged_one_more(honest: Seams) -> Seams:
    """Charge for one image more where several are made."""

    def charge(call: Call) -> None:
        honest.charge(call)
        if call.billable > 1:
            with call.account.lock:
                call.account.ledger.charge(call.unit_price, call.now, call.request_id)

    return replace(honest, charge=charge)


@liar("aivene-never-charged", claim="AIV-28", tier=Tier.SMOKE, family=PRICE, intent="images are free")
def never_charged(honest: Seams) -> Seams:
    """Capture nothing of the hold."""
    return _billing(honest, lambda _call: 0)


@liar("aivene-b64-is-free", claim="AIV-28", family=PRICE, intent="images in base64 are free")
def b64_is_free(honest: Seams) -> Seams:
    """Capture nothing where the images come in the body."""
    return _billing(honest, lambda call: 0 if call.values.get("response_format") == "b64_json" else call.billable)


@liar(
    "aivene-one-unit-more", claim="AIV-28", tier=Tier.SMOKE, family=PRICE, intent="every price is a millionth too high"
)
def one_unit_more(honest: Seams) -> Seams:
    """Add the smallest unit to the price."""
    return repriced(honest, lambda call: call.unit_price + 1)


@liar("aivene-hd-at-standard", claim="AIV-28", family=PRICE, intent="hd costs what standard costs")
def hd_at_standard(honest: Seams) -> Seams:
    """Price hd as standard."""
    return _priced_as(honest, "quality", "hd", "standard")


@liar(
    "aivene-small-at-large", claim="AIV-28", tier=Tier.SMOKE, family=PRICE, intent="256x256 costs what 1024x1024 costs"
)
def small_at_large(honest: Seams) -> Seams:
    """Price the smallest size as the largest."""
    return _priced_as(honest, "size", "256x256", "1024x1024")


@liar("aivene-wide-at-square", claim="AIV-28", family=PRICE, intent="1792x1024 costs what 1024x1024 costs")
def wide_at_square(honest: Seams) -> Seams:
    """Price the wide size as the square one."""
    return _priced_as(honest, "size", "1792x1024", "1024x1024")


@liar("aivene-middle-at-large", claim="AIV-28", family=PRICE, intent="512x512 costs what 1024x1024 costs")
def middle_at_large(honest: Seams) -> Seams:
    """Price the middle size as the largest."""
    return _priced_as(honest, "size", "512x512", "1024x1024")


@liar("aivene-high-at-medium", claim="AIV-28", family=PRICE, intent="gpt-image-1 high costs what medium costs")
def high_at_medium(honest: Seams) -> Seams:
    """Price high as medium."""
    return _priced_as(honest, "quality", "high", "medium")


@liar("aivene-medium-at-high", claim="AIV-28", family=PRICE, intent="gpt-image-1 costs the price of high by default")
def medium_at_high(honest: Seams) -> Seams:
    """Price medium as high."""
    return _priced_as(honest, "quality", "medium", "high")


@liar("aivene-omitted-quality-is-hd", claim="AIV-11", family=PRICE, intent="an omitted quality is charged as hd")
def omitted_quality_is_hd(honest: Seams) -> Seams:
    """Price a request that names no quality as hd."""

    def unit_price(call: Call) -> int:
        if "quality" in call.body or call.model != "dall-e-3":
            return call.unit_price
        return call.provider.unit_price({**call.values, "quality": "hd"})

    return repriced(honest, unit_price)


@liar("aivene-omitted-quality-discount", claim="AIV-11", family=PRICE, intent="an omitted quality costs a cent less")
def omitted_quality_discount(honest: Seams) -> Seams:
    """Price a request that names no quality below standard."""

    def unit_price(call: Call) -> int:
        return call.unit_price - (_CENT if "quality" not in call.body and call.model == "dall-e-3" else 0)

    return repriced(honest, unit_price)


@liar("aivene-dall-e-2-dearer", claim="AIV-33", family=PRICE, intent="dall-e-2 costs more than dall-e-3")
def dall_e_2_dearer(honest: Seams) -> Seams:
    """Price dall-e-2 five times as high."""
    return repriced(honest, lambda call: call.unit_price * (5 if call.model == "dall-e-2" else 1))


@liar("aivene-dall-e-2-same-price", claim="AIV-33", family=PRICE, intent="dall-e-2 costs exactly what dall-e-3 costs")
def dall_e_2_same_price(honest: Seams) -> Seams:
    """Price dall-e-2 as the square dall-e-3."""
    return repriced(honest, lambda call: call.unit_price * (2 if call.model == "dall-e-2" else 1))


@liar(
    "aivene-failure-keeps-the-money", claim="AIV-25", family=FAILURE, intent="a 500 is charged as if it were a success"
)
def failure_is_charged(honest: Seams) -> Seams:
    """Capture the hold of a request that broke down."""
    return _keeping(honest, "server_error")


@liar("aivene-upstream-failure-charged", claim="AIV-25", family=FAILURE, intent="a 502 is charged, a 500 is not")
def upstream_failure_is_charged(honest: Seams) -> Seams:
    """Capture the hold when the provider behind fails."""
    return _keeping(honest, "upstream_error")


@liar("aivene-failure-costs-a-cent", claim="AIV-25", family=FAILURE, intent="a 500 costs a handling fee of one cent")
def failure_costs_a_cent(honest: Seams) -> Seams:
    """Take a fee for each breakdown."""
    return fined(honest, _CENT, "server_error")


@liar("aivene-unavailable-keeps-a-hold", claim="AIV-25", family=FAILURE, intent="a 503 never gives the hold back")
def unavailable_keeps_a_hold(honest: Seams) -> Seams:
    """Leave the hold of a failed request open."""

    def release(call: Call) -> None:
        if call.refusal is None or call.refusal.row != "unavailable":
            honest.release(call)

    return replace(honest, release=release)


@liar("aivene-refusal-costs", claim="AIV-28", family=FAILURE, intent="a bad request costs a cent")
def refusal_costs(honest: Seams) -> Seams:
    """Take a fee for each schema violation."""
    return fined(honest, _CENT, "invalid_request")


@liar("aivene-402-costs", claim="AIV-28", tier=Tier.SMOKE, family=FAILURE, intent="a 402 pushes the wallet below zero")
def payment_required_costs(honest: Seams) -> Seams:
    """Take a fee for each 402."""
    return fined(honest, _CENT, "insufficient_funds")


@liar("aivene-balance-unchecked", claim="AIV-22", tier=Tier.SMOKE, family=WALLET, intent="never looks at the balance")
@liar("openai-balance-unchecked", claim="OAI-09", tier=Tier.SMOKE, family=WALLET, intent="never looks at the balance")
def balance_unchecked(honest: Seams) -> Seams:
    """Serve every request and charge it afterwards."""
    return replace(honest, check_funds=lambda _call: None)


@liar("aivene-budget-ignored", claim="AIV-28", family=WALLET, intent="the spending limit of a key means nothing")
@liar("openai-budget-ignored", claim="OAI-09", family=WALLET, intent="the spending limit of a key means nothing")
def budget_ignored(honest: Seams) -> Seams:
    """Serve whatever the key has spent."""
    return replace(honest, check_budget=lambda _call: None)


@liar("aivene-budget-looked-at-later", claim="AIV-22", family=WALLET, intent="a spending limit binds one request late")
def budget_looked_at_later(honest: Seams) -> Seams:
    """Refuse only when the limit is already passed."""

    def check(call: Call) -> None:
        key = call.key
        if key.budget is not None and key.spent > key.budget:
            raise Refusal("budget_exceeded", "the spending limit of this key is reached")
        key.spent += call.cost

    return replace(honest, check_budget=check)


@liar("aivene-overdraft-without-end", claim="AIV-32", family=WALLET, intent="serves for ever once there was some money")
def overdraft_without_end(honest: Seams) -> Seams:
    """Refuse an empty wallet, but none that is below zero."""
    look = check_funds(Overdraft.ONE_REQUEST)

    def check(call: Call) -> None:
        if call.account.ledger.balance >= 0:
            look(call)

    return replace(honest, check_funds=check)


@liar(
    "aivene-takes-what-is-left", claim="AIV-32", family=WALLET, intent="sells an image for whatever the wallet has left"
)
def takes_what_is_left(honest: Seams) -> Seams:
    """Lower the price to the balance."""

    def check(call: Call) -> None:
        left = call.account.ledger.balance
        if 0 < left < call.cost:
            call.unit_price, call.cost = left // call.n, left
        honest.check_funds(call)

    return replace(honest, check_funds=check)


@liar("aivene-refuses-and-takes", claim="AIV-32", family=WALLET, intent="refuses a poor wallet and empties it")
def refuses_and_takes(honest: Seams) -> Seams:
    """Take what is left when it is not enough."""

    def check(call: Call) -> None:
        try:
            honest.check_funds(call)
        except Refusal:
            with call.account.lock:
                ledger = call.account.ledger
                ledger.charge(max(0, ledger.balance), call.now, call.request_id)
            raise

    return replace(honest, check_funds=check)


def _billing(honest: Seams, billable: Callable[[Call], int]) -> Seams:
    def charge(call: Call) -> None:
        call.billable = billable(call)
        honest.charge(call)

    return replace(honest, charge=charge)


def _priced_as(honest: Seams, name: str, asked: str, priced: str) -> Seams:
    """Price one value of a parameter as another one of the same model."""

    def unit_price(call: Call) -> int:
        if call.values.get(name) != asked:
            return call.unit_price
        return call.provider.unit_price({**call.values, name: priced})

    return repriced(honest, unit_price)


def _keeping(honest: Seams, row: str) -> Seams:
    """Capture the hold of a request that ends with an error of one row."""

    def release(call: Call) -> None:
        if call.refusal is not None and call.refusal.row == row:
            call.billable = call.n
            honest.charge(call)
        honest.release(call)

    return replace(honest, release=release)
