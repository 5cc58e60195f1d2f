"""Makes the pictures: a function of seed, account, request, its ordinal, and the index."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from ..call import Call
from ..faults import Effect
from ..images.pictures import Format, Picture
from ..images.png import TINTS

if TYPE_CHECKING:
    from ..state.artifacts import Artifact

#: What ``auto`` means for a size.
AUTO_SIZE = "1024x1024"
#: Longest part of a prompt that a labelled picture shows.
_LABEL = 120
_LABELLED = "labelled"
#: Colours that an artifact has.
_QUARTERS = 4


def generate(call: Call) -> None:
    """Write one picture for every image asked for; fewer when a fault says partial.

    A task is paid for in full and given back later what it did not deliver, so it gets them all.
    """
    count = call.n if call.operation.creates_task else delivered(call)
    first = _picture(call)
    call.pictures = [first._replace(colour=_colour(call, index)) for index in range(count)]
    call.billable = count


def delivered(call: Call) -> int:
    """Return how many images arrive: all, or fewer when a fault says partial."""
    if call.fault is None or call.fault.effect is not Effect.PARTIAL:
        return call.n
    wanted = call.fault.images if call.fault.images is not None else call.n - 1
    return min(call.n, wanted)


def _picture(call: Call) -> Picture:
    values = call.values
    width, height = pixels(_size(call))
    quality = values.get("output_compression", 100)
    labelled = call.provider.world.settings.images == _LABELLED
    return Picture(
        width=width,
        height=height,
        colour=b"",
        alpha=values.get("background") == "transparent",
        format=Format(str(values.get("output_format", Format.PNG))),
        quality=int(quality) if isinstance(quality, int | float) else 100,
        label=call.prompt[:_LABEL] if labelled else "",
        life_s=call.provider.url_life_s,
        tint=tint(call.references) if call.references else b"",
    )


def _size(call: Call) -> str:
    images = call.provider.contract.images
    if images.ratio_parameter is None:
        return str(call.values.get("size", AUTO_SIZE))
    return images.sizes.get(str(call.values.get(images.ratio_parameter)), AUTO_SIZE)


def pixels(size: str) -> tuple[int, int]:
    """Return (width, height) of a size; ``auto`` is square."""
    width, _, height = (size if "x" in size else AUTO_SIZE).partition("x")
    return int(width), int(height)


def tint(references: Sequence[Artifact]) -> bytes:
    """Return the colours that references lend to a picture: of each its quarters, fewer of each of many."""
    share = max(1, min(_QUARTERS, TINTS // len(references)))
    colours = [item.colours[3 * quarter : 3 * quarter + 3] for item in references for quarter in range(share)]
    first, more = colours[:TINTS], colours[TINTS:]
    for index, colour in enumerate(more):
        first[index] = bytes((a + b) // 2 for a, b in zip(first[index], colour, strict=True))
    return b"".join(first)


def _colour(call: Call, index: int) -> bytes:
    text = b"%b:%d:%d" % (call.fingerprint, call.ordinal, index)
    return blake2b(text, key=call.account.seed, digest_size=8).digest()
