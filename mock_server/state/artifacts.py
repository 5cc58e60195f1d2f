"""What an account has in its storage: uploads, copies of references, and its own results.

Kept is what a result is derived from, never the file: a few colours and a digest. So an
account's storage is capped in artifacts, and bytes count nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from ..images.png import quarters

if TYPE_CHECKING:
    from ..images.pictures import Picture

#: Artifacts that an account keeps unless told otherwise; the oldest go first.
ARTIFACTS = 10_000


class Origin(StrEnum):
    """How an artifact came into the store."""

    UPLOAD = "upload"
    URL = "url"
    DATA_URI = "data_uri"
    RESULT = "result"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One stored image: ``sampled`` of a file that was sent, ``drawn`` of a picture of our own."""

    id: str
    origin: Origin
    mime_type: str
    size_bytes: int
    width: int
    height: int
    #: The average colours of a file's four quarters: RGB triplets.
    sampled: bytes = b""
    #: (colour, tint) of a picture, from which its quarters follow when somebody asks.
    drawn: tuple[bytes, bytes] | None = None

    @property
    def colours(self) -> bytes:
        """Return the average colours of the four quarters: four RGB triplets."""
        return self.sampled if self.drawn is None else quarters(*self.drawn)


def drawn(artifact_id: str, origin: Origin, picture: Picture) -> Artifact:
    """Return the artifact of a picture of our own."""
    return Artifact(
        id=artifact_id,
        origin=origin,
        mime_type=picture.format.media_type,
        size_bytes=0,
        width=picture.width,
        height=picture.height,
        drawn=(picture.colour, picture.tint),
    )


@dataclass(slots=True, eq=False)
class ArtifactStore:
    """The artifacts of one account. Call everything under the account's lock."""

    cap: int = ARTIFACTS
    _kept: dict[str, Artifact] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return how many artifacts are kept."""
        return len(self._kept)

    def __iter__(self) -> Iterator[Artifact]:
        """Iterate over the artifacts, oldest first."""
        return iter(tuple(self._kept.values()))

    def find(self, artifact_id: str) -> Artifact | None:
        """Return an artifact by its id."""
        return self._kept.get(artifact_id)

    def keep(self, artifact: Artifact) -> None:
        """Store an artifact; the oldest one goes when there are too many."""
        self._kept[artifact.id] = artifact
        if len(self._kept) > self.cap:
            del self._kept[next(iter(self._kept))]
