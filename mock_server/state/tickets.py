"""Signed image URLs: the token carries the whole picture, so that nothing is stored."""

from __future__ import annotations

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from hmac import compare_digest
from typing import NamedTuple

from ..images.pictures import Format, Picture

_FORMATS = tuple(Format)
#: provider, format, alpha (lowest bit) and number of tints (the others), quality, width, height,
#: expires (Unix seconds), account, colour
_LAYOUT = struct.Struct(">BBBBHHI6s8s")
_MAC_BYTES = 12


class Ticket(NamedTuple):
    """The right to fetch one image, from anybody who holds the URL, until it expires."""

    #: Position of the provider among those served.
    provider: int
    account: bytes
    expires: int
    picture: Picture


def seal(secret: bytes, ticket: Ticket) -> str:
    """Return the token of a ticket: URL-safe text with its signature."""
    picture = ticket.picture
    packed = _LAYOUT.pack(
        ticket.provider,
        _FORMATS.index(picture.format),
        picture.alpha | len(picture.tint) // 3 << 1,
        picture.quality,
        picture.width,
        picture.height,
        ticket.expires,
        ticket.account,
        picture.colour,
    )
    if picture.tint or picture.label:
        packed += picture.tint + picture.label.encode()
    return urlsafe_b64encode(_mac(secret, packed) + packed).rstrip(b"=").decode()


def unseal(secret: bytes, token: str) -> Ticket | None:
    """Return the ticket of a token, None when it was not signed with ``secret``."""
    try:
        data = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except ValueError:
        return None
    mac, packed = data[:_MAC_BYTES], data[_MAC_BYTES:]
    if len(packed) < _LAYOUT.size or not compare_digest(mac, _mac(secret, packed)):
        return None
    return _ticket(packed)


def _ticket(packed: bytes) -> Ticket:
    provider, form, flags, quality, width, height, expires, account, colour = _LAYOUT.unpack_from(packed)
    label_at = _LAYOUT.size + (flags >> 1) * 3
    picture = Picture(
        width=width,
        height=height,
        colour=colour,
        alpha=bool(flags & 1),
        format=_FORMATS[form],
        quality=quality,
        tint=packed[_LAYOUT.size : label_at],
        label=packed[label_at:].decode(),
    )
    return Ticket(provider=provider, account=account, expires=expires, picture=picture)


def _mac(secret: bytes, packed: bytes) -> bytes:
    return blake2b(packed, key=secret, digest_size=_MAC_BYTES).digest()
