"""Pictures as PNG files: small, real, and each of its own colour."""

from __future__ import annotations

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: What a ratio is drawn as; ``auto`` is up to us.
SIZES = {
    "auto": (40, 40),
    "1:1": (48, 48),
    "16:9": (64, 36),
    "9:16": (36, 64),
    "4:3": (64, 48),
    "3:4": (48, 64),
    "2:1": (64, 32),
}


def draw(size: tuple[int, int], number: int) -> bytes:
    """Return a PNG of two colours that follow from its number."""
    width, height = size
    upper, lower = _colour(number), _colour(number * 7 + 3)
    rows = b"".join(b"\x00" + (upper if line < height // 2 else lower) * width for line in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return SIGNATURE + b"".join(_part(name, data) for name, data in parts)


def _colour(number: int) -> bytes:
    return ((number * 2_654_435_761 + 40_503) & 0xFFFFFF).to_bytes(3, "big")


def _part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
