"""Image URLs: signed when an answer is made, opened when somebody fetches the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..call import Answer
from ..state.tickets import Ticket, seal, unseal

if TYPE_CHECKING:
    from ..call import Call
    from ..images.pictures import Picture
    from ..provider import Provider
    from ..state.world import World

#: Where images live, below the base URL without any version.
PATH = "/images/"
#: Life of a URL when a contract documents none.
_LIFE_S = 3600


def sign_url(call: Call, picture: Picture) -> str:
    """Return an absolute URL that fetches the picture without any key until it expires."""
    name = signed(call.provider.world, call.provider.number, call.account.raw_id, picture, call.now)
    return f"{call.base_url}{PATH}{name}"


def signed(world: World, provider: int, account: bytes, picture: Picture, now: float) -> str:
    """Return the name below ``PATH`` that opens a picture, for as long as its URL lives from ``now`` on."""
    life_s = picture.life_s if picture.life_s is not None else _LIFE_S
    ticket = Ticket(provider, account, int(now + life_s), picture)
    return f"{seal(world.url_secret, ticket)}.{picture.format}"


def serve_image(provider: Provider, ticket: Ticket, now: float) -> Answer:
    """Return the image while its URL lives, afterwards a 403, as signed URLs of cloud storage do."""
    if now >= ticket.expires:
        return _plain(403, b"this image URL has expired\n")
    body = provider.seams.encode_image(ticket.picture)
    return Answer(status=200, body=body, content_type=ticket.picture.format.media_type)


def fetch(world: World, name: str) -> Answer:
    """Answer a request for ``/images/<token>.<ext>``."""
    ticket = unseal(world.url_secret, name.rpartition(".")[0])
    if ticket is None or ticket.provider >= len(world.providers):
        return _plain(403, b"this image URL was not signed here\n")
    provider = world.providers[ticket.provider]
    return provider.seams.serve_image(provider, ticket, world.now_of(ticket.account))


def _plain(status: int, body: bytes) -> Answer:
    return Answer(status=status, body=body, content_type="text/plain; charset=utf-8")
