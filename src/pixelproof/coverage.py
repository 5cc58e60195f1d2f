"""Claim by claim: where the contract carries it, which steps keep it, what proves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pixelproof import document, edges, loading
from pixelproof.contract import Contract, Json, Kind, Level
from pixelproof.deviation import Deviation, Nature, Tier
from pixelproof.document import JsonPath
from pixelproof.strategies import PlanRequest, make_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One claim and everything that stands behind it."""

    claim: str
    profile: str
    level: str
    kind: str
    #: ``file:line`` of the first contract entry that names it.
    contract: str | None
    mock: tuple[str, ...]
    rules: tuple[str, ...]
    liars: tuple[str, ...]
    variations: tuple[str, ...]
    statement: str

    @property
    def gap(self) -> str:
        """Return what is missing, empty when nothing is."""
        if self.kind == Kind.NOTE or self.level == Level.A:
            return ""
        if self.kind == Kind.PERMISSION:
            return "" if self.variations else "no variation"
        missing = [
            name
            for name, found in (
                ("contract entry", self.contract),
                ("rule", self.rules),
                ("liar", self.liars),
                ("mock step", self.mock),
            )
            if not found
        ]
        return "no " + ", no ".join(missing) if missing else ""


def coverage() -> tuple[Carried, ...]:
    """Return every claim of the shipped profiles, in order."""
    deviations = edges.deviations()
    return tuple(row for profile in loading.profiles() for row in _of_profile(profile, deviations))


def _of_profile(profile: str, deviations: tuple[Deviation, ...]) -> Iterator[Carried]:
    contract = loading.shipped(profile)
    rules = _rules(contract)
    places = _places(profile)
    for claim in contract.claims.values():
        own = [item for item in deviations if item.claim == claim.id and item.profile == profile]
        yield Carried(
            claim=claim.id,
            profile=profile,
            level=claim.level.value,
            kind=claim.kind.value,
            contract=places.get(claim.id),
            mock=tuple(sorted({step for item in own for step in item.steps})),
            rules=rules.get(claim.id, ()),
            liars=tuple(item.name for item in own if item.nature is Nature.LIAR),
            variations=tuple(item.name for item in own if item.nature is Nature.VARIATION),
            statement=claim.statement,
        )


def _rules(contract: Contract) -> dict[str, tuple[str, ...]]:
    plan = make_plan(PlanRequest(contract=contract, tier=Tier.FULL, prices_hold=True))
    found: dict[str, set[str]] = {}
    for case in plan.cases:
        for check in case.checks:
            found.setdefault(check.claim, set()).add(check.rule)
    return {claim: tuple(sorted(rules)) for claim, rules in found.items()}


def _places(profile: str) -> dict[str, str]:
    path = loading.specs_folder() / profile / "contract.yaml"
    read = document.read(path)
    known = loading.shipped(profile).claims
    places: dict[str, str] = {}
    for claim, where in _mentions(dict(read.value), ()):
        if claim in known:
            places.setdefault(claim, f"specs/{profile}/contract.yaml:{read.line(where)}")
    return places


def _mentions(value: Json, path: JsonPath) -> Iterator[tuple[str, JsonPath]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _mentions(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _mentions(item, (*path, index))
    elif isinstance(value, str):
        yield value, path
