"""What an account has in its storage: uploads, copies of references, and its own results.

Kept is what a result is derived from, never the file: a few colours and a digest. So an
account's storage is capped in artifacts, and bytes count nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

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
    """One stored image. ``colours`` are four RGB triplets, the averages of its quarters."""

    id: str
    origin: Origin
    mime_type: str
    size_bytes: int
    width: int
    height: int
    colours: bytes


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
