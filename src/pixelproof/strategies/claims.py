"""Which claims decide at a level, and how cases gather checks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pixelproof.contract import Claim, ClaimIds, Contract, Json, Kind, Level
from pixelproof.deviation import Tier
from pixelproof.money import Units
from pixelproof.planning.case import Check


class JudgeLevel(StrEnum):
    """How much a run decides: the page, all of the provider's documents, or the reference too."""

    PAGE = "page"
    DOCUMENTED = "documented"
    OPENAI = "openai"


_DECIDES: Mapping[JudgeLevel, frozenset[Level]] = {
    JudgeLevel.PAGE: frozenset({Level.D, Level.D_DAGGER, Level.R, Level.X}),
    JudgeLevel.DOCUMENTED: frozenset({Level.D, Level.D_DAGGER, Level.E, Level.R, Level.X}),
    JudgeLevel.OPENAI: frozenset({Level.D, Level.D_DAGGER, Level.E, Level.R, Level.X}),
}


def deciding(claims: Iterable[Claim], level: JudgeLevel) -> frozenset[str]:
    """Return the ids of the obligations that decide at a level.

    What a provider took over from a contract that it extends ("compatible with …") is its own
    promise and decides; only the provider's own page does not say it.
    """
    return frozenset(
        claim.id
        for claim in claims
        if claim.kind is Kind.OBLIGATION
        and claim.level in _DECIDES[level]
        and not (claim.inherited and level is JudgeLevel.PAGE)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a plan is made for: a contract, and the claims that decide in it."""

    contract: Contract
    decides: frozenset[str]
    #: True when the contract's own prices hold for the target (documented, or it is our mock).
    prices_hold: bool
    tier: Tier
    #: Prices of one image by model, from the target file, where none are documented.
    prices: Mapping[str, Units] = field(default_factory=dict)
    #: Limits of the key 'limited', from the target file, where they are others than we would set up.
    limits: Mapping[str, int] = field(default_factory=dict)

    def checks(self, rule: str, claims: ClaimIds, **args: Json) -> list[Check]:
        """Return one check for each deciding claim."""
        return [Check(rule=rule, claim=claim, args=args) for claim in claims if claim in self.decides]

    def any_decides(self, claims: ClaimIds) -> bool:
        """Tell whether at least one of the claims decides."""
        return any(claim in self.decides for claim in claims)

    @property
    def full(self) -> bool:
        """Tell whether everything is planned, whatever it takes."""
        return self.tier is Tier.FULL
