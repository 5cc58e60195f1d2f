"""The images made lately by all processes, for people to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

from ..gallery import Gallery, Shot, taken
from ..states import picture_of, picture_state

if TYPE_CHECKING:
    from ...call import Call
    from .link import Link
    from .world import SharedWorld

_PLAIN = ("request_id", "at", "account", "model", "prompt", "unit_price")


class SharedGallery(Gallery):
    """Shots that are written together with the lines of their requests."""

    def __init__(self, link: Link, world: SharedWorld) -> None:
        """Write through a link; ``world`` knows the providers and the tasks."""
        self._link = link
        self._world = world
        super().__init__()

    def hang(self, call: Call) -> None:
        """Keep the images of a request that succeeded, with its line in the journal."""
        shot, note = taken(call), self._link.seat.note
        if shot is not None and note is not None:
            self._link.seat.note = note._replace(shot=_encoded(shot))

    def shots(self, account: str | None = None, before: int | None = None) -> Iterator[Shot]:
        """Yield what is kept, newest first: of one account, or numbered below ``before``."""
        kept = self._link.connection.call("XREVRANGE", self._name, "+", "-")
        for number, fields in kept:
            seq = int(number.partition(b"-")[0])
            if before is None or seq < before:
                raw = fields[b"shot"] if isinstance(fields, dict) else fields[1]
                state = orjson.loads(raw)
                shot = self._decoded(seq, state) if account in {None, state["account"]} else None
                if shot is not None:
                    yield shot

    def forget(self) -> None:
        """Take everything down."""
        self._link.connection.call("UNLINK", self._name)

    def _decoded(self, seq: int, state: dict[str, Any]) -> Shot | None:
        """Return a shot; None for a profile that is not served here, or for a task that is kept no more."""
        provider = next((item for item in self._world.providers if item.profile == state["profile"]), None)
        owner = self._world.book.account(state["account"]) if state["job"] is not None else None
        job = owner.jobs.find(state["job"]) if owner is not None else None
        if provider is None or (job is None and state["job"] is not None):
            return None
        plain = {name: state[name] for name in _PLAIN}
        pictures = tuple(picture_of(item) for item in state["pictures"])
        raw_id = bytes.fromhex(state["account"].removeprefix("acc_"))
        return Shot(seq=seq, provider=provider, raw_id=raw_id, pictures=pictures, job=job, **plain)

    @property
    def _name(self) -> str:
        return f"{self._link.connection.prefix}gallery"


def _encoded(shot: Shot) -> bytes:
    plain = {name: getattr(shot, name) for name in _PLAIN}
    job = shot.job.id if shot.job is not None else None
    pictures = [picture_state(picture) for picture in shot.pictures]
    return orjson.dumps({**plain, "profile": shot.provider.profile, "job": job, "pictures": pictures})
