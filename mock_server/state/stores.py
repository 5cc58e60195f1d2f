"""Where the state lives: in this process, or in a store that several processes share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixelproof.problems import BadUsage

from .world import World

if TYPE_CHECKING:
    from pixelproof.settings import MockSettings

#: The store that needs nothing.
MEMORY = "memory"


def world_of(settings: MockSettings) -> World:
    """Return the world of a server. Raises BadUsage for a store that cannot be, Unreachable for a silent one."""
    if settings.state == MEMORY:
        return World(settings)
    try:
        from .shared.world import SharedWorld
    except ImportError:
        raise BadUsage(
            "a shared state needs the client of Redis", "pip install 'pixelproof[redis]', or leave out --state"
        ) from None
    return SharedWorld(settings)
