"""What the catalogue says of a deviating server: a liar, or an honest variation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """How much is sent: ``smoke`` ⊂ ``core`` ⊂ ``full``."""

    SMOKE = "smoke"
    CORE = "core"
    FULL = "full"

    @property
    def rank(self) -> int:
        """Return 0 for smoke, 1 for core, 2 for full."""
        return list(Tier).index(self)


class Nature(StrEnum):
    """Whether a deviation must be found or must be left alone."""

    LIAR = "liar"
    VARIATION = "variation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One server that differs from the honest mock in exactly one thing."""

    name: str
    nature: Nature
    #: The profile it serves.
    profile: str
    #: The claim a liar breaks, or the permission (or X reading) a variation uses.
    claim: str
    #: Liars: the cheapest tier that must find it.
    tier: Tier
    #: validation, error shape, status, success shape, image content, money, limits, auth, url life …
    family: str
    #: One line: the lie it tells.
    intent: str
    #: The steps of the mock it replaces: those that keep the promise.
    steps: tuple[str, ...] = ()
