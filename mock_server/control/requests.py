"""The journal: what was asked, what answered, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..state.clock import iso
from ..state.journal import matching
from ..state.journal import shown as body_shown
from .forms import number, query, reply
from .people import account_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Blueprint, Response

    from pixelproof.contract import Json

    from ..state.journal import Line
    from ..state.world import World

_PAGE, _LARGEST_PAGE = 100, 1_000


def add_routes(routes: Blueprint, world: World) -> None:
    """Add the routes about the journal."""

    @routes.get("/requests")
    def show_requests() -> Response:
        values = query(("account", "trace", "path", "path_part", "status", "status_class", "after", "limit", "latest"))
        wanted: dict[str, str | int] = {name: values[name] for name in ("trace", "path") if name in values}
        if "account" in values:
            wanted["account"] = account_of(world, values["account"]).id
        if "status" in values:
            wanted["status"] = number(values, "status", 0, most=599)
        wanted["after"] = number(values, "after", 0, most=10**15 - 1)
        limit = number(values, "limit", _PAGE, most=_LARGEST_PAGE)
        latest = number(values, "latest", 0, most=_LARGEST_PAGE)
        fits = _fits(values)
        lines = [line for line in matching(world.journal.lines(), wanted) if fits(line)]
        page = lines[-latest:] if latest else lines[:limit]
        following = page[-1].seq if page and page[-1].seq < lines[-1].seq else None
        shown: list[Json] = [_shown(line) for line in page]
        return reply({"requests": shown, "total": len(lines), "next": following, "last": world.journal.last})

    @routes.delete("/requests")
    def forget_requests() -> Response:
        account = query(("account",)).get("account")
        account_id = account_of(world, account).id if account is not None else None
        return reply({"deleted": world.journal.forget(account_id)})


def _fits(values: dict[str, str]) -> Callable[[Line], bool]:
    """Return the test of what is wanted only in part: the class of a status (4 for 4xx), a part of a path."""
    hundreds, part = number(values, "status_class", 0, most=5), values.get("path_part", "")
    return lambda line: (not hundreds or line.status // 100 == hundreds) and part in line.path


def _shown(line: Line) -> dict[str, Json]:
    return {
        **line._asdict(),
        "at": iso(line.at),
        "claim": list(line.claim),
        "request": body_shown(line.request),
        "response": body_shown(line.response),
    }
