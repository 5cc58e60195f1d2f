"""The stock OpenAI clients, for Python and for Node, work with nothing changed but base URL and key (AIV-02)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pixelproof.contract import PriceExample

from .errors import PROVOKED, class_of, provoking, row_of, sentence
from .node_script import NodeScript
from .offers import OFFERS, PROMPT, SYNCHRONOUS, USUAL, Offer, contract_of, pixels, price, refused
from .openai_python import OpenAIForPython
from .provider import Caller, Provider, Street
from .reply import Reply

Client = OpenAIForPython | NodeScript
#: Ordeal and profile → what came of it, and whose account it was.
Suffered = Mapping[tuple[str, str], tuple[Reply, Caller]]

#: Each model in each format that it can be asked for; None leaves the choice to the provider.
FORMATS = [(offer.profile, offer, chosen) for offer in OFFERS for chosen in (None, *offer.formats)]
MODELS = [(offer.profile, offer) for offer in OFFERS]
EXAMPLES = [(profile, example) for profile in SYNCHRONOUS for example in contract_of(profile).billing.examples]
LISTING = [profile for profile in SYNCHRONOUS if "models" in contract_of(profile).operations]
SCOPED = [profile for profile in SYNCHRONOUS if contract_of(profile).operations["generate"].scope]
COUNTING = [profile for profile in SYNCHRONOUS if contract_of(profile).rate_headers]
#: Profiles whose images cost something: only these can find a wallet empty.
PAID = [profile for profile in SYNCHRONOUS if any(row.price for row in contract_of(profile).billing.prices)]
#: Seconds: the fault is so slow, and the client gives up so early.
SLOW_S, GIVEN_UP_S = 4, 2


def example_id(value: object) -> str:
    return value.worked if isinstance(value, PriceExample) else str(value)


def order(mock: Provider, caller: Caller, body: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"base_url": mock.base_url, "key": caller.key, "body": dict(body), **more}


def usual(mock: Provider, **changes: Any) -> dict[str, Any]:
    return USUAL[mock.profile].body(**changes)


@pytest.mark.parametrize(("mock", "offer", "chosen"), FORMATS, indirect=["mock"], ids=str)
def test_every_model_delivers_real_images_in_each_format(
    openai_client: Client, mock: Provider, offer: Offer, chosen: str | None
) -> None:
    body = offer.body(size=offer.sizes[-1]) | ({"response_format": chosen} if chosen else {})
    caller = mock.caller()
    reply = openai_client.ask(order(mock, caller, body))
    assert reply.sizes() == [pixels(offer.sizes[-1])]
    assert reply.images[0].get(offer.delivers(body)) is not None
    assert isinstance(reply.extra["created"], int)
    assert mock.charged(caller) == price(mock.profile, body)


@pytest.mark.parametrize(("mock", "offer"), [(o.profile, o) for o in OFFERS if o.most > 1], indirect=["mock"], ids=str)
def test_several_images_are_different_and_paid_each(openai_client: Client, mock: Provider, offer: Offer) -> None:
    caller = mock.caller()
    files = openai_client.ask(order(mock, caller, offer.body(n=2))).files()
    assert len(set(files)) == 2
    assert mock.charged(caller) == price(mock.profile, offer.body(n=2))


@pytest.mark.parametrize(("mock", "offer"), MODELS, indirect=["mock"], ids=str)
def test_one_image_too_many_is_a_bad_request_that_costs_nothing(
    openai_client: Client, mock: Provider, offer: Offer
) -> None:
    caller = mock.caller()
    reply = openai_client.ask(order(mock, caller, offer.body(n=offer.most + 1)))
    assert (reply.error, reply.status) == ("BadRequestError", 400)
    assert mock.charged(caller) == price(mock.profile, offer.body(), 0)


@pytest.mark.parametrize(("mock", "example"), EXAMPLES, indirect=["mock"], ids=example_id)
def test_the_wallet_pays_what_the_page_says(openai_client: Client, mock: Provider, example: PriceExample) -> None:
    caller = mock.caller()
    reply = openai_client.ask(order(mock, caller, {"prompt": PROMPT, **example.request}))
    assert reply.error is None, reply.message
    assert mock.charged(caller) == mock.contract.billing.currency.format(example.charge)


@pytest.mark.parametrize(
    ("mock", "offer"), [(o.profile, o) for o in OFFERS if o.model.delivers], indirect=["mock"], ids=str
)
def test_a_model_with_one_format_cannot_be_asked_for_it(openai_client: Client, mock: Provider, offer: Offer) -> None:
    caller = mock.caller()
    body = offer.body(response_format=offer.model.delivers)
    reply = openai_client.ask(order(mock, caller, body))
    assert reply.error == "BadRequestError"
    assert reply.code == mock.contract.error("unknown_parameter", offer.model.id).keys["code"]
    usage = openai_client.ask(order(mock, caller, offer.body())).extra["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_a_parameter_of_ones_own_is_ignored_or_refused_as_documented(openai_client: Client, mock: Provider) -> None:
    caller = mock.caller()
    mine = {"lighthouse_height": 40}
    # the Python client sends unknown parameters only from extra_body; the Node client sends any
    sent = {"extra_body": mine} if isinstance(openai_client, OpenAIForPython) else mine
    reply = openai_client.ask(order(mock, caller, usual(mock, **sent)))
    assert mock.bodies(caller) == [usual(mock, **mine)]
    assert reply.error == ("BadRequestError" if refused(mock.profile, usual(mock, **mine)) else None)


@pytest.mark.parametrize("mock", LISTING, indirect=True)
def test_the_models_are_listed(openai_client: Client, mock: Provider) -> None:
    reply = openai_client.ask(order(mock, mock.caller(), {}, call="models.list"))
    assert set(reply.extra["models"]) == set(mock.contract.models)


def test_an_edit_is_not_found_where_only_generations_are_documented(openai_client: Client, mock: Provider) -> None:
    assert "/images/edits" not in {operation.path for operation in mock.contract.operations.values()}
    reply = openai_client.ask(order(mock, mock.caller(), {"prompt": PROMPT}, call="images.edit"))
    assert (reply.error, reply.status) == ("NotFoundError", 404)
    assert reply.type == row_of(mock.profile, "not_found").keys["type"]


@pytest.mark.parametrize(("mock", "row"), PROVOKED, indirect=["mock"])
def test_each_error_has_the_class_of_its_status_and_the_providers_words(
    openai_client: Client, mock: Provider, row: str
) -> None:
    caller = mock.caller()
    reply = openai_client.ask(order(mock, caller, usual(mock, prompt=provoking(row))))
    expected = row_of(mock.profile, row)
    assert reply.status in expected.statuses
    assert reply.error == class_of(reply.status, openai_client.plain)
    assert (reply.type, reply.code) == (expected.keys["type"], openai_client.shown(expected.keys.get("code")))
    assert sentence(mock, caller) in reply.message
    assert ("retry-after" in reply.headers) == expected.retry_after
    assert mock.charged(caller) == price(mock.profile, usual(mock), 0)


def test_a_wrong_key_is_an_authentication_error(openai_client: Client, mock: Provider) -> None:
    assert openai_client.ask(order(mock, mock.stranger(), usual(mock))).error == "AuthenticationError"


@pytest.mark.parametrize("mock", SCOPED, indirect=True)
def test_a_key_without_the_scope_is_denied(openai_client: Client, mock: Provider) -> None:
    needed = mock.contract.operations["generate"].scope
    caller = mock.caller(scopes=[scope for scope in mock.contract.auth.scopes if scope != needed])
    assert openai_client.ask(order(mock, caller, usual(mock))).error == "PermissionDeniedError"


@pytest.mark.parametrize("mock", PAID, indirect=True)
def test_an_empty_wallet_is_what_its_status_makes_of_it(openai_client: Client, mock: Provider) -> None:
    reply = openai_client.ask(order(mock, mock.caller(balance="0"), usual(mock)))
    expected = row_of(mock.profile, "insufficient_funds")
    assert reply.status in expected.statuses
    assert reply.error == class_of(reply.status, openai_client.plain)
    assert reply.type == expected.keys["type"]


@pytest.mark.parametrize("mock", COUNTING, indirect=True)
def test_raw_headers_say_how_much_of_a_limit_is_left(openai_client: Client, mock: Provider) -> None:
    headers = mock.contract.rate_headers
    caller = mock.caller()
    left = [
        int(openai_client.ask(order(mock, caller, usual(mock))).headers[headers.remaining.lower()]) for _ in range(2)
    ]
    assert left[0] - left[1] == 1


def test_an_error_body_in_a_success_passes_for_a_success(openai_client: Client, mock: Provider) -> None:
    reply = openai_client.ask(order(mock, mock.caller(), usual(mock, prompt=f"mock:bad_success=error_body {PROMPT}")))
    assert reply.error is None
    assert reply.extra["data_is_missing"] is True


#: What a client goes through when a provider makes it wait: the order, and None or what its account suffers.
ORDEALS: Mapping[str, tuple[dict[str, Any], dict[str, Any] | None]] = {
    "limited twice": ({"prompt": provoking("rate_limited", 2), "retries": 2}, None),
    "limited too often": ({"prompt": provoking("rate_limited", 2), "retries": 1}, None),
    "answer lost": ({"prompt": f"mock:lost_response {PROMPT}", "retries": 1}, None),
    "slow": ({"prompt": f"mock:latency={SLOW_S} {PROMPT}", "timeout_s": GIVEN_UP_S}, None),
    "slow once": ({"retries": 1, "timeout_s": GIVEN_UP_S}, {"effect": "latency", "seconds": SLOW_S, "times": 1}),
}


@pytest.fixture(scope="session")
def suffered(openai_client: Client, street: Street) -> Suffered:
    """Let a client go through every ordeal with every provider; a client waits for all of them at the same time."""
    lots = [(name, profile) for name in ORDEALS for profile in SYNCHRONOUS]
    callers = [street[profile].caller() for _, profile in lots]
    orders = []
    for (name, profile), caller in zip(lots, callers, strict=True):
        words, fault = ORDEALS[name]
        more = dict(words)
        if fault is not None:
            street[profile].fail(**fault, match={"account": caller.id})
        body = USUAL[profile].body(prompt=more.pop("prompt", PROMPT))
        orders.append(order(street[profile], caller, body, **more))
    replies = openai_client.ask_all(orders)
    return dict(zip(lots, zip(replies, callers, strict=True), strict=True))


def test_twice_limited_then_fine_is_three_requests_and_one_charge(suffered: Suffered, mock: Provider) -> None:
    reply, caller = suffered["limited twice", mock.profile]
    assert len(reply.files()) == 1
    assert mock.statuses(caller) == [429, 429, 200]
    assert mock.charged(caller) == price(mock.profile, usual(mock))


def test_the_client_gives_up_when_the_fault_outlasts_its_retries(suffered: Suffered, mock: Provider) -> None:
    reply, caller = suffered["limited too often", mock.profile]
    assert reply.error == "RateLimitError"
    assert mock.statuses(caller) == [429, 429]
    assert mock.charged(caller) == price(mock.profile, usual(mock), 0)


def test_a_lost_answer_is_paid_again_with_each_retry(suffered: Suffered, openai_client: Client, mock: Provider) -> None:
    reply, caller = suffered["answer lost", mock.profile]
    assert (reply.error, len(mock.journal(caller))) in openai_client.when_lost
    assert mock.charged(caller) == price(mock.profile, usual(mock), len(mock.journal(caller)))


def test_a_provider_slower_than_the_clients_patience_is_a_timeout(
    suffered: Suffered, openai_client: Client, mock: Provider
) -> None:
    assert suffered["slow", mock.profile][0].error == openai_client.timeout


def test_a_retry_after_a_timeout_delivers(suffered: Suffered, mock: Provider) -> None:
    assert len(suffered["slow once", mock.profile][0].files()) == 1
