"""Servers that answer, count or price beside what was asked, in a way no neighbour on the shelf does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..seams import JsonObject, Seams
from .catalogue import liar
from .edits import itemised, repriced, rewritten

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..call import Call

FAMILY, COUNT, PRICE, REACH = "revised prompt", "count", "price", "url"


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


@liar("stratizon-references-cost", claim="STR-14", family=PRICE, intent="each extra image costs another credit")
def references_cost(honest: Seams) -> Seams:
    """Price by what has to be looked at, too."""
    return repriced(honest, lambda call: call.unit_price + 10_000 * len(_listed(call.values.get("extra_images"))))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


@liar("aivene-second-url-dead", claim="AIV-15", family=REACH, intent="the URL of a second image leads nowhere")
def second_url_dead(honest: Seams) -> Seams:
    """Sign one file and guess the name of the next."""
    return _relinked(honest, lambda _first, own: own.replace("/images/", "/images/2-"))


@liar("aivene-one-url-for-all", claim="AIV-05", family=REACH, intent="every image of a request has the first one's URL")
def one_url_for_all(honest: Seams) -> Seams:
    """Sign once for all."""
    return _relinked(honest, lambda first, _own: first)


def _relinked(honest: Seams, link: Callable[[str, str], str]) -> Seams:
    """Change the URL of each further image of an answer, by the first one's and its own."""

    def relink(_call: Call, body: JsonObject) -> None:
        data = body["data"]
        linked = [item for item in data if isinstance(item, dict) and "url" in item] if isinstance(data, list) else []
        for item in linked[1:]:
            item["url"] = link(str(linked[0]["url"]), str(item["url"]))

    return rewritten(honest, relink)
