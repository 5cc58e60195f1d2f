"""Reads type and pixel size off the first bytes of a PNG, JPEG or WebP file, without decoding it."""

from __future__ import annotations

import struct

Measured = tuple[str, int, int]

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
#: JPEG segments that begin a frame: SOF0 to SOF15 without DHT, JPG and DAC.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: JPEG markers without a length: TEM, RST0 to RST7, SOI.
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
#: 14 bits of a VP8 or VP8L size.
_FOURTEEN = 0x3FFF


def measured(data: bytes) -> Measured | None:
    """Return (MIME type, width, height), None for any other file or a cut header."""
    try:
        if data.startswith(_PNG):
            return _png(data)
        if data.startswith(_JPEG):
            return _jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError):
        return None
    return None


def _png(data: bytes) -> Measured | None:
    if data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", data, 16)
    return "image/png", width, height


def _jpeg(data: bytes) -> Measured | None:
    at = 2
    while at < len(data):
        if data[at] != 0xFF:  # noqa: PLR2004 - every marker begins so
            return None
        marker = data[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return "image/jpeg", width, height
        if marker == 0xFF:  # noqa: PLR2004 - fill byte
            at += 1
        elif marker in _BARE:
            at += 2
        else:
            at += 2 + max(2, struct.unpack_from(">H", data, at + 2)[0])
    return None


def _webp(data: bytes) -> Measured | None:
    kind = data[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return ("image/webp", width, height) if len(data) >= 30 else None  # noqa: PLR2004 - end of the header
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return "image/webp", (bits & _FOURTEEN) + 1, (bits >> 14 & _FOURTEEN) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return "image/webp", width & _FOURTEEN, height & _FOURTEEN
    return None
