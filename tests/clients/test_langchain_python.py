"""LangChain's ``DallEAPIWrapper`` for Python (``langchain-community``): its parameters are few and fixed."""

from __future__ import annotations

from typing import Any

import pytest

from .errors import PROVOKED, class_of, provoking, row_of, sentence
from .langchain_python import LangChainForPython
from .offers import OFFERS, PROMPT, SYNCHRONOUS, USUAL, Offer, named, pixels, price, refused
from .openai_python import OpenAIForPython
from .provider import Caller, Provider

pytestmark = pytest.mark.langchain

MODELS = [(offer.profile, offer) for offer in OFFERS]
READABLE = [(profile, offer) for profile, offer in MODELS if offer.delivers(offer.body()) == "url"]
UNREADABLE = [(profile, offer) for profile, offer in MODELS if offer.delivers(offer.body()) != "url"]
#: What the wrapper asks for when nothing is set.
UNSET = {"model": "dall-e-2", "n": 1, "size": "1024x1024"}


@pytest.fixture
def wrapper() -> LangChainForPython:
    return LangChainForPython()


def order(mock: Provider, caller: Caller, *, prompt: str = PROMPT, retries: int = 0, **fields: Any) -> dict[str, Any]:
    named_fields = {"max_retries": retries, **fields}
    return {"base_url": mock.base_url, "key": caller.key, "prompt": prompt, "fields": named_fields}


def of(offer: Offer, **changes: Any) -> dict[str, Any]:
    return {"model": offer.model.id, "size": offer.sizes[0], **changes}


def test_unset_it_asks_for_dall_e_2_which_not_everybody_sells(wrapper: LangChainForPython, mock: Provider) -> None:
    caller = mock.caller()
    reply = wrapper.ask(order(mock, caller))
    assert mock.bodies(caller) == [{"prompt": PROMPT, **UNSET}]
    if named(mock.profile, "dall-e-2"):
        assert reply.sizes() == [(1024, 1024)]
    else:
        assert (reply.error, reply.status) == ("BadRequestError", 400)


@pytest.mark.parametrize(("mock", "offer"), READABLE, indirect=["mock"], ids=str)
def test_told_the_model_it_delivers_urls(wrapper: LangChainForPython, mock: Provider, offer: Offer) -> None:
    caller = mock.caller()
    reply = wrapper.ask(order(mock, caller, **of(offer, size=offer.sizes[-1])))
    assert reply.sizes() == [pixels(offer.sizes[-1])]
    assert mock.charged(caller) == price(mock.profile, offer.body(size=offer.sizes[-1]))


@pytest.mark.parametrize(("mock", "offer"), UNREADABLE, indirect=["mock"], ids=str)
def test_a_model_that_answers_in_base64_only_is_a_type_error_and_paid(
    wrapper: LangChainForPython, mock: Provider, offer: Offer
) -> None:
    caller = mock.caller()
    reply = wrapper.ask(order(mock, caller, **of(offer)))
    assert reply.error == "TypeError"
    assert mock.charged(caller) == price(mock.profile, offer.body())


@pytest.mark.parametrize(("mock", "offer"), READABLE, indirect=["mock"], ids=str)
def test_several_images_are_asked_for_at_once_and_come_as_lines(
    wrapper: LangChainForPython, mock: Provider, offer: Offer
) -> None:
    caller = mock.caller()
    reply = wrapper.ask(order(mock, caller, **of(offer, n=2)))
    assert [body["n"] for body in mock.bodies(caller)] == [2]
    if refused(mock.profile, offer.body(n=2)):
        assert (reply.error, reply.status) == ("BadRequestError", 400)
    else:
        assert reply.extra["text"].count("\n") == 1
        assert len(set(reply.files())) == 2


@pytest.mark.parametrize("mock", [p for p in SYNCHRONOUS if named(p, "dall-e-3")], indirect=True)
def test_quality_is_sent_and_priced(wrapper: LangChainForPython, mock: Provider) -> None:
    caller = mock.caller()
    offer = named(mock.profile, "dall-e-3")
    assert offer is not None
    assert wrapper.ask(order(mock, caller, **of(offer, quality="hd"))).error is None
    assert mock.charged(caller) == price(mock.profile, offer.body(quality="hd"))


def test_model_kwargs_are_taken_and_never_sent(wrapper: LangChainForPython, mock: Provider) -> None:
    caller, offer = mock.caller(), USUAL[mock.profile]
    reply = wrapper.ask(order(mock, caller, **of(offer, model_kwargs={"response_format": "b64_json"})))
    assert mock.bodies(caller) == [offer.body(n=1)]
    assert reply.images[0]["url"].startswith("http")


@pytest.mark.parametrize(("mock", "row"), PROVOKED, indirect=["mock"])
def test_errors_of_the_openai_client_pass_through(wrapper: LangChainForPython, mock: Provider, row: str) -> None:
    caller, expected = mock.caller(), row_of(mock.profile, row)
    reply = wrapper.ask(order(mock, caller, prompt=provoking(row), **of(USUAL[mock.profile])))
    assert reply.status in expected.statuses
    assert reply.error == class_of(reply.status, OpenAIForPython.plain)
    assert (reply.type, reply.code) == (expected.keys["type"], OpenAIForPython.shown(expected.keys.get("code")))
    assert sentence(mock, caller) in reply.message


def test_a_success_without_images_passes_for_a_text(wrapper: LangChainForPython, mock: Provider) -> None:
    words = f"mock:bad_success=empty_data {PROMPT}"
    reply = wrapper.ask(order(mock, mock.caller(), prompt=words, **of(USUAL[mock.profile])))
    assert reply.extra["text"] == "No image was generated"


def test_twice_limited_then_fine_is_three_requests_and_one_charge(wrapper: LangChainForPython, mock: Provider) -> None:
    caller, offer = mock.caller(), USUAL[mock.profile]
    reply = wrapper.ask(order(mock, caller, prompt=provoking("rate_limited", 2), retries=2, **of(offer)))
    assert len(reply.files()) == 1
    assert mock.statuses(caller) == [429, 429, 200]
    assert mock.charged(caller) == price(mock.profile, offer.body())
