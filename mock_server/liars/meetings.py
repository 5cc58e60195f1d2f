"""Servers that fail where two things meet: several images and a size, an alias and a model, a URL and a later look."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..seams import JsonObject, Seams
from .catalogue import liar
from .edits import crashing, reasked, recounted, redrawn, refusing

if TYPE_CHECKING:
    from ..call import Call
    from ..images.pictures import Picture

SEVERAL, SCRIPTS, LIFE, ALIAS, FILES = "several images", "other scripts", "url life", "alias", "image files"


@liar("aivene-second-image-halved", claim="AIV-06", family=SEVERAL, intent="the second of two images has half the size")
@liar("openai-second-image-halved", claim="OAI-02", family=SEVERAL, intent="the second of two images has half the size")
def second_image_halved(honest: Seams) -> Seams:
    """Draw every image but the first with half the sides."""

    def halved(_call: Call, index: int, picture: Picture) -> Picture:
        return picture._replace(width=picture.width // 2, height=picture.height // 2) if index else picture

    return redrawn(honest, halved)


@liar("aivene-second-image-opaque", claim="AIV-14", family=SEVERAL, intent="of several images the first is transparent")
def second_image_opaque(honest: Seams) -> Seams:
    """Fill the background of every image but the first."""
    return redrawn(honest, lambda _call, index, picture: picture._replace(alpha=False) if index else picture)


@liar(
    "aivene-second-image-by-url", claim="AIV-15", family=SEVERAL, intent="of two images in base64 the second is a URL"
)
@liar("perf-second-image-by-url", claim="PRF-13", family=SEVERAL, intent="a second image in base64 is a URL")
def second_image_by_url(honest: Seams) -> Seams:
    """Send a URL for every image but the first."""

    def shape(call: Call, picture: Picture) -> JsonObject:
        item = honest.shape_image_item(call, picture)
        if "b64_json" in item and picture is not call.pictures[0]:
            del item["b64_json"]
            item["url"] = call.seams.sign_url(call, picture)
        return item

    return replace(honest, shape_image_item=shape)


@liar("aivene-user-unknown-to-dall-e-2", claim="AIV-16", family=ALIAS, intent="dall-e-2 refuses user")
def user_unknown_to_dall_e_2(honest: Seams) -> Seams:
    """Refuse a parameter for one model."""
    return refusing(honest, lambda body: body.get("model") == "dall-e-2" and "user" in body, "user")


@liar("aivene-none-is-one-for-gpt", claim="AIV-05", family=SEVERAL, intent="gpt-image-1 makes an image for n = 0")
def none_is_one_for_gpt(honest: Seams) -> Seams:
    """Take no image for one, with one model."""
    return reasked(honest, lambda body: _one_for(body, 0) if body.get("model") == "gpt-image-1" else None)


@liar("aivene-fewer-than-none-is-one", claim="AIV-05", family=SEVERAL, intent="makes an image for n = -1")
@liar("stratizon-fewer-than-none-is-one", claim="STR-08", family=SEVERAL, intent="makes an image for n = -1")
def fewer_than_none_is_one(honest: Seams) -> Seams:
    """Take any number below zero for one."""
    return reasked(honest, lambda body: _one_for(body, -1))


@liar("aivene-third-image-missing", claim="AIV-05", family=SEVERAL, intent="three images are two")
def third_image_missing(honest: Seams) -> Seams:
    """Deliver two images at most."""
    return recounted(honest, lambda call: min(call.n, 2))


@liar("aicredits-second-image-missing", claim="AIC-35", family=SEVERAL, intent="two images are one, charged as two")
def second_image_missing(honest: Seams) -> Seams:
    """Deliver one image whatever n says."""
    return recounted(honest, lambda _call: 1)


@liar("aicredits-third-image-halved", claim="AIC-07", family=SEVERAL, intent="the third of three images is halved")
def third_image_halved(honest: Seams) -> Seams:
    """Draw every image but the first two with half the sides."""

    def halved(_call: Call, index: int, picture: Picture) -> Picture:
        return picture._replace(width=picture.width // 2, height=picture.height // 2) if index > 1 else picture

    return redrawn(honest, halved)


@liar("aicredits-hd-by-url-halved", claim="AIC-06", family=FILES, intent="square hd by URL comes with half the sides")
@liar("aivene-hd-by-url-halved", claim="AIV-07", family=FILES, intent="square hd by URL comes with half the sides")
def hd_by_url_halved(honest: Seams) -> Seams:
    """Draw the better quality small where it comes by URL."""

    def halved(call: Call, _index: int, picture: Picture) -> Picture:
        values = call.values
        small = (values.get("quality"), values.get("response_format")) == ("hd", "url")
        small = small and picture.width == picture.height
        return picture._replace(width=picture.width // 2, height=picture.height // 2) if small else picture

    return redrawn(honest, halved)


@liar("aicredits-natural-is-cut", claim="AIC-11", family=FILES, intent="an image in the style natural is cut short")
@liar("aivene-natural-is-cut", claim="AIV-18", family=FILES, intent="an image in the style natural is cut short")
def natural_is_cut(honest: Seams) -> Seams:
    """Cut the file of one style, however it comes."""
    natural: set[bytes] = set()

    def note(call: Call, _index: int, picture: Picture) -> Picture:
        if call.values.get("style") == "natural":
            natural.add(picture.colour)
        return picture

    def encode(picture: Picture) -> bytes:
        data = honest.encode_image(picture)
        return data[: len(data) // 2] if picture.colour in natural else data

    return replace(redrawn(honest, note), encode_image=encode)


@liar("aivene-other-scripts-break", claim="AIV-01", family=SCRIPTS, intent="breaks at a prompt that is not ASCII")
@liar("stratizon-other-scripts-break", claim="STR-01", family=SCRIPTS, intent="breaks at a prompt that is not ASCII")
def other_scripts_break(honest: Seams) -> Seams:
    """Break down where a prompt has other letters than ours."""
    return crashing(honest, lambda body: not str(body.get("prompt")).isascii(), "prompt")


@liar("aivene-url-for-seconds", claim="AIV-17", family=LIFE, intent="URLs live two seconds")
@liar("perf-url-for-seconds", claim="PRF-18", family=LIFE, intent="URLs live two seconds")
def url_for_seconds(honest: Seams) -> Seams:
    """Sign for the time of one download."""
    return redrawn(honest, lambda _call, _index, picture: picture._replace(life_s=2))


@liar("aivene-alias-unknown-to-gpt", claim="AIV-16", family=ALIAS, intent="gpt-image-1 refuses safety_identifier")
def alias_unknown_to_gpt(honest: Seams) -> Seams:
    """Refuse the alias for one model."""
    return refusing(
        honest, lambda body: body.get("model") == "gpt-image-1" and "safety_identifier" in body, "safety_identifier"
    )


def _one_for(body: JsonObject, number: int) -> None:
    """Ask for one image where a number of them is asked for."""
    if body.get("n") == number:
        body["n"] = 1
