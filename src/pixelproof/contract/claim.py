"""One documented statement: who decides about it, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ClaimIds = tuple[str, ...]


class Level(StrEnum):
    """Who decides about a claim."""

    D = "D"
    D_DAGGER = "D†"
    E = "E"
    R = "R"
    X = "X"
    A = "A"
    G = "G"


class Kind(StrEnum):
    """How a claim is proven."""

    OBLIGATION = "obligation"
    PERMISSION = "permission"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One documented statement, with the page it stands on."""

    id: str
    level: Level
    kind: Kind
    statement: str
    page: str
    heading: str
    read: str
    shields: ClaimIds = ()
    #: True when the provider took the statement over from a contract that it extends.
    inherited: bool = False

    @property
    def source(self) -> str:
        """Say where the statement stands, for a person."""
        place = f"{self.page}, {self.heading}" if self.heading else self.page
        return f"{place} (read {self.read})"
