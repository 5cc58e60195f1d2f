"""Makes the pictures: a function of seed, account, request, its ordinal, and the index."""

from __future__ import annotations

from hashlib import blake2b

from .call import Call
from .faults import Effect
from .pictures import Format, Picture

#: What ``auto`` means for a size.
AUTO_SIZE = "1024x1024"
#: Longest part of a prompt that a labelled picture shows.
_LABEL = 120
_LABELLED = "labelled"


def generate(call: Call) -> None:
    """Write one picture for every image asked for; fewer when a fault says partial."""
    count = call.n
    if call.fault is not None and call.fault.effect is Effect.PARTIAL:
        wanted = call.fault.images if call.fault.images is not None else count - 1
        count = min(count, wanted)
    first = _picture(call)
    call.pictures = [first._replace(colour=_colour(call, index)) for index in range(count)]
    call.billable = count


def _picture(call: Call) -> Picture:
    values = call.values
    width, height = pixels(str(values.get("size", AUTO_SIZE)))
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
    )


def pixels(size: str) -> tuple[int, int]:
    """Return (width, height) of a size; ``auto`` is square."""
    width, _, height = (size if "x" in size else AUTO_SIZE).partition("x")
    return int(width), int(height)


def _colour(call: Call, index: int) -> bytes:
    text = b"%b:%d:%d" % (call.fingerprint, call.ordinal, index)
    return blake2b(text, key=call.account.seed, digest_size=8).digest()
