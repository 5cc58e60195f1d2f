"""The plan: every case of a run, in order, with its price, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase

from pixelproof.contract import Contract
from pixelproof.deviation import Tier
from pixelproof.money import Units
from pixelproof.planning.case import Cancel, Case, Poll, Refetch, Send, Upload
from pixelproof.strategies import (
    ambiguous,
    asynchronous,
    errors,
    lengths,
    money,
    negative,
    positive,
    quotas,
    schemed,
    strangers,
    urls,
    windows,
)
from pixelproof.strategies.bodies import Bodies
from pixelproof.strategies.claims import JudgeLevel, Scope, deciding

#: First part of the ids of cases that come from the reference.
REFERENCE = "reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What to plan. ``select`` and ``exclude`` are claim ids, rule names or case globs."""

    contract: Contract
    tier: Tier = Tier.CORE
    level: JudgeLevel = JudgeLevel.DOCUMENTED
    prices_hold: bool = False
    #: Prices of one image by model, from the target file.
    prices: Mapping[str, Units] = field(default_factory=dict)
    #: Limits of the key 'limited', from the target file.
    limits: Mapping[str, int] = field(default_factory=dict)
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    #: Seed of what Schemathesis makes up at the full tier; without one it is left out.
    seed: int | None = None
    #: The OpenAI reference, for ``--level openai`` on another profile.
    reference: Contract | None = None


#: What a record says of a plan's request; contract, tier and level stand there by themselves.
TOLD = tuple(
    field.name for field in fields(PlanRequest) if field.name not in {"contract", "tier", "level", "reference"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The cases of a run, free ones first, then the cheapest."""

    contract: Contract
    cases: tuple[Case, ...]
    #: Every obligation that decides at this level, whether a case judges it or not.
    obligations: tuple[str, ...]
    #: The contract behind cases under ``reference/``.
    reference: Contract | None = None
    #: What was asked for: with it the same plan can be made again.
    wanted: PlanRequest | None = None

    def contract_of(self, case: Case) -> Contract:
        """Return the contract that a case was planned from."""
        return self.reference if self.reference is not None and case.capability == REFERENCE else self.contract

    @property
    def price(self) -> Units:
        """Return what the whole plan costs by the contract."""
        return Units(sum(case.price for case in self.cases))

    @property
    def requests(self) -> int:
        """Return how many requests the plan sends to the target, downloads of images aside."""
        return sum(requests_of(case) for case in self.cases)

    @property
    def unplanned(self) -> tuple[str, ...]:
        """Return deciding obligations that no case judges."""
        judged = {claim for case in self.cases for claim in case.claims()}
        return tuple(claim for claim in self.obligations if claim not in judged)

    def told(self) -> dict[str, object]:
        """Return what was asked for, as it stands in a record: with it the same plan can be made again."""
        wanted = self.wanted
        if wanted is None:
            return {}
        known = {name: getattr(wanted, name) for name in TOLD}
        return {name: list(item) if isinstance(item, tuple) else item for name, item in known.items()}

    def downloads(self) -> int:
        """Return how many image downloads the plan asks for at least."""
        return sum(isinstance(step, Refetch) for case in self.cases for step in case.steps)


def requests_of(case: Case) -> int:
    """Return how many requests a case sends: each upload and cancellation too, and one look at each valid task."""
    begun = {send.name for send in case.sends() if send.positive or send.provoke is not None}
    looks = sum(isinstance(step, Poll) and step.of in begun for step in case.steps)
    return len(case.sends()) + looks + sum(isinstance(step, Upload | Cancel) for step in case.steps)


def make_plan(wanted: PlanRequest) -> Plan:
    """Plan a run: fixed, ordered and the same for the same request."""
    contract = wanted.contract
    decides = deciding(contract.claims.values(), wanted.level)
    scope = Scope(
        contract=contract,
        decides=decides,
        prices_hold=wanted.prices_hold,
        tier=wanted.tier,
        prices=wanted.prices,
        limits=wanted.limits,
    )
    found = [*_all(scope), *_made_up(scope, wanted.seed), *_reference(wanted)]
    chosen = _chosen(_within(_distinct(found), wanted.tier), wanted)
    ordered = sorted(chosen, key=lambda case: (case.price, _needs_other_keys(case)))
    extra = [claim for claim in _reference_claims(wanted) if claim not in decides]
    return Plan(
        contract=contract,
        cases=tuple(ordered),
        obligations=(*sorted(decides), *extra),
        reference=wanted.reference,
        wanted=wanted,
    )


_ANSWERS_AT_ONCE = (positive, negative, errors, money, ambiguous, urls, windows, quotas, strangers, lengths)
_CREATES_TASKS = (asynchronous, negative)


def _all(scope: Scope) -> Iterator[Case]:
    for operation in scope.contract.creating():
        bodies = Bodies(scope, operation)
        for strategy in _CREATES_TASKS if operation.creates_task else _ANSWERS_AT_ONCE:
            yield from strategy.cases(bodies)


def _made_up(scope: Scope, seed: int | None) -> Iterator[Case]:
    if seed is not None and scope.full:
        for operation in scope.contract.creating():
            yield from schemed.cases(Bodies(scope, operation), seed)


def _reference(wanted: PlanRequest) -> Iterator[Case]:
    """Yield the reference's cases that the profile can be asked: its models, nothing contradicted."""
    reference = wanted.reference
    if reference is None or wanted.level is not JudgeLevel.OPENAI or reference is wanted.contract:
        return
    decides = frozenset(_reference_claims(wanted))
    scope = Scope(contract=reference, decides=decides, prices_hold=False, tier=wanted.tier)
    for case in _all(scope):
        if case.checks and (case.model is None or case.model in wanted.contract.models):
            yield Case(
                id=f"{REFERENCE}/{case.id}", steps=case.steps, checks=case.checks, tier=case.tier, model=case.model
            )


def _reference_claims(wanted: PlanRequest) -> list[str]:
    if wanted.reference is None or wanted.level is not JudgeLevel.OPENAI:
        return []
    return sorted(deciding(wanted.reference.claims.values(), wanted.level) - wanted.contract.contradicted)


def _distinct(cases: Iterable[Case]) -> Iterator[Case]:
    """Merge cases with one id: same request, the checks of both."""
    merged: dict[str, Case] = {}
    for case in cases:
        known = merged.get(case.id)
        if known is None:
            merged[case.id] = case
            continue
        checks = tuple(dict.fromkeys((*map(_hashable, known.checks), *map(_hashable, case.checks))))
        by_key = {_hashable(check): check for check in (*known.checks, *case.checks)}
        tier = min(known.tier, case.tier, key=lambda tier: tier.rank)
        merged[case.id] = Case(
            id=case.id, steps=known.steps, checks=tuple(by_key[key] for key in checks), tier=tier, model=case.model
        )
    yield from (case for case in merged.values() if case.checks)


def _hashable(check: object) -> str:
    return repr(check)


def _within(cases: Iterable[Case], tier: Tier) -> Iterator[Case]:
    return (case for case in cases if case.tier.rank <= tier.rank)


def _chosen(cases: Iterable[Case], wanted: PlanRequest) -> Iterator[Case]:
    for case in cases:
        checks = tuple(
            check
            for check in case.checks
            if (not wanted.select or _named(case, check.claim, check.rule, wanted.select))
            and not _named(case, check.claim, check.rule, wanted.exclude)
        )
        if checks:
            yield Case(id=case.id, steps=case.steps, checks=checks, tier=case.tier, model=case.model)


def _named(case: Case, claim: str, rule: str, names: tuple[str, ...]) -> bool:
    return any(name in {claim, rule} or fnmatchcase(case.id, name) for name in names)


def _needs_other_keys(case: Case) -> bool:
    return any(isinstance(step, Send) and step.key.role.value != "default" for step in case.steps)
