"""Servers that deliver the wrong picture: its count, its size, its file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier

from ..images.pictures import Format
from ..seams import Seams
from .catalogue import liar
from .edits import recounted, redrawn, resized

if TYPE_CHECKING:
    from pixelproof.contract import Json

    from ..call import Call
    from ..images.pictures import Picture
    from ..seams import JsonObject

COUNT, SIZE, CONTENT = "count", "size", "image content"
_SQUARE = (1024, 1024)


@liar("aivene-n-ignored", claim="AIV-05", family=COUNT, intent="makes one image whatever n says")
@liar("openai-n-ignored", claim="OAI-02", tier=Tier.SMOKE, family=COUNT, intent="makes one image whatever n says")
def n_ignored(honest: Seams) -> Seams:
    """Deliver the first picture alone, and charge for all."""
    return recounted(honest, lambda _call: 1)


@liar("aivene-n-clipped", claim="AIV-05", tier=Tier.SMOKE, family=COUNT, intent="dall-e-3 makes one image for n = 2")
@liar("openai-n-clipped", claim="OAI-03", family=COUNT, intent="dall-e-3 makes one image for n = 2")
def n_clipped(honest: Seams) -> Seams:
    """Clip n to 1 for dall-e-3 instead of refusing."""

    def check(call: Call) -> None:
        if call.body.get("model") == "dall-e-3" and call.body.get("n") not in (None, 0):
            call.body["n"] = 1
        honest.check_shape(call)

    return replace(honest, check_shape=check)


@liar(
    "aivene-n-defaults-to-two", claim="AIV-05", tier=Tier.SMOKE, family=COUNT, intent="makes two images if n is omitted"
)
@liar(
    "openai-n-defaults-to-two", claim="OAI-12", tier=Tier.SMOKE, family=COUNT, intent="makes two images if n is omitted"
)
def n_defaults_to_two(honest: Seams) -> Seams:
    """Deliver two pictures for the price of one when n is omitted."""
    return recounted(honest, lambda call: call.n if "n" in call.body else 2)


@liar("aivene-no-image", claim="AIV-05", tier=Tier.SMOKE, family=COUNT, intent="answers 200 with an empty list")
@liar("openai-no-image", claim="OAI-12", tier=Tier.SMOKE, family=COUNT, intent="answers 200 with an empty list")
def no_image(honest: Seams) -> Seams:
    """Deliver nothing."""
    return recounted(honest, lambda _call: 0)


@liar("aivene-one-too-many", claim="AIV-05", family=COUNT, intent="makes three images for n = 2")
def one_too_many(honest: Seams) -> Seams:
    """Add a picture when several are asked for."""
    return recounted(honest, lambda call: call.n + (call.n > 1))


@liar("aivene-gpt-one-short", claim="AIV-05", family=COUNT, intent="gpt-image-1 loses the last of several images")
def gpt_one_short(honest: Seams) -> Seams:
    """Drop the last picture of several for gpt-image-1."""
    return recounted(honest, lambda call: call.n - (call.n > 1 and call.model == "gpt-image-1"))


@liar("openai-tenth-missing", claim="OAI-02", family=COUNT, intent="dall-e-2 makes nine images for n = 10")
def tenth_missing(honest: Seams) -> Seams:
    """Drop the tenth picture for dall-e-2."""
    return recounted(honest, lambda call: min(call.n, 9) if call.model == "dall-e-2" else call.n)


@liar("aivene-same-image-twice", claim="AIV-05", family=COUNT, intent="sends copies of one image for n = 2")
@liar(
    "openai-same-image-twice",
    claim="OAI-02",
    tier=Tier.SMOKE,
    family=COUNT,
    intent="sends copies of one image for n = 2",
)
def same_image_twice(honest: Seams) -> Seams:
    """Repeat the first picture."""
    return redrawn(honest, lambda call, _index, _picture: call.pictures[0])


@liar("openai-tenth-is-a-copy", claim="OAI-04", family=COUNT, intent="gpt-image-1 sends the ninth image as the tenth")
def tenth_is_a_copy(honest: Seams) -> Seams:
    """Repeat the ninth picture for gpt-image-1."""
    return redrawn(
        honest, lambda call, index, picture: call.pictures[min(index, 8)] if call.model == "gpt-image-1" else picture
    )


@liar("aivene-size-ignored", claim="AIV-06", family=SIZE, intent="draws 1024x1024 whatever was asked for")
def size_ignored(honest: Seams) -> Seams:
    """Draw the square size always."""
    return resized(honest, lambda _call, _picture: _SQUARE)


@liar(
    "aivene-default-size-512", claim="AIV-06", tier=Tier.SMOKE, family=SIZE, intent="draws 512x512 if no size is named"
)
@liar(
    "openai-gpt-default-size-512",
    claim="OAI-12",
    tier=Tier.SMOKE,
    family=SIZE,
    intent="auto is 512x512, which no list has",
)
def default_size_512(honest: Seams) -> Seams:
    """Draw another size when none is named."""
    return resized(honest, lambda call, picture: (picture.width, picture.height) if "size" in call.body else (512, 512))


@liar("aivene-wide-comes-tall", claim="AIV-07", family=SIZE, intent="1792x1024 comes as 1024x1792")
@liar("openai-wide-comes-tall", claim="OAI-03", family=SIZE, intent="1792x1024 comes as 1024x1792")
def wide_comes_tall(honest: Seams) -> Seams:
    """Turn wide pictures by 90 degrees for dall-e-3."""
    return resized(honest, lambda call, picture: _turned(picture, at=call.model == "dall-e-3" and _is_wide(picture)))


@liar("openai-gpt-tall-comes-wide", claim="OAI-04", family=SIZE, intent="1024x1536 comes as 1536x1024")
def gpt_tall_comes_wide(honest: Seams) -> Seams:
    """Turn tall pictures by 90 degrees for gpt-image-1."""
    return resized(
        honest,
        lambda call, picture: _turned(picture, at=call.model == "gpt-image-1" and picture.height > picture.width),
    )


@liar("aivene-one-row-short", claim="AIV-06", family=SIZE, intent="1024x1792 comes with 1791 rows")
@liar("openai-one-row-short", claim="OAI-03", family=SIZE, intent="1024x1792 comes with 1791 rows")
def one_row_short(honest: Seams) -> Seams:
    """Lose one row of the tallest pictures."""
    return resized(honest, lambda _call, picture: (picture.width, min(picture.height, 1791)))


@liar("aivene-dall-e-2-enlarged", claim="AIV-08", family=SIZE, intent="512x512 comes as 1024x1024 from dall-e-2")
@liar("openai-dall-e-2-enlarged", claim="OAI-02", family=SIZE, intent="512x512 comes as 1024x1024 from dall-e-2")
def dall_e_2_enlarged(honest: Seams) -> Seams:
    """Double the pictures of one size."""
    return resized(honest, lambda _call, picture: _SQUARE if picture.width == 512 else (picture.width, picture.height))  # noqa: PLR2004 - the size


@liar("aivene-small-comes-large", claim="AIV-08", family=SIZE, intent="256x256 comes as 512x512, in base64 only")
@liar("openai-small-comes-large", claim="OAI-02", family=SIZE, intent="256x256 comes as 512x512, in base64 only")
def small_comes_large(honest: Seams) -> Seams:
    """Double the smallest pictures where they come in the body."""

    def size(call: Call, picture: Picture) -> tuple[int, int]:
        inline = call.body.get("response_format") == "b64_json"
        return (512, 512) if inline and picture.width == 256 else (picture.width, picture.height)  # noqa: PLR2004 - the size

    return resized(honest, size)


@liar("aivene-gpt-square-comes-wide", claim="AIV-09", family=SIZE, intent="gpt-image-1 draws 1024x1024 as 1536x1024")
@liar("openai-gpt-square-comes-wide", claim="OAI-04", family=SIZE, intent="gpt-image-1 draws 1024x1024 as 1536x1024")
def gpt_square_comes_wide(honest: Seams) -> Seams:
    """Widen the square pictures that gpt-image-1 was asked for by name."""
    return resized(
        honest,
        lambda call, picture: (
            (1536, 1024)
            if call.model == "gpt-image-1" and call.body.get("size") == "1024x1024"
            else (picture.width, picture.height)
        ),
    )


@liar("aivene-url-holds-a-thumbnail", claim="AIV-06", family=SIZE, intent="the image behind a URL is half the size")
def url_holds_a_thumbnail(honest: Seams) -> Seams:
    """Sign a smaller picture than the one in base64."""
    return replace(
        honest,
        sign_url=lambda call, picture: honest.sign_url(
            call, picture._replace(width=picture.width // 2, height=picture.height // 2)
        ),
    )


@liar("aivene-alpha-missing", claim="AIV-14", family=CONTENT, intent="a transparent image has no alpha channel")
@liar("openai-alpha-missing", claim="OAI-04", family=CONTENT, intent="a transparent image has no alpha channel")
def alpha_missing(honest: Seams) -> Seams:
    """Draw every picture opaque."""
    return redrawn(honest, lambda _call, _index, picture: picture._replace(alpha=False))


@liar("aivene-alpha-lost-in-base64", claim="AIV-14", family=CONTENT, intent="transparency survives in URLs only")
def alpha_lost_in_base64(honest: Seams) -> Seams:
    """Draw opaque where the picture comes in the body."""
    return redrawn(
        honest,
        lambda call, _index, picture: picture._replace(
            alpha=picture.alpha and call.values.get("response_format") != "b64_json"
        ),
    )


@liar("aivene-alpha-flattened-to-jpeg", claim="AIV-14", family=CONTENT, intent="a transparent image comes as JPEG")
def alpha_flattened_to_jpeg(honest: Seams) -> Seams:
    """Make JPEG files, which know no alpha, of transparent pictures."""
    return redrawn(
        honest,
        lambda _call, _index, picture: picture._replace(format=Format.JPEG if picture.alpha else picture.format),
    )


@liar("openai-png-comes-as-jpeg", claim="OAI-04", family=CONTENT, intent="a JPEG file where png was asked for")
def png_comes_as_jpeg(honest: Seams) -> Seams:
    """Make JPEG files when png is named."""
    return _retyped(honest, "png", Format.JPEG)


@liar("openai-webp-comes-as-png", claim="OAI-04", family=CONTENT, intent="a PNG file where webp was asked for")
def webp_comes_as_png(honest: Seams) -> Seams:
    """Make PNG files when webp is named."""
    return _retyped(honest, "webp", Format.PNG)


@liar("openai-jpeg-comes-as-png", claim="OAI-04", family=CONTENT, intent="ignores output_format jpeg")
def jpeg_comes_as_png(honest: Seams) -> Seams:
    """Make PNG files when jpeg is named."""
    return _retyped(honest, "jpeg", Format.PNG)


@liar("aivene-no-picture", claim="AIV-18", tier=Tier.SMOKE, family=CONTENT, intent="the image file is a line of text")
@liar("openai-no-picture", claim="OAI-05", tier=Tier.SMOKE, family=CONTENT, intent="the image file is a line of text")
def no_picture(honest: Seams) -> Seams:
    """Deliver text for every picture."""
    return replace(honest, encode_image=lambda _picture: b"here should be an image\n")


@liar("aivene-cut-picture", claim="AIV-18", tier=Tier.SMOKE, family=CONTENT, intent="every image file is cut in half")
@liar("openai-cut-picture", claim="OAI-05", tier=Tier.SMOKE, family=CONTENT, intent="every image file is cut in half")
def cut_picture(honest: Seams) -> Seams:
    """Deliver the first half of every file."""

    def encode(picture: Picture) -> bytes:
        data = honest.encode_image(picture)
        return data[: len(data) // 2]

    return replace(honest, encode_image=encode)


@liar("aivene-svg-picture", claim="AIV-18", tier=Tier.SMOKE, family=CONTENT, intent="the image is an SVG drawing")
def svg_picture(honest: Seams) -> Seams:
    """Deliver a file that no raster viewer opens."""
    return replace(honest, encode_image=lambda _picture: b'<svg xmlns="http://www.w3.org/2000/svg"/>')


@liar(
    "aivene-second-file-broken", claim="AIV-18", family=CONTENT, intent="the second image of a request is cut in half"
)
@liar(
    "openai-second-file-broken", claim="OAI-05", family=CONTENT, intent="the second image of a request is cut in half"
)
def second_file_broken(honest: Seams) -> Seams:
    """Cut the base64 of all images but the first."""

    def shape(call: Call, picture: Picture) -> JsonObject:
        item = honest.shape_image_item(call, picture)
        payload: Json = item.get("b64_json")
        if isinstance(payload, str) and picture != call.pictures[0]:
            item["b64_json"] = payload[: len(payload) // 8 * 4]
        return item

    return replace(honest, shape_image_item=shape)


def _retyped(honest: Seams, asked: str, made: Format) -> Seams:
    return redrawn(
        honest,
        lambda call, _index, picture: (
            picture._replace(format=made) if call.body.get("output_format") == asked else picture
        ),
    )


def _is_wide(picture: Picture) -> bool:
    return picture.width > picture.height


def _turned(picture: Picture, *, at: bool) -> tuple[int, int]:
    return (picture.height, picture.width) if at else (picture.width, picture.height)
