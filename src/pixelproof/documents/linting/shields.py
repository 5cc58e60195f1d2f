"""Shields: no claim judges one side of what another claim calls disputed.

A claim of level X states a contradiction; its ambiguity says what is disputed. Inside
that subject, entries of the contract may name other obligations, which state one side
only. Such a claim must be shielded: ``shields`` takes it out of the judgement there, so
that a server which follows the other side is not found wrong.

What stands inside a subject is, for requests: the cells of its models and parameters; for
prices: the rows that share a request with it; for an error's type or status: the row; for
the envelope: the envelope; for a cost or a charge: the fields that show it. Of the claims
named there, those judge that are obligations and documented (D, D†, E, R).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pixelproof.contract import About, Ambiguity, Contract, Kind, Level
from pixelproof.contract.error import FALLBACKS
from pixelproof.documents.linting.finding import Remark
from pixelproof.documents.linting.given import Given
from pixelproof.documents.linting.names import fields
from pixelproof.documents.linting.registry import error, warning

_ABOUT_AN_ERROR = frozenset({About.STATUS, About.ERROR_TYPE})
#: Levels that judge: a contradiction states no side, and what is ours is never judged.
_JUDGES = frozenset({Level.D, Level.D_DAGGER, Level.E, Level.R})


@error
def unshielded_claim(contract: Contract, given: Given) -> Iterator[Remark]:
    """A claim that judges what another one calls disputed, without being shielded."""
    del given
    for point in contract.ambiguities:
        claim = contract.claims.get(point.claim)
        if claim is None:
            continue
        judging = [name for name in dict.fromkeys(_inside(contract, point)) if _judges(contract, name)]
        for name in judging:
            if name != claim.id and name not in claim.shields:
                message = f"{claim.id} disputes what {name} judges: '{contract.claims[name].statement[:80]}'"
                hint = f"add {name} to the shields of {claim.id}, or narrow the subject of the ambiguity"
                yield Remark(path=("claims", claim.id), message=message, hint=hint, in_claims=True)


@warning
def idle_shield(contract: Contract, given: Given) -> Iterator[Remark]:
    """A shield that covers nothing: no disputed entry names the claim."""
    del given
    for claim in contract.claims.values():
        points = [point for point in contract.ambiguities if point.claim == claim.id]
        if not all(is_bounded(point) for point in points):
            continue
        near = {name for point in points for name in (*_inside(contract, point), *_beside(contract, point))}
        for name in claim.shields:
            if name in contract.claims and name not in near:
                message = f"nothing that {claim.id} disputes names {name}"
                path = ("claims", claim.id, "shields")
                yield Remark(path=path, message=message, hint="leave the shield out", in_claims=True)


def is_bounded(point: Ambiguity) -> bool:
    """Tell whether an ambiguity says which requests, or which error, it is about."""
    if point.about in {About.REQUEST, About.PRICE}:
        return bool(point.subject.get("model"))
    return point.row is not None or point.about not in _ABOUT_AN_ERROR


def _inside(contract: Contract, point: Ambiguity) -> Iterator[str]:
    """Yield the claims of the entries that decide about what is disputed."""
    if point.about is About.REQUEST:
        for model in (contract.models[name] for name in point.subject.get("model", ()) if name in contract.models):
            cells = [model.cells[name] for name in point.subject if name in model.cells]
            yield from (claim for cell in cells for claim in cell.claim)
    elif point.about in _ABOUT_AN_ERROR and point.row is not None:
        yield from contract.errors.rows[point.row].claim if point.row in contract.errors.rows else ()
        yield from contract.parameters["model"].claimed("values") if point.row == "unknown_model" else ()
    elif point.about is About.ENVELOPE:
        yield from contract.errors.envelope.claim
    elif point.about is About.COST:
        yield from _of_fields(contract, {"cost"})
    elif point.about is About.CHARGED:
        yield from _of_fields(contract, {"charged", "refunded"})
    elif point.about is About.PRICE:
        yield from (claim for row in contract.billing.prices if _meets(row.when, point) for claim in row.claim)


def _beside(contract: Contract, point: Ambiguity) -> Iterator[str]:
    """Yield claims that may also speak of what is disputed: shielding them is no mistake."""
    billing, tasks = contract.billing, contract.tasks
    if point.about is About.PRICE:
        yield from billing.claimed("prices")
        yield from (claim for order in billing.order for claim in order.claim)
    elif point.about is About.CHARGED and tasks is not None:
        yield from (claim for facet in ("billing", "refunds", "gross", "net") for claim in tasks.claimed(facet))
    elif point.about is About.REQUEST:
        yield from (
            claim
            for name in point.subject
            if name in contract.parameters
            for claims in contract.parameters[name].claims.values()
            for claim in claims
        )
    elif point.about in _ABOUT_AN_ERROR:
        relative = contract.errors.rows.get(FALLBACKS.get(point.row or "", ""))
        yield from relative.claim if relative is not None else ()
    elif point.about is About.OVERDRAFT:
        yield from (claim for claims in billing.claims.values() for claim in claims)


def _judges(contract: Contract, name: str) -> bool:
    claim = contract.claims.get(name)
    return claim is not None and claim.kind is Kind.OBLIGATION and claim.level in _JUDGES


def _of_fields(contract: Contract, sources: Iterable[str]) -> Iterator[str]:
    return (claim for _, field in fields(contract) if field.source in set(sources) for claim in field.claim)


def _meets(when: Mapping[str, tuple[str, ...]], point: Ambiguity) -> bool:
    return all(set(when.get(name, values)) & set(values) for name, values in point.subject.items())
