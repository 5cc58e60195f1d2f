"""What becomes of each parameter of a model: lost, narrowed, another default, or as before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pixelproof.contract import Cell, ClaimIds, Domain, Support, wording
from pixelproof.porting.change import Change, Effect, Topic
from pixelproof.porting.closest import closest, closest_ratio
from pixelproof.porting.pairing import ModelPair
from pixelproof.porting.side import Side

_NO_LIMIT = "no documented limit"


def parameter_changes(before: Side, after: Side, pair: ModelPair) -> Iterator[Change]:
    """Yield what happens to the parameters that a caller of the first model may send."""
    if pair.target is None:
        return
    same: list[str] = []
    for name in (*before.parameters, *_aliases(before)):
        found = tuple(_of_one(before, after, pair, name))
        if not found and name != "model" and _meant(before, pair, name):
            same.append(name)
        yield from found
    if same:
        yield Change(
            effect=Effect.WORKS,
            topic=Topic.PARAMETER,
            subject="parameters",
            models=(pair.name,),
            before=", ".join(same),
            after="every value is taken, with the same default",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meeting:
    """One parameter of a pair of models, on both sides."""

    name: str
    pair: ModelPair
    domain: Domain
    own: Cell
    there: Cell | None
    after: Side

    def change(self, effect: Effect, before: str, after: str, do: str = "", claims: ClaimIds | None = None) -> Change:
        there = self.there.claim if self.there is not None else self.after.contract.unknown_claim
        return Change(
            effect=effect,
            topic=Topic.PARAMETER,
            subject=self.name,
            models=(self.pair.name,),
            before=before,
            after=after,
            do=do,
            claims_before=self.own.claim,
            claims_after=there if claims is None else claims,
        )


def _of_one(before: Side, after: Side, pair: ModelPair, name: str) -> Iterator[Change]:
    own, domain = before.cell(pair.before, name), before.offered(pair.before, name)
    if own is None or domain is None or pair.target is None:
        return
    there = after.cell(pair.target, name)
    meeting = _Meeting(name=name, pair=pair, domain=domain, own=own, there=there, after=after)
    if there is None or there.support is not Support.TAKEN:
        yield from _lost(meeting)
        return
    yield from _values(meeting)
    yield from _bounds(meeting)
    yield from _default(meeting)


def _lost(meeting: _Meeting) -> Iterator[Change]:
    there = meeting.there
    policy = there.support if there is not None else meeting.after.contract.unknown_policy
    says = wording.allowed(meeting.domain)
    do = _instead(meeting) or "leave it out"
    if policy is Support.REFUSED:
        yield meeting.change(Effect.BREAKS, says, "refused when it is sent", do)
    elif meeting.own.support is Support.TAKEN:
        no_such = "ignored: no such parameter" if there is None else "ignored by this model"
        yield meeting.change(Effect.DIFFERS, says, no_such, do)


def _instead(meeting: _Meeting) -> str:
    """Say which ratio stands in for pixel sizes, where the second provider asks for ratios."""
    parameter = meeting.after.contract.images.ratio_parameter
    ratios = {size: closest_ratio(size, meeting.after.contract) for size in meeting.domain.enum or ()}
    found = [f"{ratio} for {size}" for size, ratio in ratios.items() if ratio is not None]
    return f"send {parameter} instead: {', '.join(found)}" if parameter and found else ""


def _values(meeting: _Meeting) -> Iterator[Change]:
    there = meeting.there
    if there is None:
        return
    if meeting.own.support is Support.IGNORED:
        yield meeting.change(Effect.DIFFERS, "sent without effect", f"takes effect: {wording.allowed(there.domain)}")
    if meeting.domain.type != there.domain.type:
        yield meeting.change(Effect.BREAKS, meeting.domain.type, there.domain.type, "send the other type")
    elif meeting.domain.enum is not None:
        yield from _enum(meeting, there)
    elif there.domain.enum is not None:
        yield meeting.change(Effect.BREAKS, "any text", wording.allowed(there.domain), "send one of these values")


def _enum(meeting: _Meeting, there: Cell) -> Iterator[Change]:
    model = meeting.pair.target
    if model is None:
        return
    refused = [v for v in meeting.domain.enum or () if meeting.after.wrong(model, meeting.name, v) is not None]
    if refused:
        nearest = {v: closest(v, there.domain.enum or (), there.default) for v in refused}
        do = ", ".join(f"{near} for {value}" if near else f"not {value}" for value, near in nearest.items())
        after = f"only {wording.allowed(there.domain)}"
        yield meeting.change(Effect.BREAKS, f"also {', '.join(refused)}", after, f"send {do}")
    custom = meeting.domain.custom
    if custom is not None and custom != there.domain.custom:
        after = f"only {wording.allowed(there.domain)}"
        before = wording.allowed(meeting.domain)
        yield meeting.change(Effect.BREAKS, before, after, "send one of the sizes named there")


def _bounds(meeting: _Meeting) -> Iterator[Change]:
    if meeting.there is None:
        return
    own, there = meeting.domain, meeting.there.domain
    if there.maximum is not None and (own.maximum is None or there.maximum < own.maximum):
        before = str(own.maximum) if own.maximum is not None else _NO_LIMIT
        yield meeting.change(Effect.BREAKS, f"at most {before}", f"at most {there.maximum}", _fewer(meeting, there))
    if there.minimum is not None and (own.minimum is None or there.minimum > own.minimum):
        before = str(own.minimum) if own.minimum is not None else _NO_LIMIT
        yield meeting.change(
            Effect.BREAKS, f"at least {before}", f"at least {there.minimum}", f"send at least {there.minimum}"
        )
    if there.max_length is not None and (own.max_length is None or there.max_length < own.max_length):
        before = f"at most {own.max_length} characters" if own.max_length is not None else _NO_LIMIT
        after = f"at most {there.max_length} characters"
        yield meeting.change(Effect.BREAKS, before, after, f"shorten it to {there.max_length} characters")


def _fewer(meeting: _Meeting, there: Domain) -> str:
    if meeting.name == "n":
        return f"send several requests of at most {there.maximum}"
    return f"send at most {there.maximum}"


def _default(meeting: _Meeting) -> Iterator[Change]:
    own, there = meeting.own, meeting.there
    if own.support is not Support.TAKEN or own.default is None or there is None or there.default == own.default:
        return
    if there.default is None and not own.default_claim:
        return  # neither page names one
    model = meeting.pair.target
    takes = model is not None and meeting.after.wrong(model, meeting.name, own.default) is None
    near = closest(str(own.default), there.domain.enum or (), there.default)
    send = own.default if takes else near
    yield Change(
        effect=Effect.DIFFERS,
        topic=Topic.PARAMETER,
        subject=meeting.name,
        models=(meeting.pair.name,),
        before=f"{own.default} when left out",
        after=f"{there.default} when left out" if there.default is not None else "no documented default",
        do=f"send {wording.shown(send)}" if send is not None and send != there.default else "",
        claims_before=own.default_claim,
        claims_after=there.default_claim,
    )


def _aliases(side: Side) -> tuple[str, ...]:
    return tuple(alias for parameter in side.parameters.values() for alias in parameter.aliases)


def _meant(before: Side, pair: ModelPair, name: str) -> bool:
    own = before.cell(pair.before, name)
    return own is not None and own.support is Support.TAKEN
