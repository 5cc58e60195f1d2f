"""LangChain's ``DallEAPIWrapper`` for JavaScript (``@langchain/openai``): it sends more than its Python namesake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from .errors import PROVOKED_ONCE, class_of, provoking, row_of, sentence
from .node_script import NodeScript
from .offers import OFFERS, PROMPT, SYNCHRONOUS, USUAL, Offer, named, pixels, price, refused
from .provider import Caller, Provider, Street
from .reply import Reply

pytestmark = pytest.mark.node

#: What the wrapper asks for when nothing is set; quality, style and format are sent with every model.
UNSET = {"model": "dall-e-3", "n": 1, "size": "1024x1024", "quality": "standard", "style": "vivid"}
FORMATS = ("url", "b64_json")


def asked(offer: Offer, chosen: str = "url", **changes: Any) -> dict[str, Any]:
    return {**UNSET, **offer.body(response_format=chosen), **changes}


#: Models that take all that the wrapper sends, and models that do not.
TAKING = [(offer.profile, offer) for offer in OFFERS if not refused(offer.profile, asked(offer))]
REFUSING = [(offer.profile, offer) for offer in OFFERS if refused(offer.profile, asked(offer))]


def order(mock: Provider, caller: Caller, *, prompt: str = PROMPT, **fields: Any) -> dict[str, Any]:
    return {"base_url": mock.base_url, "key": caller.key, "prompt": prompt, "fields": fields}


def of(offer: Offer, **changes: Any) -> dict[str, Any]:
    return {"model": offer.model.id, "size": offer.sizes[0], **changes}


def test_unset_it_asks_for_dall_e_3_and_delivers_a_url(langchain_node: NodeScript, mock: Provider) -> None:
    caller = mock.caller()
    reply = langchain_node.ask(order(mock, caller))
    assert mock.bodies(caller) == [{"prompt": PROMPT, "response_format": "url", **UNSET}]
    assert named(mock.profile, "dall-e-3")
    assert "url" in reply.images[0]
    assert reply.sizes() == [(1024, 1024)]


@pytest.mark.parametrize("chosen", FORMATS)
@pytest.mark.parametrize(("mock", "offer"), TAKING, indirect=["mock"], ids=str)
def test_models_that_take_all_it_sends_deliver_in_either_format(
    langchain_node: NodeScript, mock: Provider, offer: Offer, chosen: str
) -> None:
    caller, size = mock.caller(), offer.sizes[-1]
    reply = langchain_node.ask(order(mock, caller, **of(offer, size=size, dallEResponseFormat=chosen)))
    assert reply.sizes() == [pixels(size)]
    assert chosen in reply.images[0]
    assert mock.bodies(caller) == [asked(offer, chosen, size=size)]
    assert mock.charged(caller) == price(mock.profile, asked(offer, size=size))


@pytest.mark.parametrize(("mock", "offer"), REFUSING, indirect=["mock"], ids=str)
def test_models_that_refuse_one_of_its_fixed_parameters_cannot_be_reached(
    langchain_node: NodeScript, mock: Provider, offer: Offer
) -> None:
    caller = mock.caller()
    reply = langchain_node.ask(order(mock, caller, **of(offer)))
    assert (reply.error, reply.status) == ("BadRequestError", 400)
    assert mock.charged(caller) == price(mock.profile, offer.body(), 0)


@pytest.mark.parametrize("chosen", FORMATS)
@pytest.mark.parametrize(("mock", "offer"), TAKING, indirect=["mock"], ids=str)
def test_several_images_are_always_asked_for_one_by_one(
    langchain_node: NodeScript, mock: Provider, offer: Offer, chosen: str
) -> None:
    caller = mock.caller()
    reply = langchain_node.ask(order(mock, caller, **of(offer, n=2, dallEResponseFormat=chosen)))
    assert len(set(reply.files())) == 2
    assert [body["n"] for body in mock.bodies(caller)] == [1, 1]
    assert mock.charged(caller) == price(mock.profile, asked(offer), 2)


@pytest.mark.parametrize(("mock", "row"), PROVOKED_ONCE, indirect=["mock"])
def test_errors_of_the_openai_client_pass_through(langchain_node: NodeScript, mock: Provider, row: str) -> None:
    caller, expected = mock.caller(), row_of(mock.profile, row)
    reply = langchain_node.ask(order(mock, caller, prompt=provoking(row), **of(USUAL[mock.profile])))
    assert reply.status in expected.statuses
    assert reply.error == class_of(reply.status, NodeScript.plain)
    assert (reply.type, reply.code) == (expected.keys["type"], expected.keys.get("code"))
    assert sentence(mock, caller) in reply.message


#: How often the limit answers → what the wrapper's two retries make of it. They cannot be set.
PATIENCE: Mapping[int, list[int]] = {2: [429, 429, 200], 3: [429, 429, 429]}


@pytest.fixture(scope="session")
def limited(langchain_node: NodeScript, street: Street) -> Mapping[tuple[int, str], tuple[Reply, Caller]]:
    """Let the wrapper meet the limit of every provider, all at the same time."""
    lots = [(times, profile) for times in PATIENCE for profile in SYNCHRONOUS]
    callers = [street[profile].caller() for _, profile in lots]
    orders = [
        order(street[profile], caller, prompt=provoking("rate_limited", times), **of(USUAL[profile]))
        for (times, profile), caller in zip(lots, callers, strict=True)
    ]
    return dict(zip(lots, zip(langchain_node.ask_all(orders), callers, strict=True), strict=True))


@pytest.mark.parametrize("times", PATIENCE)
def test_it_retries_twice_and_never_more(
    limited: Mapping[tuple[int, str], tuple[Reply, Caller]], mock: Provider, times: int
) -> None:
    reply, caller = limited[times, mock.profile]
    delivered = PATIENCE[times][-1] == 200
    assert reply.error == (None if delivered else "RateLimitError")
    assert mock.statuses(caller) == PATIENCE[times]
    assert mock.charged(caller) == price(mock.profile, asked(USUAL[mock.profile]), int(delivered))
