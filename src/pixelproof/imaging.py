"""Looks into delivered image files; Pillow is imported when the first one arrives."""

from __future__ import annotations

import hashlib
import io
import warnings
from functools import lru_cache

from pixelproof.exchange import ImageFacts

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
    )
