"""Quotas beyond requests a minute: images, requests in flight, headers, test keys, the wallet's own endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pixelproof.case import (
    Advance,
    Case,
    Key,
    KeyRole,
    ReadBalance,
    Send,
    SetRate,
    Step,
    Together,
)
from pixelproof.contract import Json, Limit, Model
from pixelproof.strategies.bodies import Bodies

_FRESH = Key(role=KeyRole.FRESH)
_TEST = Key(role=KeyRole.TEST)
_DAY_S, _MINUTE_S = 86_400, 61
#: By how much the rate is raised to see the charge move.
_FACTOR = Decimal(2)


def cases(bodies: Bodies) -> Iterator[Case]:
    """Yield the cases of every documented quota."""
    models = bodies.tested()
    if not models:
        return
    yield from _headers(bodies, models[0])
    yield from _images_a_minute(bodies)
    yield from _images_a_day(bodies)
    yield from _in_flight(bodies, models[0])
    yield from _test_keys(bodies)
    yield from _wallet(bodies)
    yield from _rate(bodies, models[0])


def _headers(bodies: Bodies, model: Model) -> Iterator[Case]:
    headers = bodies.contract.rate_headers
    if headers is None or not bodies.scope.any_decides(headers.claim):
        return
    case_id = "limits/headers"
    body = bodies.body(case_id, model, bodies.cheap_params(model))
    steps: tuple[Step, ...] = (
        bodies.positive("first", body, key=_FRESH),
        bodies.negative("refused", {**body, "size": "1000x1000"}, model, key=_FRESH),
        bodies.positive("second", body, key=_FRESH),
    )
    checks = [
        *(
            check
            for step in ("first", "refused", "second")
            for check in bodies.scope.checks("rate_headers_given", headers.claim, step=step)
        ),
        *bodies.scope.checks("remaining_falls", headers.claim, steps=["first", "second"]),
    ]
    yield Case(id=case_id, steps=steps, checks=tuple(checks), model=model.id)


def _images_a_minute(bodies: Bodies) -> Iterator[Case]:
    """Yield a walk to the limit in images: a request that would pass it is refused whole."""
    limit = bodies.contract.limits.get("images_per_minute")
    found = _lowest_tier(limit)
    model = _many_at_once(bodies)
    if limit is None or found is None or model is None or not bodies.scope.any_decides(limit.claim):
        return
    tier, most = found
    key = Key(role=KeyRole.LIMITED, tier=tier)
    sends = {
        name: _send(bodies, model, name, n, key)
        for name, n in (("most", most - 1), ("over", 2), ("last", 1), ("none-left", 1), ("after", 1))
    }
    wait = Advance(name="wait", key=key, seconds=_MINUTE_S)
    steps: tuple[Step, ...] = (sends["most"], sends["over"], sends["last"], sends["none-left"], wait, sends["after"])
    scope, row = bodies.scope, bodies.contract.errors.row("rate_limited")
    checks = [
        *scope.checks("limit_enforced", limit.claim, within=["most", "last"], over="over", limit=most),
        *scope.checks("limit_enforced", limit.claim, within=["after"], over="none-left", limit=most),
        *scope.checks("error_row", row.claim, step="over", row="rate_limited", model=model.id),
    ]
    yield Case(id="limits/images-per-minute", steps=steps, checks=tuple(checks), model=model.id)


def _images_a_day(bodies: Bodies) -> Iterator[Case]:
    """Yield a day's images, a minute's worth at a time, and one more."""
    day, minute = (bodies.contract.limits.get(name) for name in ("images_per_day", "images_per_minute"))
    found, each = _lowest_tier(day), _lowest_tier(minute)
    model = _many_at_once(bodies)
    if day is None or found is None or each is None or model is None or not bodies.scope.any_decides(day.claim):
        return
    tier, most = found
    key = Key(role=KeyRole.LIMITED, tier=tier)
    rounds = most // each[1]
    steps: list[Step] = []
    for index in range(rounds):
        steps.append(_send(bodies, model, f"round-{index}", each[1], key))
        steps.append(Advance(name=f"minute-{index}", key=key, seconds=_MINUTE_S))
    steps.append(_send(bodies, model, "over", 1, key))
    steps.append(Advance(name="day", key=key, seconds=_DAY_S))
    steps.append(_send(bodies, model, "after", 1, key))
    within: list[Json] = [*(f"round-{index}" for index in range(rounds)), "after"]
    checks = bodies.scope.checks("limit_enforced", day.claim, within=within, over="over", limit=most)
    yield Case(id="limits/images-per-day", steps=tuple(steps), checks=tuple(checks), model=model.id)


def _in_flight(bodies: Bodies, model: Model) -> Iterator[Case]:
    """Yield more slow requests at once than may be in flight, over two keys of one account."""
    limit = bodies.contract.limits.get("in_flight")
    if limit is None or limit.value is None or not bodies.scope.any_decides(limit.claim):
        return
    names = [f"slow-{index}" for index in range(limit.value + 1)]
    sends = tuple(
        Send(
            name=name,
            operation=bodies.operation.name,
            body=(body := bodies.body(f"limits/in-flight/{name}", model, bodies.cheap_params(model))),
            key=_FRESH if index % 2 else Key(role=KeyRole.SECOND),
            provoke="latency",
            price=bodies.price(body) if index < limit.value else bodies.price({}),
            worst=bodies.price(body),
        )
        for index, name in enumerate(names)
    )
    checks = bodies.scope.checks("at_most_in_flight", limit.claim, steps=[*names], limit=limit.value)
    step = Together(name="together", sends=sends)
    yield Case(id="limits/in-flight", steps=(step,), checks=tuple(checks), model=model.id)


def _test_keys(bodies: Bodies) -> Iterator[Case]:
    keys = bodies.contract.auth.test_keys
    models = bodies.tested()
    if keys is None or not bodies.scope.any_decides(keys.claim):
        return
    model = models[0]
    case_id = "money/test-key"
    body = bodies.body(case_id, model, bodies.cheap_params(model))
    worst = bodies.price(body)
    free = Send(name="main", operation=bodies.operation.name, body=body, key=_TEST, positive=True, worst=worst)
    steps: tuple[Step, ...] = (
        ReadBalance(name="before", key=_FRESH),
        free,
        ReadBalance(name="after", key=_FRESH),
    )
    checks = bodies.scope.checks("unbilled", keys.claim)
    yield Case(id=case_id, steps=steps, checks=tuple(checks), model=model.id)


def _wallet(bodies: Bodies) -> Iterator[Case]:
    operation = bodies.contract.operations.get("wallet")
    if operation is not None:
        checks = bodies.scope.checks("served", operation.claimed("serves"), status=operation.success)
        step = Send(name="main", operation="wallet", positive=True)
        yield Case(id="money/wallet", steps=(step,), checks=tuple(checks))


def _rate(bodies: Bodies, model: Model) -> Iterator[Case]:
    forex = bodies.contract.billing.forex
    if forex is None or not bodies.scope.any_decides(forex.claim):
        return
    case_id = "money/rate"
    body = bodies.body(case_id, model)
    steps: tuple[Step, ...] = (
        ReadBalance(name="before", key=_FRESH),
        bodies.positive("first", body, key=_FRESH),
        ReadBalance(name="between", key=_FRESH),
        SetRate(name="dearer", key=_FRESH, rate=str(forex.rate * _FACTOR)),
        bodies.positive("second", bodies.body(case_id + "/2", model), key=_FRESH),
        ReadBalance(name="after", key=_FRESH),
    )
    checks = bodies.scope.checks("moves_with_rate", forex.claim, factor=str(_FACTOR))
    yield Case(id=case_id, steps=steps, checks=tuple(checks), model=model.id)


def _lowest_tier(limit: Limit | None) -> tuple[str, int] | None:
    return min(limit.tiers.items(), key=lambda item: item[1]) if limit is not None and limit.tiers else None


def _many_at_once(bodies: Bodies) -> Model | None:
    able = (model for model in bodies.tested() if (model.cells["n"].domain.maximum or 1) >= 5)  # noqa: PLR2004 - a minute's worth
    return next(able, None)


def _send(bodies: Bodies, model: Model, name: str, n: int, key: Key) -> Send:
    params = {**bodies.inline(model), **bodies.cheap_params(model), "n": n}
    body = bodies.body(f"limits/images/{name}", model, params)
    price = bodies.price(body)
    return Send(name=name, operation=bodies.operation.name, body=body, key=key, price=price, worst=price)
