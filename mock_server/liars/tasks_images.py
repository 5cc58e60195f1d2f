"""Servers whose tasks deliver the wrong pictures: their ratio, their count, their files, what names them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier

from ..call import Answer
from ..seams import JsonObject, Seams
from ..steps.naming import stray_id
from ..steps.tasking import task_of
from .catalogue import liar
from .edits import HTML, redrawn, resized
from .task_edits import FROM_IMAGES, relisted, reshaped

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixelproof.contract import Json

    from ..call import Call
    from ..images.pictures import Picture
    from ..provider import Provider
    from ..state.tickets import Ticket

RATIO, COUNT, ITEMS, FILES = "aspect ratio", "count", "result items", "image files"
_SQUARE, _WIDE, _TALL = (1024, 1024), (1536, 864), (864, 1536)
#: n of the tasks that lose an image.
_FOUR = 4


@liar("stratizon-wide-is-square", claim="STR-07", family=RATIO, intent="16:9 comes as 1:1")
def wide_is_square(honest: Seams) -> Seams:
    """Draw one ratio square."""
    return _drawn(honest, "16:9", _SQUARE)


@liar("stratizon-two-to-one-is-wide", claim="STR-07", family=RATIO, intent="2:1 comes as 16:9")
def two_to_one_is_wide(honest: Seams) -> Seams:
    """Draw the widest ratio a little less wide."""
    return _drawn(honest, "2:1", _WIDE)


@liar("stratizon-tall-comes-wide", claim="STR-07", family=RATIO, intent="9:16 comes as 16:9")
def tall_comes_wide(honest: Seams) -> Seams:
    """Turn the tallest ratio by 90 degrees."""
    return _drawn(honest, "9:16", _WIDE)


@liar("stratizon-photo-is-square-from-images", claim="STR-07", family=RATIO, intent="image-to-image makes 4:3 square")
def photo_is_square_from_images(honest: Seams) -> Seams:
    """Keep the reference's own ratio for one that is asked for."""
    return resized(
        honest,
        lambda call, p: (
            _SQUARE
            if call.operation.capability == FROM_IMAGES and call.values.get("aspect_ratio") == "4:3"
            else (p.width, p.height)
        ),
    )


@liar("stratizon-square-by-default-is-tall", claim="STR-07", family=RATIO, intent="1:1 comes as 9:16")
def square_is_tall(honest: Seams) -> Seams:
    """Draw for telephones where a square is named."""
    return _drawn(honest, "1:1", _TALL)


@liar("stratizon-fourth-image-lost", claim="STR-08", family=COUNT, intent="n = 4 shows three images, and charges four")
def fourth_image_lost(honest: Seams) -> Seams:
    """Lose the last of four images, without paying it back."""

    def lose(_call: Call, body: JsonObject) -> None:
        images = _images(body)
        if len(images) == _FOUR:
            images.pop()

    return reshaped(honest, lose)


@liar("stratizon-same-image", claim="STR-08", family=COUNT, intent="sends n copies of one image")
def same_image(honest: Seams) -> Seams:
    """Repeat the first picture."""
    return redrawn(honest, lambda call, _index, _picture: call.pictures[0])


@liar("stratizon-one-image-too-many", claim="STR-08", tier=Tier.SMOKE, family=COUNT, intent="n = 1 brings two images")
def one_image_too_many(honest: Seams) -> Seams:
    """Show the only image twice, with an artifact for each."""

    def add(_call: Call, body: JsonObject) -> None:
        images = _images(body)
        if len(images) == 1 and isinstance(images[0], dict):
            images.append({**images[0], "artifact_id": stray_id("art")})

    return reshaped(honest, add)


@liar(
    "stratizon-second-artifact-missing", claim="STR-20", family=ITEMS, intent="only the first image has an artifact_id"
)
def second_artifact_missing(honest: Seams) -> Seams:
    """Name the first artifact alone."""
    return relisted(honest, lambda _call, index, item: _drop(item, "artifact_id") if index else None)


@liar("stratizon-no-artifact-id", claim="STR-20", tier=Tier.SMOKE, family=ITEMS, intent="images have a url and no more")
def no_artifact_id(honest: Seams) -> Seams:
    """Name no artifact."""
    return relisted(honest, lambda _call, _index, item: _drop(item, "artifact_id"))


@liar("stratizon-no-url", claim="STR-20", tier=Tier.SMOKE, family=ITEMS, intent="images have an artifact_id and no url")
def no_url(honest: Seams) -> Seams:
    """Leave the download to another route."""
    return relisted(honest, lambda _call, _index, item: _drop(item, "url"))


@liar(
    "stratizon-null-url", claim="STR-20", tier=Tier.SMOKE, family=ITEMS, intent="the url of an image-to-image is null"
)
def null_url(honest: Seams) -> Seams:
    """Write null where one capability has a URL."""
    return relisted(
        honest,
        lambda call, _index, item: item.update(url=None) if task_of(call).capability == FROM_IMAGES else None,
    )


@liar("stratizon-one-artifact-for-all", claim="STR-20", family=ITEMS, intent="all images have the same artifact_id")
def one_artifact_for_all(honest: Seams) -> Seams:
    """Name every image by the first artifact."""
    return relisted(honest, lambda call, _index, item: item.update(artifact_id=task_of(call).artifact_ids[0]))


@liar("stratizon-relative-url", claim="STR-20", tier=Tier.SMOKE, family=FILES, intent="the url has no host")
def relative_url(honest: Seams) -> Seams:
    """Cut scheme and host off."""
    return relisted(honest, lambda call, _index, item: item.update(url=str(item["url"]).removeprefix(call.base_url)))


@liar("stratizon-url-unreachable", claim="STR-20", tier=Tier.SMOKE, family=FILES, intent="the url of a result is a 404")
def url_unreachable(honest: Seams) -> Seams:
    """Lose every file."""
    return _serving(honest, Answer(status=404, body=b"no such file\n", content_type="text/plain"))


@liar("stratizon-url-is-a-page", claim="STR-20", tier=Tier.SMOKE, family=FILES, intent="the url shows an HTML page")
def url_is_a_page(honest: Seams) -> Seams:
    """Serve a viewer instead of the file."""
    return _serving(honest, Answer(status=200, body=HTML, content_type="text/html; charset=utf-8"))


@liar(
    "stratizon-success-without-output", claim="STR-20", tier=Tier.SMOKE, family=ITEMS, intent="a success has no images"
)
def success_without_output(honest: Seams) -> Seams:
    """Succeed, and show nothing."""
    return reshaped(honest, lambda _call, body: body.update(output=None))


def _drawn(honest: Seams, ratio: str, size: tuple[int, int]) -> Seams:
    def drawn(call: Call, picture: Picture) -> tuple[int, int]:
        return size if call.body.get("aspect_ratio") == ratio else (picture.width, picture.height)

    return resized(honest, drawn)


def _serving(honest: Seams, answer: Answer) -> Seams:
    """Answer every image URL in one way."""

    def serve(_provider: Provider, _ticket: Ticket, _now: float) -> Answer:
        return replace(answer, headers=[])

    serving: Callable[[Provider, Ticket, float], Answer] = serve
    return replace(honest, serve_image=serving)


def _images(body: JsonObject) -> list[Json]:
    output = body.get("output")
    images = output.get("images") if isinstance(output, dict) else None
    return images if isinstance(images, list) else []


def _drop(item: JsonObject, key: str) -> None:
    item.pop(key, None)
