"""Whether the server lives, whether it is ready, and back to the beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixelproof import __version__

from .forms import body, query, reply

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from ..state.world import World


def add_routes(routes: Blueprint, world: World) -> None:
    """Add health, ready, unexpected and reset."""

    @routes.get("/health")
    def health() -> Response:
        profiles = [provider.profile for provider in world.providers]
        return reply({"status": "ok", "service": "pixelproof", "version": __version__, "profiles": [*profiles]})

    @routes.get("/ready")
    def ready() -> Response:
        is_ready = world.is_ready()
        return reply({"ready": is_ready}, 200 if is_ready else 503)

    @routes.get("/unexpected")
    def show_unexpected() -> Response:
        query(())
        return reply({"errors": [*world.unexpected]})

    @routes.post("/reset")
    def reset() -> Response:
        body((), empty=True)
        return reply({"reset": [*world.reset()]})
