"""Virtual time: look, advance, freeze, resume; for everybody or for one account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..state.clock import iso
from .forms import body, query, reply
from .people import account_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from flask import Blueprint, Response

    from ..state.clock import Timeline
    from ..state.world import World

#: The farthest that one step goes: ten years.
_FARTHEST_S = 315_360_000.0


def add_routes(routes: Blueprint, world: World) -> None:
    """Add the routes about the clock."""

    @routes.get("/clock")
    def show_clock() -> Response:
        return _shown(_timeline(world, query(("account",)).get("account"))[1])

    @routes.post("/clock/advance")
    def advance_clock() -> Response:
        form = body(("seconds", "account"))
        seconds = form.number("seconds", least=0, most=_FARTHEST_S)
        if seconds is None:
            raise form.wrong("seconds", "'seconds' is required", 'for example {"seconds": 3600}')
        account = form.text("account")
        lock, timeline = _timeline(world, account)
        try:
            with lock:
                timeline.advance(seconds)
        except ValueError as error:
            raise form.wrong("seconds", str(error)) from None
        for concerned in world.book.accounts() if account is None else (account_of(world, account),):
            world.settle(concerned)
        return _shown(timeline)

    @routes.post("/clock/freeze")
    def freeze_clock() -> Response:
        lock, timeline = _timeline(world, body(("account",), empty=True).text("account"))
        with lock:
            timeline.freeze()
        return _shown(timeline)

    @routes.post("/clock/resume")
    def resume_clock() -> Response:
        lock, timeline = _timeline(world, body(("account",), empty=True).text("account"))
        with lock:
            timeline.resume()
        return _shown(timeline)


def _timeline(world: World, account: str | None) -> tuple[AbstractContextManager[object], Timeline]:
    """Return a clock and what guards it: that of an account, or everybody's."""
    if account is None:
        return world.common, world.clock
    owner = account_of(world, account)
    return owner.lock, owner.clock


def _shown(timeline: Timeline) -> Response:
    return reply({"now": iso(timeline.now()), "frozen": timeline.frozen})
