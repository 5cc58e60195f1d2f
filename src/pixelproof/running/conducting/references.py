"""Reference images as the harness sends them: a small picture, in every documented kind."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable, Mapping

from pixelproof.contract import Json, Media
from pixelproof.contract.media import write_reference
from pixelproof.planning.case import REFERENCE_KEY
from pixelproof.targets.file import Target
from pixelproof.targets.missing import MissingLever

_SIDE = 64


def picture(colour: tuple[int, int, int] = (196, 48, 43)) -> bytes:
    """Return a small PNG of one colour, every time the same bytes."""
    row = b"\x00" + bytes(colour) * _SIDE
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(row * _SIDE)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def data_uri(data: bytes) -> str:
    """Return a picture as a data URI."""
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def multipart(field: str, data: bytes) -> tuple[str, bytes]:
    """Return the media type and the body of an upload with one file part."""
    boundary = "pixelproof-7d1f0c9b"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="reference.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    )
    return f"multipart/form-data; boundary={boundary}", head.encode() + data + f"\r\n--{boundary}--\r\n".encode()


def filled(value: Json, fill: Callable[[Mapping[str, Json]], Json]) -> Json:
    """Return a planned body with every placeholder of a reference image replaced."""
    if isinstance(value, dict):
        if REFERENCE_KEY in value:
            return fill(value)
        return {key: filled(item, fill) for key, item in value.items()}
    return [filled(item, fill) for item in value] if isinstance(value, list) else value


def reference_json(media: Media, target: Target, kind: str, value: str) -> Json:
    """Return the JSON of a reference, in the target's own shape where its file maps one."""
    mapped = target.map.get("media")
    shapes = mapped if isinstance(mapped, dict) else {}
    own = shapes.get(kind)
    template = own if isinstance(own, dict | str) else media.kinds.get(kind)
    if template is None:
        raise MissingLever(
            f"the shape of a reference of kind {kind}", f"map: {{media: {{{kind}: …}}}} in the target file"
        )
    return write_reference(template, kind, value)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
