"""Image URLs on the clock: alive within their documented life, dead after it."""

from __future__ import annotations

from collections.abc import Iterator

from pixelproof.contract import Support
from pixelproof.planning.case import Advance, Case, Fetch, Key, KeyRole, Refetch, Step
from pixelproof.strategies.bodies import Bodies


def cases(bodies: Bodies) -> Iterator[Case]:
    """Yield the walk through the life of a URL."""
    life = bodies.contract.images.url
    models = [model for model in bodies.tested() if model.delivers is None]
    if life is None or not models or not bodies.scope.any_decides(life.claim):
        return
    for model in models if bodies.scope.full else models[:1]:
        key = Key(role=KeyRole.FRESH)
        case_id = f"urls/{model.id}/life"
        cell = model.cells.get("response_format")
        named = {"response_format": "url"} if cell is not None and cell.support is Support.TAKEN else {}
        body = bodies.body(case_id, model, {**bodies.cheap_params(model), **named})
        steps: tuple[Step, ...] = (
            bodies.positive("main", body, key=key, fetch=Fetch.ALL),
            Advance(name="young", key=key, seconds=life.alive_at_s),
            Refetch(name="alive", of="main"),
            Advance(name="old", key=key, seconds=life.dead_by_s - life.alive_at_s),
            Refetch(name="dead", of="main"),
        )
        checks = [
            *bodies.scope.checks("url_reachable", life.claim),
            *bodies.scope.checks("url_alive", life.claim, step="alive", after_s=life.alive_at_s),
            *bodies.scope.checks("url_dead", life.claim, step="dead", after_s=life.dead_by_s),
        ]
        yield Case(id=case_id, steps=steps, checks=tuple(checks), model=model.id)
