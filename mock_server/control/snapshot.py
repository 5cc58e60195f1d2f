"""The whole state out of the server, and back into one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from flask import Response, request

from ..state.snapshots import restore, snapshot
from ..state.states import BadState
from ..steps.parsing import read_body
from .forms import Wrong, query, reply

if TYPE_CHECKING:
    from flask import Blueprint

    from ..state.world import World

#: Longest snapshot that is read.
_LONGEST = 256 * 1024 * 1024


def add_routes(routes: Blueprint, world: World) -> None:
    """Add the routes about snapshots."""

    @routes.get("/snapshot")
    def take_snapshot() -> Response:
        query(())
        return Response(orjson.dumps(snapshot(world)), content_type="application/json")

    @routes.put("/snapshot")
    def restore_snapshot() -> Response:
        state = _state()
        try:
            restore(world, state)
        except BadState as error:
            raise Wrong(400, str(error), None, "send what GET /__admin/snapshot gave") from None
        return reply({"restored": {"accounts": len(world.book.accounts()), "faults": len(world.faults.faults())}})


def _state() -> dict[str, object]:
    if request.mimetype != "application/json":
        raise Wrong(400, "the Content-Type must be application/json", "Content-Type", "application/json")
    raw = read_body(request.environ, _LONGEST)
    if raw is None:
        raise Wrong(413, "the snapshot is too long")
    try:
        state = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Wrong(400, f"the body is not valid JSON: {error}") from None
    if not isinstance(state, dict):
        raise Wrong(400, "a snapshot is a JSON object")
    return state
