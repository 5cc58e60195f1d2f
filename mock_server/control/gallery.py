"""The images made lately, each with a URL of its own on this server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..state.clock import iso
from ..steps.delivery import PATH, signed
from .forms import number, query, reply
from .people import account_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Blueprint, Response

    from pixelproof.contract import Json

    from ..images.pictures import Picture
    from ..state.gallery import Shot
    from ..state.world import World

#: Requests of one page of the gallery.
_PAGE, _LARGEST_PAGE = 24, 200


def add_routes(routes: Blueprint, world: World) -> None:
    """Add the route about images."""

    @routes.get("/images")
    def show_images() -> Response:
        values = query(("account", "before", "limit"))
        account = account_of(world, values["account"]).id if "account" in values else None
        limit = number(values, "limit", _PAGE, most=_LARGEST_PAGE)
        before = number(values, "before", 10**15 - 1, most=10**15 - 1)
        shots = []
        for shot in world.gallery.shots(account, before):
            shots.append(shot)
            if len(shots) > limit:
                break
        page = shots[:limit]
        following = page[-1].seq if page and len(shots) > limit else None
        return reply({"images": [item for shot in page for item in _shown(world, shot)], "next": following})


def _shown(world: World, shot: Shot) -> Iterator[dict[str, Json]]:
    now = world.now_of(shot.raw_id)
    currency = shot.provider.contract.billing.currency
    for index, picture in enumerate(shot.delivered(now)):
        yield {
            "seq": shot.seq,
            "index": index,
            "at": iso(shot.at),
            "account": shot.account,
            "profile": shot.provider.profile,
            "request_id": shot.request_id,
            "task_id": shot.job.id if shot.job is not None else None,
            "model": shot.model,
            "prompt": shot.prompt,
            "width": picture.width,
            "height": picture.height,
            "format": picture.format.value,
            "price": currency.format(shot.unit_price),
            "currency": currency.code,
            "url": _path(world, shot, picture, now),
        }


def _path(world: World, shot: Shot, picture: Picture, now: float) -> str:
    # a path and no address: the page shows nothing from other servers, whatever --public-url says
    return f"{PATH}{signed(world, shot.provider.number, shot.raw_id, picture, now)}"
