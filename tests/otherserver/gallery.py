"""Pictures of the sizes that are asked for, in the format of each house.

PNG is written by hand. JPEG and WebP need an encoder: Pillow, which serves nothing else here.
"""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache

from PIL import Image

from .pictures import SIGNATURE, _part


def drawn(kind: str, size: tuple[int, int], number: int, *, see_through: bool = False) -> bytes:
    """Return a picture of two colours that follow from its number, as png, jpeg or webp."""
    if kind == "png":
        return _png(size, number, see_through=see_through)
    picture = Image.new("RGBA" if see_through else "RGB", size, _rgb(number))
    picture.paste(_rgb(number * 7 + 3), (0, 0, size[0], size[1] // 2))
    if see_through:
        picture.putpixel((0, 0), (0, 0, 0, 0))
    file = io.BytesIO()
    picture.save(file, kind, **({"lossless": True, "method": 0} if kind == "webp" else {"quality": 95}))
    return file.getvalue()


def _png(size: tuple[int, int], number: int, *, see_through: bool) -> bytes:
    """Return a PNG of one bit a pixel: its palette tells one from the other."""
    header = struct.pack(">IIBBBBB", *size, 1, 3, 0, 0, 0)
    palette = bytes((*_rgb(number), *_rgb(number * 7 + 3)))
    parts = [(b"IHDR", header), (b"PLTE", palette), (b"IDAT", _rows(size)), (b"IEND", b"")]
    if see_through:
        parts.insert(2, (b"tRNS", b"\x00\xff"))
    return SIGNATURE + b"".join(_part(name, data) for name, data in parts)


@cache
def _rows(size: tuple[int, int]) -> bytes:
    width, height = size
    row = (width + 7) // 8
    upper, lower = b"\x00" + b"\x00" * row, b"\x00" + b"\xff" * row
    return zlib.compress(upper * (height // 2) + lower * (height - height // 2), 1)


def _rgb(number: int) -> tuple[int, int, int]:
    mixed = number * 2_654_435_761 + 40_503
    return mixed >> 16 & 0xFF, mixed >> 8 & 0xFF, mixed & 0xFF


def size_of(text: str) -> tuple[int, int]:
    """Return what ``1792x1024`` says; (0, 0) when it says something else."""
    width, _, height = text.partition("x")
    return (int(width), int(height)) if width.isdecimal() and height.isdecimal() else (0, 0)
