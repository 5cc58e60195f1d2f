"""Servers that answer, count or price beside what was asked, in a way no neighbour on the shelf does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..seams import Seams
from .catalogue import liar
from .edits import itemised, repriced

if TYPE_CHECKING:
    from ..call import Call

FAMILY, COUNT, PRICE = "revised prompt", "count", "price"


@liar("aicredits-revised-prompt-as-list", claim="AIC-11", family=FAMILY, intent="the revised prompt is a list of words")
def revised_prompt_as_list(honest: Seams) -> Seams:
    """Send what a tokenizer left."""
    return itemised(honest, lambda _call, item: item.update(revised_prompt=["a", "quiet", "lighthouse"]))


@liar("aicredits-revised-prompt-as-object", claim="AIC-11", family=FAMILY, intent="the revised prompt is an object")
def revised_prompt_as_object(honest: Seams) -> Seams:
    """Send the message of a chat model as it came."""
    return itemised(honest, lambda _call, item: item.update(revised_prompt={"role": "assistant", "content": "a house"}))


@liar("aivene-none-is-one", claim="AIV-05", family=COUNT, intent="one image is made where none was asked for")
def none_is_one(honest: Seams) -> Seams:
    """Take 0 for a number that was not given."""

    def check_shape(call: Call) -> None:
        if call.body.get("n") == 0:
            call.body["n"] = 1
        honest.check_shape(call)

    return replace(honest, check_shape=check_shape)


@liar("stratizon-wide-costs-double", claim="STR-14", family=PRICE, intent="an image of 2:1 costs two times the price")
def wide_costs_double(honest: Seams) -> Seams:
    """Price by the ratio, which the table has no column for."""
    return repriced(honest, lambda call: call.unit_price * (2 if call.values.get("aspect_ratio") == "2:1" else 1))
