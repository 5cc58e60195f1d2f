"""Image URLs on the clock: alive within their documented life, dead after it."""

from __future__ import annotations

from collections.abc import Iterator

from pixelproof.contract import ClaimIds, Json, Model, Support
from pixelproof.planning.case import Advance, Case, Fetch, Key, KeyRole, Refetch, Step
from pixelproof.strategies.bodies import Bodies

_FRESH = Key(role=KeyRole.FRESH)
#: Seconds after which a URL is used once more, far within every documented life.
_SOON_S = 3


def cases(bodies: Bodies) -> Iterator[Case]:
    """Yield the walk through the life of a URL."""
    life = bodies.contract.images.url
    models = [model for model in bodies.tested() if model.delivers is None]
    if life is None or not models or not bodies.scope.any_decides(life.claim):
        return
    yield _again(bodies, models[0], life.claim)
    for model in models if bodies.scope.full else models[:1]:
        key = _FRESH
        case_id = f"urls/{model.id}/life"
        body = _by_url(bodies, case_id, model)
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


def _again(bodies: Bodies, model: Model, claims: ClaimIds) -> Case:
    """Return a URL that is used twice, some seconds apart: short enough to be really waited for."""
    case_id = f"urls/{model.id}/again"
    steps: tuple[Step, ...] = (
        bodies.positive("main", _by_url(bodies, case_id, model), key=_FRESH, fetch=Fetch.ALL),
        Advance(name="later", key=_FRESH, seconds=_SOON_S, brief=True),
        Refetch(name="again", of="main"),
    )
    checks = bodies.scope.checks("url_alive", claims, step="again", after_s=_SOON_S)
    return Case(id=case_id, steps=steps, checks=tuple(checks), model=model.id)


def _by_url(bodies: Bodies, case_id: str, model: Model) -> dict[str, Json]:
    cell = model.cells.get("response_format")
    named = {"response_format": "url"} if cell is not None and cell.support is Support.TAKEN else {}
    return bodies.body(case_id, model, {**bodies.cheap_params(model), **named})
