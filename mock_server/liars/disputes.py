"""Servers that answer a disputed request as no reading of the documents has it."""

from __future__ import annotations

from ..seams import JsonObject, Seams
from .catalogue import liar
from .edits import crashing, resized

FAMILY = "disputed requests"
_SQUARE = (1024, 1024)


@liar("aivene-disputed-auto-crashes", claim="AIV-10", family=FAMILY, intent="breaks down on the size auto")
def disputed_auto_crashes(honest: Seams) -> Seams:
    """Break down where both a picture and a refusal would do."""
    return crashing(honest, lambda body: body.get("size") == "auto", "size")


@liar("aivene-disputed-wide-crashes", claim="AIV-10", family=FAMILY, intent="breaks down on 1536x1024")
def disputed_wide_crashes(honest: Seams) -> Seams:
    """Break down for gpt-image-1 alone; dall-e-3 refuses the size."""
    return crashing(honest, lambda body: _gpt(body) and body.get("size") == "1536x1024", "size")


@liar("aivene-disputed-size-replaced", claim="AIV-10", family=FAMILY, intent="draws 1024x1024 for the disputed sizes")
def disputed_size_replaced(honest: Seams) -> Seams:
    """Neither refuse 1536x1024 nor draw it."""
    return resized(
        honest,
        lambda call, picture: (
            _SQUARE
            if _gpt(call.body) and call.values.get("size") in {"1536x1024", "1024x1536"}
            else (picture.width, picture.height)
        ),
    )


@liar("aivene-disputed-size-turned", claim="AIV-10", family=FAMILY, intent="draws 1024x1536 turned by 90 degrees")
def disputed_size_turned(honest: Seams) -> Seams:
    """Draw one of the disputed sizes in the other orientation."""
    return resized(
        honest,
        lambda call, picture: (
            (picture.height, picture.width)
            if call.values.get("size") == "1024x1536"
            else (picture.width, picture.height)
        ),
    )


@liar("aivene-disputed-quality-crashes", claim="AIV-12", family=FAMILY, intent="breaks down on standard by gpt-image-1")
def disputed_quality_crashes(honest: Seams) -> Seams:
    """Break down where the default is named."""
    return crashing(honest, lambda body: _gpt(body) and body.get("quality") == "standard", "quality")


@liar(
    "aivene-disputed-quality-shrinks", claim="AIV-12", family=FAMILY, intent="standard gives gpt-image-1 half the size"
)
def disputed_quality_shrinks(honest: Seams) -> Seams:
    """Neither refuse the quality nor draw as asked."""
    return resized(
        honest,
        lambda call, picture: (
            (picture.width // 2, picture.height // 2)
            if _gpt(call.body) and call.body.get("quality") == "standard"
            else (picture.width, picture.height)
        ),
    )


def _gpt(body: JsonObject) -> bool:
    return body.get("model") == "gpt-image-1"
