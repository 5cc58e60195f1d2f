"""Points that the documents dispute: tried once, every reading welcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product

from pixelproof.contract import About, Ambiguity, Json, Model
from pixelproof.planning.case import Case, Fetch, Key, KeyRole, ReadBalance, Step
from pixelproof.strategies.bodies import Bodies

_FRESH = Key(role=KeyRole.FRESH)


def cases(bodies: Bodies) -> Iterator[Case]:
    """Yield the cases of every disputed point; disputes that need a wallet's end stand with the money."""
    for point in bodies.contract.ambiguities:
        strategy = _BY_SUBJECT.get(point.about)
        if strategy is not None and bodies.scope.any_decides((point.claim,)):
            yield from strategy(bodies, point)


def _requests(bodies: Bodies, point: Ambiguity) -> Iterator[Case]:
    for model, params in _subjects(bodies, point):
        case_id = f"readings/{point.claim}/{'/'.join(str(value) for value in (model.id, *params.values()))}"
        cheap = {name: value for name, value in bodies.cheap_params(model).items() if name not in params}
        step = bodies.positive("main", bodies.body(case_id, model, {**cheap, **params}), fetch=Fetch.ALL)
        checks = bodies.scope.checks("served_or_refused", (point.claim,), claim=point.claim)
        yield Case(id=case_id, steps=(step,), checks=tuple(checks), model=model.id)


def _status(bodies: Bodies, point: Ambiguity) -> Iterator[Case]:
    """Yield a request for a model that does not exist: the only disputed status so far."""
    model = bodies.tested()[0]
    case_id = f"readings/{point.claim}/no-such-model"
    body = {**bodies.body(case_id, model), "model": "pixelproof-no-such-model-1"}
    checks = bodies.scope.checks("status_of_either", (point.claim,), claim=point.claim)
    yield Case(id=case_id, steps=(bodies.negative("main", body, model),), checks=tuple(checks), model=model.id)


def _envelope(bodies: Bodies, point: Ambiguity) -> Iterator[Case]:
    model = bodies.tested()[0]
    case_id = f"readings/{point.claim}/error-object"
    body = {**bodies.body(case_id, model), "size": "1000x1000"}
    checks = bodies.scope.checks("envelope_of_either", (point.claim,), claim=point.claim)
    yield Case(id=case_id, steps=(bodies.negative("main", body, model),), checks=tuple(checks), model=model.id)


def _cost(bodies: Bodies, point: Ambiguity) -> Iterator[Case]:
    """Yield several images at once: the reported cost is theirs together, or of one."""
    for model in bodies.tested():
        if (model.cells["n"].domain.maximum or 1) < 2:  # noqa: PLR2004 - the smallest plural
            continue
        case_id = f"readings/{point.claim}/{model.id}"
        body = bodies.body(case_id, model, {**bodies.inline(model), **bodies.cheap_params(model), "n": 2})
        unit = bodies.price({**body, "n": 1})
        checks = [
            *bodies.scope.checks("cost_of_either", (point.claim,), claim=point.claim, n=2, unit=unit),
            *bodies.scope.checks("image_count", model.cells["n"].claim, n=2),
        ]
        yield Case(id=case_id, steps=(bodies.positive("main", body),), checks=tuple(checks), model=model.id)
        return


def _price(bodies: Bodies, point: Ambiguity) -> Iterator[Case]:
    for model, params in _subjects(bodies, point):
        case_id = f"readings/{point.claim}/{'/'.join(str(value) for value in (model.id, *params.values()))}"
        body = bodies.body(case_id, model, params)
        steps: tuple[Step, ...] = (
            ReadBalance(name="before", key=_FRESH, optional=True),
            bodies.positive("main", body, key=_FRESH),
            ReadBalance(name="after", key=_FRESH, optional=True),
        )
        args: dict[str, Json] = {"claim": point.claim, "table": bodies.price(body)}
        checks = bodies.scope.checks("price_of_either", (point.claim,), **args)
        yield Case(id=case_id, steps=steps, checks=tuple(checks), model=model.id)


def _subjects(bodies: Bodies, point: Ambiguity) -> Iterator[tuple[Model, dict[str, Json]]]:
    """Yield every combination of the disputed values, numbers as numbers."""
    for values in product(*point.subject.values()):
        named: Mapping[str, str] = dict(zip(point.subject, values, strict=True))
        params = {name: _typed(bodies, name, value) for name, value in named.items() if name != "model"}
        yield bodies.contract.models[named["model"]], params


def _typed(bodies: Bodies, name: str, value: str) -> Json:
    return int(value) if bodies.parameters[name].domain.type == "integer" else value


_BY_SUBJECT: Mapping[About, Callable[[Bodies, Ambiguity], Iterator[Case]]] = {
    About.REQUEST: _requests,
    About.STATUS: _status,
    About.ENVELOPE: _envelope,
    About.COST: _cost,
    About.PRICE: _price,
}
