"""What is taken from an image file that a client sends: type, size and four colours."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import nullcontext
from threading import Lock
from typing import NamedTuple

from .dimensions import measured

#: Pixels of the largest image that is decoded; larger ones are refused by their header.
MOST_PIXELS = 50_000_000
#: Longest side of an image.
LONGEST = 16_384
#: Images of more pixels are decoded one at a time: each needs four bytes a pixel, twice.
_LARGE = 4_000_000
_one_large = Lock()


class Unusable(ValueError):
    """A reference that is no image, or none that we take; the message follows the parameter's name."""


class Sample(NamedTuple):
    """What is known of a decoded image; ``colours`` are the averages of its quarters."""

    mime_type: str
    width: int
    height: int
    colours: bytes


def sample(data: bytes) -> Sample:
    """Decode an image file as far as needed. Raises Unusable, before decoding where the header is enough."""
    found = measured(data)
    if found is None:
        raise Unusable("is not a PNG, JPEG or WebP image")
    mime_type, width, height = found
    if not (0 < width <= LONGEST and 0 < height <= LONGEST) or width * height > MOST_PIXELS:
        raise Unusable(f"has {width}x{height} pixels, which is too many")
    with _one_large if width * height > _LARGE else nullcontext():
        colours = _colours(data, mime_type)
    return Sample(mime_type=mime_type, width=width, height=height, colours=colours)


def _colours(data: bytes, mime_type: str) -> bytes:
    from PIL import Image

    # the header that was measured is the one that is decoded by: none of the three has a second size
    kind = mime_type.partition("/")[2].upper()
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            image.draft("RGB", (64, 64))
            # straight from a palette with transparency to RGB would be a warning
            flat = image.convert("RGBA") if image.mode == "P" else image
            return flat.convert("RGB").resize((2, 2), Image.Resampling.BOX).tobytes()
    except (OSError, SyntaxError, EOFError, LookupError, ValueError, struct.error, zlib.error) as error:
        raise Unusable("cannot be decoded") from error
