"""Takes the content encoding off a body piece by piece, so that a bomb never unfolds in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

#: Bytes unfolded at once.
PIECE = 1 << 16
#: What zlib is told about the wrapping: gzip or zlib by itself, or a bare stream.
_WRAPPED, _BARE = zlib.MAX_WBITS | 32, -zlib.MAX_WBITS
_ZLIB = frozenset({"gzip", "x-gzip", "deflate"})


class BadEncoding(Exception):
    """A body that does not unfold as its Content-Encoding says."""


def unfolded(raw: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield a body without its content encoding, at most ``PIECE`` bytes at a time. Raises BadEncoding.

    Only what the harness accepts is undone: gzip and deflate, once. Several layers would
    multiply what one read may unfold to.
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return iter(raw)
    if name not in _ZLIB:
        raise BadEncoding(f"'{encoding[:40]}' was not asked for")
    return _inflated(raw)


def _inflated(raw: Iterable[bytes]) -> Iterator[bytes]:
    stream = None
    for chunk in raw:
        if chunk and stream is None:
            stream = zlib.decompressobj(_WRAPPED if _has_head(chunk) else _BARE)
        if stream is not None:
            yield from _pieces(stream, chunk)
    if stream is not None and not stream.eof:
        raise BadEncoding("it ends in the middle")


def _pieces(stream: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    try:
        while data and not stream.eof:
            yield stream.decompress(data, PIECE)
            data = stream.unconsumed_tail
    except zlib.error as error:
        raise BadEncoding(str(error)) from None


def _has_head(chunk: bytes) -> bool:
    """Tell a gzip or zlib head from a bare stream, which some servers send as deflate."""
    return chunk[:1] == b"\x1f" or (chunk[0] & 0x0F == zlib.DEFLATED and int.from_bytes(chunk[:2], "big") % 31 == 0)
