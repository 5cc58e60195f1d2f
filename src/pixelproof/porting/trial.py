"""One request of the first provider, held against the second: works, differs silently, or breaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from pixelproof.contract import ClaimIds, Json, wording
from pixelproof.matrix import Violation
from pixelproof.porting.answers import delivered
from pixelproof.porting.pairing import ModelPair
from pixelproof.porting.prices import Price, price_of, times
from pixelproof.porting.samples import samples, unnamed
from pixelproof.porting.side import Route, Side


class Outcome(StrEnum):
    """What becomes of a request that worked, worst first."""

    BREAKS = "breaks"
    DIFFERS = "differs"
    WORKS = "works"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """One reason why the second provider refuses a request."""

    parameter: str
    message: str
    statuses: tuple[int, ...]
    claim: ClaimIds


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A request, what is sent instead of it, and how it fares."""

    operation: str
    #: As the first provider serves it.
    body: Mapping[str, Json]
    #: As the second one gets it: the same, with the model's new name.
    sent: Mapping[str, Json]
    #: Empty when the second provider serves it.
    refusals: tuple[Refused, ...]
    #: Why a caller of the first cannot read the answer; empty when it can.
    unreadable: str
    #: What is served otherwise than before.
    changes: tuple[str, ...]
    before: Price | None
    after: Price | None
    times: Fraction | None
    #: Claims on which the documents leave open whether it is served.
    disputed: ClaimIds

    @property
    def accepted(self) -> bool:
        """Whether the second provider answers with a success."""
        return not self.refusals

    @property
    def outcome(self) -> Outcome:
        """What becomes of it."""
        if self.refusals or self.unreadable:
            return Outcome.BREAKS
        return Outcome.DIFFERS if self.changes else Outcome.WORKS

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it does not simply work."""
        return (*(refused.message for refused in self.refusals), *([self.unreadable] if self.unreadable else ()))


def trials(route: Route, pairs: tuple[ModelPair, ...], usd_inr: Decimal | None) -> Iterator[Trial]:
    """Yield a trial of every representative request of an operation."""
    for body in unnamed(route.before):
        yield _trial(route, body, body, usd_inr)
    for pair in pairs:
        for body in samples(route, pair):
            name = pair.after.id if pair.after is not None else pair.before.id
            yield _trial(route, body, {**body, "model": name}, usd_inr)


def _trial(route: Route, body: Mapping[str, Json], sent: Mapping[str, Json], usd_inr: Decimal | None) -> Trial:
    before, after = route.before, route.after
    refusals = _refusals(route, sent)
    own = price_of(before, body, usd_inr)
    served = after is not None and not refusals
    there = price_of(after, sent, usd_inr) if after is not None and served else None
    return Trial(
        operation=before.operation.name,
        body=body,
        sent=sent,
        refusals=refusals,
        unreadable=_unreadable(before, after, body, sent) if after is not None and served else "",
        changes=tuple(_changes(before, after, body, sent)) if after is not None and served else (),
        before=own,
        after=there,
        times=times(own, there, usd_inr) if own is not None else None,
        disputed=tuple(point.claim for point in after.disputes(sent)) if after is not None else (),
    )


def _refusals(route: Route, sent: Mapping[str, Json]) -> tuple[Refused, ...]:
    if route.after is None:
        capability = route.before.operation.capability
        return (Refused(parameter="", message=f"nothing serves {capability}", statuses=(), claim=()),)
    # A server tells the first thing wrong with a parameter; its shape comes before the model's own values.
    first: dict[str, Violation] = {}
    for violation in route.after.violations(sent):
        first.setdefault(violation.parameter, violation)
    return tuple(_refused(route.after, violation, sent) for violation in first.values())


def _refused(side: Side, violation: Violation, sent: Mapping[str, Json]) -> Refused:
    row = side.contract.error(violation.error, str(sent.get("model", "")))
    return Refused(
        parameter=violation.parameter, message=violation.message, statuses=row.statuses, claim=violation.claim
    )


def _unreadable(before: Side, after: Side, body: Mapping[str, Json], sent: Mapping[str, Json]) -> str:
    own, there = before.operation.creates_task, after.operation.creates_task
    if own != there:
        return "answered with a task to poll" if there else "answered with the images, not with a task"
    if own:
        return ""
    models = before.model_of(body), after.model_of(sent)
    if models[0] is None or models[1] is None:
        return ""
    forms = delivered(models[0], before.meaning(body)), delivered(models[1], after.meaning(sent))
    return "" if forms[0] == forms[1] else f"delivered as {forms[1]}, not as {forms[0]}"


def _changes(before: Side, after: Side, body: Mapping[str, Json], sent: Mapping[str, Json]) -> Iterator[str]:
    if "model" not in body and before.default_model != after.default_model:
        yield f"model is {after.default_model}, not {before.default_model}"
    meant, means = before.meaning(body), after.meaning(sent)
    given = before.matrix.canonical(body)
    for name, value in meant.items():
        known = after.parameter(name)
        there = known.name if known is not None else name
        if there in means:
            if means[there] != value:
                yield f"{name} is {wording.shown(means[there])}, not {wording.shown(value)}"
        elif given.get(name) is not None:
            yield f"{name} has no effect"
    for name in given:
        if name not in meant and name in means and name in before.parameters:
            yield f"{name} takes effect"
