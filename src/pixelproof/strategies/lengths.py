"""The documented length of a request body: one beyond it, and one within."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pixelproof.deviation import Tier
from pixelproof.planning.case import Case
from pixelproof.strategies.bodies import Bodies
from pixelproof.strategies.errors import row_checks

#: How far the two bodies stay off the limit, as one part of it: 10 MB is ten million bytes to some, 10 MiB to others.
_PART = 10


def cases(bodies: Bodies) -> Iterator[Case]:
    """Yield both bodies, padded with white space; only at full, for they are long."""
    most, models = bodies.operation.max_bytes, bodies.tested()
    claims = bodies.operation.claimed("max_bytes")
    if most is None or not models or not bodies.scope.any_decides(claims):
        return
    case_id, model = "errors/too_large", models[0]
    body = bodies.body(case_id, model, bodies.cheap_params(model))
    over = replace(bodies.negative("main", body, model), padding=most + most // _PART)
    within = replace(bodies.positive("within", body), padding=most - most // _PART)
    checks = [
        *bodies.scope.checks("error_reached", claims, row="too_large"),
        *row_checks(bodies, "too_large", model),
        *bodies.scope.checks("length_taken", claims, step="within", most=most),
    ]
    yield Case(id=case_id, steps=(over, within), checks=tuple(checks), tier=Tier.FULL, model=model.id)
