"""Which fields a route reads, told to whoever listens: the reference of the control plane is written of it."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One field of a body or a query, as the code that reads it bounds it."""

    name: str
    kind: str
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()


#: Hears of every field that is read; nobody listens while the server serves.
listener: ContextVar[Callable[[Asked], None] | None] = ContextVar("listener", default=None)


def tell(asked: Asked) -> None:
    """Tell the listener of a field, where there is one."""
    listening = listener.get()
    if listening is not None:
        listening(asked)
