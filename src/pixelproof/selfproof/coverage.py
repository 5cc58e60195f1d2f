"""Claim by claim: where the contract carries it, which steps keep it, what proves it.

Everything is computed: places from the contract files, rules from the plan, steps and
deviations from the shelf. What runs show beyond that comes as a :class:`Proof`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pixelproof import edges, loading
from pixelproof.contract import Claim, Contract, Json, Kind, Level
from pixelproof.deviation import Deviation, Nature, Tier
from pixelproof.documents.document import JsonPath
from pixelproof.strategies import PlanRequest, make_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What runs have shown: only liars that were found and variations that stayed clean count."""

    killed: frozenset[str]
    clean: frozenset[str]
    #: claim → the steps at which the honest mock answered for it
    answered: Mapping[str, frozenset[str]]

    def confirms(self, item: Deviation) -> bool:
        """Tell whether a deviation turned out as the shelf has it."""
        return item.name in (self.killed if item.nature is Nature.LIAR else self.clean)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One claim and everything that stands behind it."""

    claim: str
    profile: str
    level: str
    kind: str
    #: ``file:line`` of the first contract entry that names it.
    contract: str | None
    #: Steps of the mock that its deviations replace, and with a proof those that answered for it.
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
        wanted = {"contract entry": self.contract, "mock step": self.mock, "rule": self.rules, "liar": self.liars}
        if self.level == Level.G:  # about what stands before the mock: no step of the mock keeps it
            del wanted["mock step"]
        return ", ".join(f"no {name}" for name, found in wanted.items() if not found)


def coverage(profiles: Sequence[str] = (), proof: Proof | None = None) -> tuple[Carried, ...]:
    """Return every claim of these shipped profiles, or of all, in order. Raises BadUsage for an unknown one."""
    deviations = tuple(item for item in edges.deviations() if proof is None or proof.confirms(item))
    answered = proof.answered if proof is not None else {}
    return tuple(
        _carried(claim, loading.shipped(profile), deviations, answered)
        for profile in profiles or loading.profiles()
        for claim in loading.shipped(profile).claims.values()
    )


def _carried(
    claim: Claim, contract: Contract, deviations: Sequence[Deviation], answered: Mapping[str, frozenset[str]]
) -> Carried:
    own = [item for item in deviations if item.claim == claim.id and item.profile == contract.profile]
    steps = {step for item in own for step in item.steps} | answered.get(claim.id, frozenset())
    return Carried(
        claim=claim.id,
        profile=contract.profile,
        level=claim.level.value,
        kind=claim.kind.value,
        contract=_places(contract.profile).get(claim.id),
        mock=tuple(sorted(steps)),
        rules=_rules(contract.profile).get(claim.id, ()),
        liars=tuple(item.name for item in own if item.nature is Nature.LIAR),
        variations=tuple(item.name for item in own if item.nature is Nature.VARIATION),
        statement=claim.statement,
    )


@cache
def _rules(profile: str) -> Mapping[str, tuple[str, ...]]:
    plan = make_plan(PlanRequest(contract=loading.shipped(profile), tier=Tier.FULL, prices_hold=True))
    found: dict[str, set[str]] = {}
    for case in plan.cases:
        for check in case.checks:
            found.setdefault(check.claim, set()).add(check.rule)
    return {claim: tuple(sorted(rules)) for claim, rules in found.items()}


@cache
def _places(profile: str) -> Mapping[str, str]:
    path = loading.specs_folder() / profile / "contract.yaml"
    read = loading.opened(path).contract
    known = loading.shipped(profile).claims
    places: dict[str, str] = {}
    for claim, where in _mentions(dict(read.value), ()):
        if claim in known and claim not in places:
            file, line = read.place(where)
            places[claim] = f"specs/{Path(file).parent.name}/{Path(file).name}:{line}"
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
