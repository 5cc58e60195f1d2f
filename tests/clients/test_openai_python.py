"""The stock OpenAI client for Python works with nothing changed but base URL and key (AIV-02)."""

from __future__ import annotations

import base64
import io
from functools import cache
from typing import Any

import openai
import pytest
from PIL import Image

from .provider import Caller, Provider

PROMPT = "a lighthouse at dawn"


def client_of(mock: Provider, caller: Caller | None = None, *, retries: int = 0) -> openai.OpenAI:
    key = (caller or mock.caller()).key
    return client_at(mock.base_url).with_options(api_key=key, max_retries=retries)


@cache
def client_at(base_url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=base_url, api_key="of-the-caller")


def generate(client: openai.OpenAI, **changes: Any) -> Any:
    return client.images.generate(**{"model": "dall-e-2", "prompt": PROMPT, "size": "256x256", **changes})


def size_of(file: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(file)) as image:
        image.load()
        return image.size


def test_images_come_as_urls_that_anybody_can_download(mock: Provider) -> None:
    images = generate(client_of(mock), n=2)
    files = [mock.http.get(item.url).raise_for_status().content for item in images.data]
    assert [size_of(file) for file in files] == [(256, 256), (256, 256)]
    assert files[0] != files[1]


def test_images_come_as_base64_when_asked_for(mock: Provider) -> None:
    images = generate(client_of(mock), model="dall-e-3", size="1792x1024", response_format="b64_json")
    (item,) = images.data
    assert size_of(base64.b64decode(item.b64_json)) == (1792, 1024)
    assert item.url is None


def test_the_success_is_dated(mock: Provider) -> None:
    assert isinstance(generate(client_of(mock)).created, int)


def test_gpt_image_answers_in_base64_and_with_usage(openai_mock: Provider) -> None:
    images = generate(client_of(openai_mock), model="gpt-image-1", size="1024x1536", quality="low")
    assert size_of(base64.b64decode(images.data[0].b64_json)) == (1024, 1536)
    assert images.usage.total_tokens == images.usage.input_tokens + images.usage.output_tokens
    assert (images.quality, images.size) == ("low", "1024x1536")


def test_models_are_listed(mock: Provider) -> None:
    assert {"dall-e-2", "dall-e-3", "gpt-image-1"} <= {model.id for model in client_of(mock).models.list()}


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"size": "1x1"}, openai.BadRequestError),
        ({"prompt": "mock:content_policy a lighthouse"}, openai.BadRequestError),
        ({"prompt": "mock:unauthorized a lighthouse"}, openai.AuthenticationError),
        ({"prompt": "mock:forbidden a lighthouse"}, openai.PermissionDeniedError),
        ({"prompt": "mock:rate_limited a lighthouse"}, openai.RateLimitError),
        ({"prompt": "mock:server_error a lighthouse"}, openai.InternalServerError),
        ({"prompt": "mock:unavailable a lighthouse"}, openai.InternalServerError),
    ],
)
def test_each_error_has_the_class_that_people_catch(
    mock: Provider, changes: dict[str, str], kind: type[openai.APIError]
) -> None:
    with pytest.raises(openai.APIError) as caught:
        generate(client_of(mock), **changes)
    assert type(caught.value) is kind


def test_a_content_policy_error_carries_its_code(openai_mock: Provider) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        generate(client_of(openai_mock), prompt="mock:content_policy a lighthouse")
    assert caught.value.code == "content_policy_violation"


def test_a_wrong_key_is_an_authentication_error(mock: Provider) -> None:
    with pytest.raises(openai.AuthenticationError):
        generate(client_of(mock, Caller(id="", key="sk-invalid-key")))


def test_a_key_without_the_scope_is_denied(aivene_mock: Provider) -> None:
    with pytest.raises(openai.PermissionDeniedError):
        generate(client_of(aivene_mock, aivene_mock.caller(scopes=["models:read"])))


def test_an_empty_wallet_is_a_plain_status_error_on_aivene(aivene_mock: Provider) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        generate(client_of(aivene_mock, aivene_mock.caller(balance="0.00")))
    assert (type(caught.value), caught.value.status_code) == (openai.APIStatusError, 402)


def test_an_empty_wallet_is_a_rate_limit_error_on_openai(openai_mock: Provider) -> None:
    with pytest.raises(openai.RateLimitError) as caught:
        generate(client_of(openai_mock, openai_mock.caller(balance="0.00")))
    assert caught.value.code == "insufficient_quota"


def test_the_clients_own_retry_succeeds_at_the_third_request(mock: Provider) -> None:
    caller = mock.caller()
    images = generate(client_of(mock, caller, retries=2), prompt="mock:rate_limited=2 a lighthouse")
    assert len(images.data) == 1
    assert mock.statuses(caller) == [429, 429, 200]


def test_the_client_gives_up_when_the_fault_outlasts_its_retries(openai_mock: Provider) -> None:
    caller = openai_mock.caller()
    with pytest.raises(openai.RateLimitError):
        generate(client_of(openai_mock, caller, retries=1), prompt="mock:rate_limited=2 a lighthouse")
    assert openai_mock.statuses(caller) == [429, 429]
