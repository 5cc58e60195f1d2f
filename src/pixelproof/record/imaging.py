"""Looks into delivered image files; Pillow is imported when the first one arrives."""

from __future__ import annotations

import base64
import hashlib
import io
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

from pixelproof.exchange import ImageFacts

if TYPE_CHECKING:
    from PIL import Image

#: Pixels of the longer side of a thumbnail, and how good its JPEG is.
_SIDE, _QUALITY = 64, 60
#: Larger pictures are refused unread: a decompression bomb, not a picture.
MAX_PIXELS = 50_000_000


def inspect(data: bytes) -> ImageFacts:
    """Decode a file and say what it is; what is wrong stands in ``problem``."""
    return _inspect(data) if len(data) < 1 << 20 else _decode(data)


@lru_cache(maxsize=256)
def _inspect(data: bytes) -> ImageFacts:
    return _decode(data)


def _decode(data: bytes) -> ImageFacts:
    from PIL import Image, UnidentifiedImageError

    sha256 = hashlib.sha256(data).hexdigest()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as picture:
                return _facts(picture, data, sha256)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        return ImageFacts(sha256=sha256, bytes=len(data), problem=f"no image: {error}"[:160])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return ImageFacts(sha256=sha256, bytes=len(data), problem="a decompression bomb")


def _facts(picture: object, data: bytes, sha256: str) -> ImageFacts:
    from PIL import Image

    if not isinstance(picture, Image.Image) or picture.width * picture.height > MAX_PIXELS:
        return ImageFacts(sha256=sha256, bytes=len(data), problem="too many pixels to decode")
    alpha = picture.has_transparency_data
    media_type = Image.MIME.get(picture.format or "", "")
    pixels = picture.convert("RGBA")
    lowest = pixels.getchannel("A").getextrema()[0] if alpha else 255
    return ImageFacts(
        sha256=sha256,
        bytes=len(data),
        media_type=media_type,
        width=picture.width,
        height=picture.height,
        alpha=alpha,
        transparent=isinstance(lowest, int) and lowest < 255,  # noqa: PLR2004 - an opaque byte
        pixels=hashlib.blake2b(pixels.tobytes(), digest_size=12).hexdigest(),
        thumbnail=_thumbnail(pixels, alpha=alpha),
    )


def _thumbnail(pixels: Image.Image, *, alpha: bool) -> str:
    """Return a picture within 64x64 as a data URI: with its alpha as PNG, else smaller, as JPEG."""
    coarse = (min(pixels.width, 4 * _SIDE), min(pixels.height, 4 * _SIDE))
    # in two steps: averaging every pixel of a large picture would cost half as much as decoding it
    small = pixels.resize(coarse, _nearest())
    shape = max(pixels.width, pixels.height, 1)
    size = (max(1, _SIDE * pixels.width // shape), max(1, _SIDE * pixels.height // shape))
    small = small.resize((min(size[0], pixels.width), min(size[1], pixels.height)))
    file = io.BytesIO()
    (small if alpha else small.convert("RGB")).save(file, "PNG" if alpha else "JPEG", quality=_QUALITY)
    kind = "png" if alpha else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(file.getvalue()).decode()}"


def _nearest() -> int:
    from PIL import Image

    return Image.Resampling.NEAREST
