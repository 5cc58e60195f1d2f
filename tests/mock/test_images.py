"""Images are real files of the asked-for size, each different, and their URLs live as long as documented."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def pixels(data: bytes) -> bytes:
    return decoded(data).convert("RGBA").resize((64, 64), Image.Resampling.NEAREST).tobytes()


def files(answer: TestResponse) -> list[bytes]:
    return [base64.b64decode(item["b64_json"], validate=True) for item in answer.get_json()["data"]]


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ({"model": "dall-e-2", "size": "256x256"}, (256, 256)),
        ({"model": "dall-e-2", "size": "512x512"}, (512, 512)),
        ({"model": "dall-e-3", "size": "1792x1024"}, (1792, 1024)),
        ({"model": "dall-e-3", "size": "1024x1792"}, (1024, 1792)),
        ({"model": "dall-e-2"}, (1024, 1024)),
    ],
)
def test_the_url_fetches_an_image_of_the_size_asked_for(
    body: dict[str, Any], size: tuple[int, int], caller: Callable[..., Any]
) -> None:
    one = caller("aivene")
    (item,) = one.generate(**body).json["data"]
    assert set(item) - {"revised_prompt"} == {"url"}
    fetched = one.client.get(item["url"])
    assert (fetched.status_code, fetched.headers["Content-Type"]) == (200, "image/png")
    assert decoded(fetched.data).size == size
    head = one.client.head(item["url"])
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(fetched.data)))


def test_every_image_of_every_request_has_other_pixels(caller: Callable[..., Any]) -> None:
    one, other = caller("openai"), caller("openai")
    asked = {"n": 10, "response_format": "b64_json", "size": "256x256"}
    answers = [one.generate(**asked), one.generate(**asked), other.generate(**asked), one.generate(**asked, user="u")]
    seen = {pixels(data) for answer in answers for data in files(answer)}
    assert len(seen) == 40


def test_equal_requests_of_equal_keys_reproduce_in_another_run(
    serve_mock: Callable[..., Any], caller: Callable[..., Any]
) -> None:
    def run(seed: int) -> list[bytes]:
        one = caller("openai", serve_mock("openai", seed=seed), key="sk-fixed-1")
        return files(one.generate(n=2, response_format="b64_json")) + files(one.generate(response_format="b64_json"))

    assert run(7) == run(7)
    assert not set(run(7)) & set(run(8))


def test_a_transparent_background_is_really_clear_somewhere(caller: Callable[..., Any]) -> None:
    asked = {"model": "gpt-image-1", "background": "transparent"}
    (data,) = files(caller("openai").generate(**asked))
    alpha = decoded(data).convert("RGBA").getchannel("A")
    assert (alpha.getpixel((0, 0)), alpha.getpixel((512, 512))) == (0, 255)
    (opaque,) = files(caller("openai").generate(model="gpt-image-1"))
    assert "transparency" not in decoded(opaque).info


@pytest.mark.parametrize(("form", "magic"), [("jpeg", "JPEG"), ("webp", "WEBP"), ("png", "PNG")])
def test_the_output_format_is_delivered(form: str, magic: str, caller: Callable[..., Any]) -> None:
    answer = caller("openai").generate(model="gpt-image-1", output_format=form, output_compression=40, n=2)
    first, second = files(answer)
    assert decoded(first).format == magic
    assert decoded(first).size == (1024, 1024)
    assert pixels(first) != pixels(second)
    assert answer.json["output_format"] == form


def test_a_labelled_picture_shows_the_prompt(serve_mock: Callable[..., Any], caller: Callable[..., Any]) -> None:
    one = caller("openai", serve_mock("openai", images="labelled"))
    (item,) = one.generate(prompt="a lighthouse\nat dawn", size="256x256").json["data"]
    drawn = decoded(one.client.get(item["url"]).data)
    assert drawn.size == (256, 256)
    colours = drawn.convert("RGB").getcolors(1 << 16)
    assert colours is not None
    assert (255, 255, 255) in {colour for _, colour in colours}


@pytest.mark.parametrize("frozen", [True, False])
def test_a_url_lives_one_hour_of_the_account_s_clock(frozen: bool, caller: Callable[..., Any]) -> None:  # noqa: FBT001
    one, other = caller("aivene"), caller("aivene")
    if frozen:
        one.admin("POST", "/clock/freeze", account=one.account)
    url, other_url = (who.generate().json["data"][0]["url"] for who in (one, other))
    one.advance(3590)
    assert one.client.get(url).status_code == 200
    one.advance(10)
    assert one.client.get(url).status_code == 403
    assert one.client.get(other_url).status_code == 200


def test_a_url_cannot_be_forged(caller: Callable[..., Any]) -> None:
    one = caller()
    url = one.generate().json["data"][0]["url"]
    forged = url.replace("/images/", "/images/A")
    for address in (forged, url[:-10] + ".png", "/images/x.png", "/images/%ff.png", "/images/..png"):
        assert one.client.get(address).status_code in {403, 404}, address


def test_a_url_needs_no_key_and_names_the_public_address(
    serve_mock: Callable[..., Any], caller: Callable[..., Any]
) -> None:
    one = caller("openai", serve_mock("openai", public_url="https://mock.example/base/"))
    assert one.generate().json["data"][0]["url"].startswith("https://mock.example/base/images/")


def test_created_follows_the_account_s_clock(caller: Callable[..., Any]) -> None:
    one = caller()
    before = one.generate().json["created"]
    one.advance(86_400)
    assert one.generate().json["created"] - before in {86_400, 86_401}
    assert type(before) is int


def test_only_models_that_rewrite_prompts_say_so(caller: Callable[..., Any]) -> None:
    one = caller("aivene")
    assert one.generate(model="dall-e-3").json["data"][0]["revised_prompt"]
    assert "revised_prompt" not in one.generate(model="dall-e-2").json["data"][0]


def test_the_gpt_image_family_adds_usage_and_repeats_the_parameters(caller: Callable[..., Any]) -> None:
    body = caller("openai").generate(model="gpt-image-1", n=2).json
    echoed = {name: body[name] for name in ("size", "quality", "background", "output_format")}
    assert echoed == {"size": "1024x1024", "quality": "medium", "background": "opaque", "output_format": "png"}
    usage = body["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"] > 0
    assert "usage" not in caller("openai").generate(model="dall-e-2").json
