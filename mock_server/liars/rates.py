"""Servers that convert, or weigh, a price in a way of their own."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from ..seams import Seams
from .catalogue import liar
from .edits import fined, repriced

if TYPE_CHECKING:
    from ..call import Call

RATE, PRICE, FAILURE = "rate", "price", "charged failure"
#: A prompt beyond this is long.
_LONG = 500


@liar("aicredits-rate-never-moves", claim="AIC-16", family=RATE, intent="charges at the rate of the day it opened")
def rate_never_moves(honest: Seams) -> Seams:
    """Price at the contract's rate always."""
    return repriced(honest, _listed)


@liar("aicredits-rate-upside-down", claim="AIC-16", family=RATE, intent="charges less when the dollar costs more")
def rate_upside_down(honest: Seams) -> Seams:
    """Divide where the rate multiplies."""
    return repriced(honest, lambda call: _listed(call) * _listed(call) // max(1, call.unit_price))


@liar("aicredits-rate-in-whole-rupees", claim="AIC-16", family=RATE, intent="rounds the rate to whole rupees")
def rate_in_whole_rupees(honest: Seams) -> Seams:
    """Take 88 for 87.50."""

    def unit_price(call: Call) -> int:
        forex = call.provider.contract.billing.forex
        if forex is None:
            return call.unit_price
        rate = forex.rate * call.unit_price / _listed(call)
        return round(_listed(call) * Decimal(round(rate)) / forex.rate)

    return repriced(honest, unit_price)


@liar("aicredits-rate-half-passed-on", claim="AIC-16", family=RATE, intent="passes on half of what the rate moves")
def rate_half_passed_on(honest: Seams) -> Seams:
    """Take the middle of the old charge and the new one."""
    return repriced(honest, lambda call: (_listed(call) + call.unit_price) // 2)


@liar("aicredits-hd-at-standard", claim="AIC-13", family=PRICE, intent="square hd costs what standard costs")
def hd_at_standard(honest: Seams) -> Seams:
    """Price square hd as standard."""
    return _scaled(honest, {"quality": "hd", "size": "1024x1024"}, Decimal("0.5"))


@liar("aicredits-hd-half-as-much-again", claim="AIC-13", family=PRICE, intent="square hd costs half as much again")
def hd_half_as_much_again(honest: Seams) -> Seams:
    """Price square hd at 1.5 times standard."""
    return _scaled(honest, {"quality": "hd", "size": "1024x1024"}, Decimal("0.75"))


@liar("aicredits-wide-at-square", claim="AIC-14", family=PRICE, intent="a wide image costs what a square one costs")
def wide_at_square(honest: Seams) -> Seams:
    """Price the wide size as the square one."""
    return _scaled(honest, {"size": "1792x1024"}, Decimal("0.7"))


@liar("aicredits-tall-at-square", claim="AIC-14", family=PRICE, intent="a tall image costs what a square one costs")
def tall_at_square(honest: Seams) -> Seams:
    """Price the tall size as the square one."""
    return _scaled(honest, {"size": "1024x1792"}, Decimal("0.7"))


@liar("aicredits-wide-hd-discount", claim="AIC-14", family=PRICE, intent="wide hd costs a tenth less than twice")
def wide_hd_discount(honest: Seams) -> Seams:
    """Take a tenth off wide hd."""
    return _scaled(honest, {"quality": "hd", "size": "1792x1024"}, Decimal("0.9"))


@liar("aicredits-dall-e-2-at-dall-e-3", claim="AIC-15", family=PRICE, intent="dall-e-2 costs what dall-e-3 costs")
def dall_e_2_at_dall_e_3(honest: Seams) -> Seams:
    """Price the older model as the newer one."""
    return _scaled(honest, {"model": "dall-e-2", "size": "1024x1024"}, Decimal("3.5") / Decimal("1.5"))


@liar("aicredits-dall-e-2-dearest", claim="AIC-15", family=PRICE, intent="dall-e-2 costs five times what it should")
def dall_e_2_dearest(honest: Seams) -> Seams:
    """Price the older model above the newer one."""
    return _scaled(honest, {"model": "dall-e-2"}, Decimal(5))


@liar("aicredits-words-cost", claim="AIC-12", family=PRICE, intent="every hundred characters cost a paisa")
def words_cost(honest: Seams) -> Seams:
    """Add to the price as the prompt grows."""
    return repriced(honest, lambda call: call.unit_price + len(call.prompt) // 100)


@liar("aicredits-long-prompt-doubles", claim="AIC-12", family=PRICE, intent="a long prompt costs twice as much")
def long_prompt_doubles(honest: Seams) -> Seams:
    """Double the price of a long prompt."""
    return repriced(honest, lambda call: call.unit_price * (2 if len(call.prompt) > _LONG else 1))


@liar("aicredits-dearer-than-its-table", claim="AIC-31", family=PRICE, intent="everything costs a quarter more")
def dearer_than_its_table(honest: Seams) -> Seams:
    """Add a quarter, which no reading allows."""
    return _scaled(honest, {}, Decimal("1.25"))


@liar("aicredits-dall-e-2-in-paise", claim="AIC-31", family=PRICE, intent="dall-e-2 costs paise instead of rupees")
def dall_e_2_in_paise(honest: Seams) -> Seams:
    """Take a hundredth of the price for one model."""
    return _scaled(honest, {"model": "dall-e-2"}, Decimal("0.01"))


@liar(
    "aicredits-refusal-costs-an-image", claim="AIC-30", family=FAILURE, intent="a bad request costs what an image costs"
)
def refusal_costs_an_image(honest: Seams) -> Seams:
    """Take 3.50 rupees for each schema violation."""
    return fined(honest, 350, "invalid_request")


@liar("aicredits-429-costs", claim="AIC-30", family=FAILURE, intent="a request beyond the limit costs an image")
def limited_costs(honest: Seams) -> Seams:
    """Take 3.50 rupees for each request beyond the limit."""
    return fined(honest, 350, "rate_limited")


@liar("aicredits-policy-costs", claim="AIC-30", family=FAILURE, intent="a prompt against the policy costs an image")
def policy_costs(honest: Seams) -> Seams:
    """Take 3.50 rupees for each policy rejection."""
    return fined(honest, 350, "content_policy")


def _listed(call: Call) -> int:
    """Return the price of one image at the contract's own rate."""
    return call.provider.unit_price(call.values)


def _scaled(honest: Seams, values: Mapping[str, str], factor: Decimal) -> Seams:
    """Multiply the price of requests with these effective values."""

    def unit_price(call: Call) -> int:
        asked = all(call.values.get(name) == value for name, value in values.items())
        return round(call.unit_price * factor) if asked else call.unit_price

    return repriced(honest, unit_price)
