"""Requests that the documents dispute: sent once, every reading welcome."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from pixelproof.case import Case, Fetch
from pixelproof.contract import About, Ambiguity, Json
from pixelproof.strategies.bodies import Bodies


def cases(bodies: Bodies) -> Iterator[Case]:
    """Yield one case for each disputed request."""
    for point in bodies.contract.ambiguities:
        if point.about is About.REQUEST:
            yield from _requests(bodies, point)


def _requests(bodies: Bodies, point: Ambiguity) -> Iterator[Case]:
    names = tuple(point.subject)
    for values in product(*point.subject.values()):
        params: dict[str, Json] = dict(zip(names, values, strict=True))
        model = bodies.contract.models[str(params.pop("model"))]
        case_id = f"readings/{point.claim}/{'/'.join(str(value) for value in (model.id, *params.values()))}"
        cheap = {name: value for name, value in bodies.cheap_params(model).items() if name not in params}
        body = bodies.body(case_id, model, {**cheap, **params})
        step = bodies.positive("main", body, fetch=Fetch.ALL)
        checks = bodies.scope.checks("served_or_refused", (point.claim,), claim=point.claim)
        yield Case(id=case_id, steps=(step,), checks=tuple(checks), model=model.id)
