"""The whole answer to a porter: what breaks, what it costs, what differs silently, what works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from pixelproof.contract import Contract, wording
from pixelproof.porting.answers import answer_changes, model_answer_changes
from pixelproof.porting.calls import call_changes, other_operations
from pixelproof.porting.change import Change, Effect, Topic, merged
from pixelproof.porting.entrance import entrance_changes
from pixelproof.porting.failures import failure_changes, model_failure_changes
from pixelproof.porting.pairing import ModelPair, pair_models
from pixelproof.porting.parameters import parameter_changes
from pixelproof.porting.prices import PricePair, price_pairs
from pixelproof.porting.side import Route, routes
from pixelproof.porting.terms import term_changes
from pixelproof.porting.trial import Outcome, Trial, trials


@dataclass(frozen=True, slots=True, kw_only=True)
class PortRequest:
    """From where, to where, and what is known beyond the two contracts."""

    before: Contract
    after: Contract
    #: model of the first → model of the second
    models: Mapping[str, str] = field(default_factory=dict)
    #: Rupees that one dollar costs; None: amounts stay in their currencies.
    usd_inr: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Everything that a move from one provider to another meets."""

    request: PortRequest
    pairs: tuple[ModelPair, ...]
    changes: tuple[Change, ...]
    prices: tuple[PricePair, ...]
    trials: tuple[Trial, ...]

    def of(self, effect: Effect) -> tuple[Change, ...]:
        """Return the changes of one effect, in the order of the contract."""
        return tuple(change for change in self.changes if change.effect is effect)

    def count(self, outcome: Outcome) -> int:
        """Return how many of the representative requests end so."""
        return sum(trial.outcome is outcome for trial in self.trials)

    @property
    def breaks(self) -> bool:
        """Whether any request or any reading of an answer breaks."""
        return bool(self.of(Effect.BREAKS)) or self.count(Outcome.BREAKS) > 0


def port(request: PortRequest) -> Port:
    """Compare two contracts for somebody who moves. Raises BadUsage for unknown names in the model map."""
    pairs = pair_models(request.before, request.after, request.models)
    ways = routes(request.before, request.after)
    return Port(
        request=request,
        pairs=pairs,
        changes=tuple(_marked(change, request) for change in merged(_changes(request, pairs, ways))),
        prices=tuple(_prices(request, pairs, ways)),
        trials=tuple(trial for way in ways for trial in trials(way, pairs, request.usd_inr)),
    )


def _changes(request: PortRequest, pairs: tuple[ModelPair, ...], ways: tuple[Route, ...]) -> Iterator[Change]:
    before, after = request.before, request.after
    yield from entrance_changes(before, after)
    for way in ways:
        yield from call_changes(way, pairs)
    yield from other_operations(before, after)
    yield from _models(request, pairs)
    for way in ways:
        for pair in pairs:
            yield from _of_model(way, pair)
    yield from answer_changes(before, after)
    yield from failure_changes(before, after)
    for pair in pairs:
        yield from model_failure_changes(before, after, pair)
    yield from term_changes(before, after)


def _of_model(way: Route, pair: ModelPair) -> Iterator[Change]:
    if way.after is not None:
        yield from parameter_changes(way.before, way.after, pair)
        yield from model_answer_changes(way.before, way.after, pair)


def _models(request: PortRequest, pairs: tuple[ModelPair, ...]) -> Iterator[Change]:
    for pair in pairs:
        if pair.after is not None and pair.after is not pair.before and pair.after.id != pair.before.id:
            yield Change(
                effect=Effect.SETUP,
                topic=Topic.MODEL,
                subject="model",
                before=pair.before.id,
                after=pair.after.id,
                do=f"send model={pair.after.id}",
                claims_before=pair.before.claim,
                claims_after=pair.after.claim,
            )
        elif pair.after is None:
            yield Change(
                effect=Effect.BREAKS,
                topic=Topic.MODEL,
                subject=pair.before.id,
                before="served",
                after="no such model",
                do=f"name another: --map-model {pair.before.id}={pair.target.id if pair.target else '…'}",
                claims_before=pair.before.claim,
                claims_after=request.after.parameters["model"].claimed("values"),
            )
    reached = {pair.after.id for pair in pairs if pair.after is not None}
    new = [model.id for model in request.after.models.values() if model.id not in reached]
    if new:
        yield Change(
            effect=Effect.WORKS,
            topic=Topic.MODEL,
            subject="other models",
            before="",
            after=f"also served: {', '.join(new)}",
            claims_after=tuple(dict.fromkeys(claim for name in new for claim in request.after.models[name].claim)),
        )


def _prices(request: PortRequest, pairs: tuple[ModelPair, ...], ways: tuple[Route, ...]) -> Iterator[PricePair]:
    for way in ways:
        for pair in pairs:
            if way.after is not None:
                yield from price_pairs(way.before, way.after, pair, request.usd_inr)


def _marked(change: Change, request: PortRequest) -> Change:
    ours = wording.is_assumed(request.before, change.claims_before)
    theirs = wording.is_assumed(request.after, change.claims_after)
    return replace(change, assumed=change.assumed or ours or theirs)
