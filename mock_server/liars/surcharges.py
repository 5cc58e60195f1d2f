"""Servers whose prices depend on what has no price, and those that sell several images at another one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..seams import Seams
from .catalogue import liar
from .edits import fined, repriced

if TYPE_CHECKING:
    from ..call import Call, Headers

SURCHARGE, SEVERAL, FAILURE = "surcharge", "several images", "charged failure"
#: How many images have a discount.
_THREE = 3
#: What a fining server takes, in smallest units of rupees and of dollars.
_RUPEES, _CENT = 350, 10_000


@liar("aicredits-base64-costs-a-tenth", claim="AIC-12", family=SURCHARGE, intent="base64 costs a tenth more than a URL")
def base64_costs_a_tenth(honest: Seams) -> Seams:
    """Raise the price of images in the body, by less than the table's figures allow."""
    return repriced(
        honest,
        lambda call: call.unit_price * (11 if call.values.get("response_format") == "b64_json" else 10) // 10,
    )


@liar(
    "aicredits-natural-costs-twice", claim="AIC-17", family=SURCHARGE, intent="natural hd costs twice what vivid does"
)
def natural_costs_twice(honest: Seams) -> Seams:
    """Double the price of a style in the better quality."""

    def unit_price(call: Call) -> int:
        asked = (call.values.get("style"), call.values.get("quality")) == ("natural", "hd")
        return call.unit_price * (2 if asked else 1)

    return repriced(honest, unit_price)


@liar(
    "aivene-clear-high-costs-a-cent", claim="AIV-28", family=SURCHARGE, intent="high and transparent costs a cent more"
)
def clear_high_costs_a_cent(honest: Seams) -> Seams:
    """Raise the price of two values that meet."""

    def unit_price(call: Call) -> int:
        asked = (call.values.get("background"), call.values.get("quality")) == ("transparent", "high")
        return call.unit_price + (_CENT if asked else 0)

    return repriced(honest, unit_price)


@liar("aicredits-other-scripts-cost", claim="AIC-12", family=SURCHARGE, intent="a prompt in another script costs more")
def other_scripts_cost(honest: Seams) -> Seams:
    """Charge by bytes that no ASCII prompt has."""
    return repriced(honest, lambda call: call.unit_price + len(call.prompt.encode()) - len(call.prompt))


@liar("aicredits-third-image-free", claim="AIC-12", family=SEVERAL, intent="three images cost what two cost")
def third_image_free(honest: Seams) -> Seams:
    """Bill two images of three."""

    def charge(call: Call) -> None:
        call.billable = min(call.billable, _THREE - 1)
        honest.charge(call)

    return replace(honest, charge=charge)


@liar("aivene-broken-body-costs", claim="AIV-28", family=FAILURE, intent="a body that is no JSON costs a cent")
def broken_body_costs(honest: Seams) -> Seams:
    """Take a fee for each body that cannot be read."""
    return fined(honest, _CENT, "malformed")


@liar("aicredits-promptless-costs", claim="AIC-30", family=FAILURE, intent="a request without a prompt costs an image")
def promptless_costs(honest: Seams) -> Seams:
    """Take the price of an image for each request that lacks its prompt."""
    return fined(honest, _RUPEES, "missing_parameter")


@liar("aicredits-poor-without-rate-headers", claim="AIC-24", family=FAILURE, intent="a 402 has no rate headers")
def poor_without_rate_headers(honest: Seams) -> Seams:
    """Leave the headers out where the wallet is empty."""

    def show(call: Call) -> Headers:
        poor = call.refusal is not None and call.refusal.row == "insufficient_funds"
        return [] if poor else honest.show_rate(call)

    return replace(honest, show_rate=show)
