"""The AI SDK (``ai``) with both of its OpenAI adapters: what works unchanged, and what it makes of the rest."""

from __future__ import annotations

from math import ceil
from typing import Any

import pytest

from .errors import PROVOKED, provoking, row_of, sentence
from .node_script import NodeScript
from .offers import OFFERS, PROMPT, SYNCHRONOUS, USUAL, Offer, named, pixels, price, refused
from .provider import Caller, Provider

pytestmark = pytest.mark.node

ADAPTERS = ("openai", "openai-compatible")
#: Most images that ``@ai-sdk/openai`` asks of a model at once; of one that it does not know, a single one.
KNOWN = {"dall-e-2": 10, "dall-e-3": 1}
#: Most images that ``@ai-sdk/openai-compatible`` asks of any model at once.
ANY = 10
#: Base64 of what begins like a PNG file.
PICTURE = "iVBORw0KGgo="
#: Sold by every provider so far, and so in the examples of the documentation.
COMMON = "dall-e-3"


def most_per_call(adapter: str, model: str) -> int:
    if adapter == "openai":
        return 10 if is_gpt(model) else KNOWN.get(model, 1)
    return ANY


def is_gpt(model: str) -> bool:
    return model.startswith("gpt-image-")


def asked(adapter: str, offer: Offer, **changes: Any) -> dict[str, Any]:
    """Return the body that an adapter sends for one image: base64 is asked for, unless of gpt-image by the first."""
    silent = adapter == "openai" and is_gpt(offer.model.id)
    return offer.body(n=1, **changes) | ({} if silent else {"response_format": "b64_json"})


def outcome(adapter: str, offer: Offer) -> str:
    """Return what comes of a model: delivered, refused, or a url that the first adapter cannot read."""
    body = asked(adapter, offer)
    if refused(offer.profile, body):
        return "refused"
    return "delivered" if offer.delivers(body) == "b64_json" else "unreadable"


MEETINGS = [(offer.profile, adapter, offer) for adapter in ADAPTERS for offer in OFFERS]


def meetings(wanted: str) -> list[tuple[str, str, Offer]]:
    return [meeting for meeting in MEETINGS if outcome(*meeting[1:]) == wanted]


#: Models with a setting of quality beyond the default.
GRADED = [(p, a, o) for p, a, o in meetings("delivered") if o.knows("quality", "hd") and o.knows("style", "natural")]


def order(mock: Provider, caller: Caller, adapter: str, offer: Offer, **more: Any) -> dict[str, Any]:
    model = {"adapter": adapter, "model": offer.model.id, "size": offer.sizes[0]}
    return {"base_url": mock.base_url, "key": caller.key, "prompt": PROMPT, **model, **more}


def with_each_adapter(name: str = "mock") -> pytest.MarkDecorator:
    pairs = [(profile, adapter) for profile in SYNCHRONOUS for adapter in ADAPTERS]
    return pytest.mark.parametrize((name, "adapter"), pairs, indirect=[name])


@pytest.mark.parametrize(("mock", "adapter", "offer"), meetings("delivered"), indirect=["mock"], ids=str)
def test_models_deliver_images_of_the_size_asked_for(
    ai_sdk: NodeScript, mock: Provider, adapter: str, offer: Offer
) -> None:
    caller, size = mock.caller(), offer.sizes[-1]
    reply = ai_sdk.ask(order(mock, caller, adapter, offer, size=size))
    assert reply.sizes() == [pixels(size)]
    assert mock.bodies(caller) == [asked(adapter, offer, size=size)]
    assert mock.charged(caller) == price(mock.profile, asked(adapter, offer, size=size))


@pytest.mark.parametrize(("mock", "adapter", "offer"), meetings("refused"), indirect=["mock"], ids=str)
def test_asking_for_base64_where_it_cannot_be_asked_for_is_refused(
    ai_sdk: NodeScript, mock: Provider, adapter: str, offer: Offer
) -> None:
    caller = mock.caller()
    reply = ai_sdk.ask(order(mock, caller, adapter, offer))
    assert (reply.error, reply.status) == ("AI_APICallError", 400)
    assert "response_format" in reply.message
    assert mock.charged(caller) == price(mock.profile, offer.body(), 0)


@pytest.mark.parametrize(("mock", "adapter", "offer"), meetings("unreadable"), indirect=["mock"], ids=str)
def test_a_url_from_a_model_that_openai_sells_as_base64_is_unreadable_and_paid(
    ai_sdk: NodeScript, mock: Provider, adapter: str, offer: Offer
) -> None:
    caller = mock.caller()
    reply = ai_sdk.ask(order(mock, caller, adapter, offer, retries=2))
    assert (reply.error, reply.message) == ("AI_APICallError", "Invalid JSON response")
    assert mock.statuses(caller) == [200]
    assert mock.charged(caller) == price(mock.profile, offer.body())


@pytest.mark.parametrize(("mock", "adapter", "offer"), meetings("delivered"), indirect=["mock"], ids=str)
def test_several_images_are_split_by_what_the_adapter_knows_of_the_model(
    ai_sdk: NodeScript, mock: Provider, adapter: str, offer: Offer
) -> None:
    caller, most = mock.caller(), most_per_call(adapter, offer.model.id)
    reply = ai_sdk.ask(order(mock, caller, adapter, offer, n=2))
    assert [body["n"] for body in mock.bodies(caller)] == [min(most, 2)] * ceil(2 / most)
    if min(most, 2) > offer.most:
        assert (reply.error, reply.status) == ("AI_APICallError", 400)
    else:
        assert len(set(reply.files())) == 2
        assert mock.charged(caller) == price(mock.profile, asked(adapter, offer), 2)


@pytest.mark.parametrize(("mock", "adapter", "offer"), meetings("delivered"), indirect=["mock"], ids=str)
def test_told_the_models_most_every_adapter_splits_rightly(
    ai_sdk: NodeScript, mock: Provider, adapter: str, offer: Offer
) -> None:
    caller = mock.caller()
    reply = ai_sdk.ask(order(mock, caller, adapter, offer, n=offer.most + 1, most_per_call=offer.most))
    assert len(reply.files()) == offer.most + 1
    assert sorted(body["n"] for body in mock.bodies(caller)) == sorted([offer.most, 1])
    assert mock.charged(caller) == price(mock.profile, asked(adapter, offer), offer.most + 1)


@pytest.mark.parametrize(("mock", "adapter", "offer"), GRADED, indirect=["mock"], ids=str)
def test_options_of_the_provider_arrive_and_are_priced(
    ai_sdk: NodeScript, mock: Provider, adapter: str, offer: Offer
) -> None:
    caller, size, options = mock.caller(), offer.sizes[0], {"quality": "hd", "style": "natural", "user": "u-1"}
    reply = ai_sdk.ask(order(mock, caller, adapter, offer, options=options))
    assert reply.sizes() == [pixels(size)]
    assert mock.bodies(caller) == [asked(adapter, offer, **options)]
    assert mock.charged(caller) == price(mock.profile, asked(adapter, offer, **options))


@with_each_adapter()
def test_options_of_ones_own_are_dropped_by_one_adapter_and_sent_by_the_other(
    ai_sdk: NodeScript, mock: Provider, adapter: str
) -> None:
    caller, offer = mock.caller(), common(mock)
    reply = ai_sdk.ask(order(mock, caller, adapter, offer, options={"lighthouse_height": 40}))
    (body,) = mock.bodies(caller)
    assert ("lighthouse_height" in body) == (adapter == "openai-compatible")
    assert reply.error == ("AI_APICallError" if refused(mock.profile, body) else None)


@with_each_adapter()
def test_only_the_first_adapter_shows_what_the_provider_said_beside_the_images(
    ai_sdk: NodeScript, mock: Provider, adapter: str
) -> None:
    caller = mock.caller()
    reply = ai_sdk.ask(order(mock, caller, adapter, common(mock)))
    (item,) = mock.journal(caller)[0]["response"]["data"]
    if adapter == "openai":
        (told,) = reply.extra["metadata"]["openai"]["images"]
        assert told.get("revisedPrompt") == item.get("revised_prompt")
        assert isinstance(told["created"], int)
    else:
        assert reply.extra["metadata"] == {}


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize(("mock", "row"), PROVOKED, indirect=["mock"])
def test_each_error_is_an_api_call_error_with_the_providers_words(
    ai_sdk: NodeScript, mock: Provider, adapter: str, row: str
) -> None:
    caller, expected = mock.caller(), row_of(mock.profile, row)
    reply = ai_sdk.ask(order(mock, caller, adapter, USUAL[mock.profile], prompt=provoking(row)))
    assert reply.error == "AI_APICallError"
    assert reply.status in expected.statuses
    assert reply.message == sentence(mock, caller)
    assert (reply.type, reply.code) == (expected.keys["type"], expected.keys.get("code"))
    assert reply.extra["retryable"] == (reply.status in {408, 409, 429} or reply.status >= 500)
    assert mock.charged(caller) == price(mock.profile, USUAL[mock.profile].body(), 0)


@with_each_adapter()
def test_no_images_in_a_success_are_an_error_of_their_own_and_paid(
    ai_sdk: NodeScript, mock: Provider, adapter: str
) -> None:
    caller, offer = mock.caller(), common(mock)
    reply = ai_sdk.ask(order(mock, caller, adapter, offer, prompt=f"mock:bad_success=empty_data {PROMPT}"))
    assert reply.error == "AI_NoImageGeneratedError"
    assert mock.charged(caller) == price(mock.profile, asked(adapter, offer))


@with_each_adapter()
def test_a_date_as_text_breaks_only_the_adapter_that_reads_it(ai_sdk: NodeScript, mock: Provider, adapter: str) -> None:
    words = {"prompt": f"mock:bad_success=created_string {PROMPT}"}
    reply = ai_sdk.ask(order(mock, mock.caller(), adapter, common(mock), **words))
    assert reply.error == ("AI_APICallError" if adapter == "openai" else None)


@with_each_adapter()
def test_a_picture_beside_the_prompt_turns_into_an_edit_that_is_not_found(
    ai_sdk: NodeScript, mock: Provider, adapter: str
) -> None:
    assert "/images/edits" not in {operation.path for operation in mock.contract.operations.values()}
    prompt = {"text": PROMPT, "images": [f"data:image/png;base64,{PICTURE}"]}
    reply = ai_sdk.ask(order(mock, mock.caller(), adapter, common(mock), prompt=prompt))
    assert (reply.error, reply.status) == ("AI_APICallError", 404)
    assert reply.type == row_of(mock.profile, "not_found").keys["type"]


def common(mock: Provider) -> Offer:
    """Return an offer that both adapters get images from."""
    offer = named(mock.profile, COMMON) or USUAL[mock.profile]
    assert {outcome(adapter, offer) for adapter in ADAPTERS} == {"delivered"}
    return offer


# What waits is asked of all providers at the same time.

ORDEALS = {
    "limited twice": {"prompt": provoking("rate_limited", 2), "retries": 2},
    "limited too often": {"prompt": provoking("rate_limited", 2), "retries": 1},
    "nothing in it": {"prompt": f"mock:bad_success=empty_data {PROMPT}", "retries": 1},
}


@pytest.fixture(scope="session")
def suffered(ai_sdk: NodeScript, street: Any) -> Any:
    """Let both adapters go through every ordeal with every provider."""
    lots = [(name, profile, adapter) for name in ORDEALS for profile in SYNCHRONOUS for adapter in ADAPTERS]
    callers = [street[profile].caller() for _, profile, _ in lots]
    orders = [
        order(street[profile], caller, adapter, common(street[profile]), **ORDEALS[name])
        for (name, profile, adapter), caller in zip(lots, callers, strict=True)
    ]
    return dict(zip(lots, zip(ai_sdk.ask_all(orders), callers, strict=True), strict=True))


@with_each_adapter()
def test_twice_limited_then_fine_is_three_requests_and_one_charge(suffered: Any, mock: Provider, adapter: str) -> None:
    reply, caller = suffered["limited twice", mock.profile, adapter]
    assert len(reply.files()) == 1
    assert mock.statuses(caller) == [429, 429, 200]
    assert mock.charged(caller) == price(mock.profile, asked(adapter, common(mock)))


@with_each_adapter()
def test_retries_that_do_not_help_end_in_a_retry_error_around_the_last_one(
    suffered: Any, mock: Provider, adapter: str
) -> None:
    reply, caller = suffered["limited too often", mock.profile, adapter]
    assert (reply.error, reply.extra["last"], reply.status) == ("AI_RetryError", "AI_APICallError", 429)
    assert mock.statuses(caller) == [429, 429]


@with_each_adapter()
def test_a_success_without_images_is_asked_for_again_and_paid_again(
    suffered: Any, mock: Provider, adapter: str
) -> None:
    reply, caller = suffered["nothing in it", mock.profile, adapter]
    assert reply.error == "AI_NoImageGeneratedError"
    assert mock.statuses(caller) == [200, 200]
    assert mock.charged(caller) == price(mock.profile, asked(adapter, common(mock)), 2)
