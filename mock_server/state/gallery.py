"""The images made lately, for people to look at: what was asked, not the files."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from ..redaction import redacted

if TYPE_CHECKING:
    from ..call import Call
    from ..images.pictures import Picture
    from ..provider import Provider
    from .jobs import Job

#: Requests whose images are kept; the oldest go first.
REQUESTS = 500
#: Characters of a prompt that are kept.
_PROMPT = 300


class Shot(NamedTuple):
    """The images of one request that was answered with success."""

    seq: int
    request_id: str
    at: float
    provider: Provider
    account: str
    raw_id: bytes
    model: str | None
    prompt: str
    #: Units for one image.
    unit_price: int
    pictures: tuple[Picture, ...]
    #: The task that delivers them, None where the answer did.
    job: Job | None

    def delivered(self, now: float) -> tuple[Picture, ...]:
        """Return the images that are there at ``now``: a task that runs has none yet."""
        return self.pictures if self.job is None else self.pictures[: self.job.images(now)]


class Gallery:
    """A ring of shots, numbered from 1."""

    def __init__(self, requests: int = REQUESTS) -> None:
        """Keep the images of at most so many requests."""
        self._shots: deque[Shot] = deque(maxlen=requests)
        self._seq = 0
        self._lock = Lock()

    def hang(self, call: Call) -> None:
        """Keep the images of a request that succeeded; one without images leaves nothing."""
        with self._lock:
            shot = taken(call, self._seq + 1)
            if shot is not None:
                self._seq += 1
                self._shots.append(shot)

    def shots(self, account: str | None = None, before: int | None = None) -> Iterator[Shot]:
        """Yield what is kept, newest first: of one account, or numbered below ``before``."""
        with self._lock:
            kept = tuple(self._shots)
        for shot in reversed(kept):
            if (account is None or shot.account == account) and (before is None or shot.seq < before):
                yield shot

    def forget(self) -> None:
        """Take everything down."""
        with self._lock:
            self._shots.clear()


def taken(call: Call, seq: int = 0) -> Shot | None:
    """Return the images of a request that succeeded, numbered ``seq``; None where there are none."""
    if not call.pictures or call.refusal is not None:
        return None
    return Shot(
        seq=seq,
        request_id=call.request_id,
        at=call.now,
        provider=call.provider,
        account=call.account.id,
        raw_id=call.account.raw_id,
        model=call.model,
        prompt=redacted(call.prompt, call.secret)[:_PROMPT],
        unit_price=call.unit_price,
        pictures=tuple(call.pictures),
        job=call.job,
    )
