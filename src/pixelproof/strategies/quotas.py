"""Quotas beyond requests a minute: images, requests in flight, test keys, the wallet's own endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from pixelproof.contract import Json, Limit, Model
from pixelproof.deviation import Tier
from pixelproof.money import Units
from pixelproof.planning.case import (
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
from pixelproof.strategies.bodies import Bodies

_FRESH = Key(role=KeyRole.FRESH)
_TEST = Key(role=KeyRole.TEST)
_DAY_S, _MINUTE_S = 86_400, 61
#: Smallest price of which there is a half.
_LEAST_HALVED = 2
#: By how much the rate is raised to see the charge move.
_FACTOR = Decimal(2)


def cases(bodies: Bodies) -> Iterator[Case]:
    """Yield the cases of every documented quota."""
    models = bodies.tested()
    if not models:
        return
    yield from _images_a_minute(bodies)
    yield from _images_a_minute_of_others(bodies)
    yield from _images_a_day(bodies)
    yield from _in_flight(bodies, models[0])
    yield from _test_keys(bodies)
    yield from _quotas_of_test_keys(bodies)
    yield from _budgets(bodies, models[0])
    yield from _wallet(bodies, models[0])
    yield from _rate(bodies, models[0])


def _images_a_minute(bodies: Bodies) -> Iterator[Case]:
    """Yield a walk to the limit in images: a request that would pass it is refused whole."""
    limit = bodies.contract.limits.get("images_per_minute")
    found = _lowest_tier(limit)
    model = _many_at_once(bodies)
    if limit is None or found is None or model is None or not bodies.scope.any_decides(limit.claim):
        return
    tier, most = found
    key = Key(role=KeyRole.LIMITED, tier=tier)
    before, after = (ReadBalance(name=name, key=key, optional=True) for name in ("before", "after"))
    steps = (
        _send(bodies, model, "most", most - 1, key),
        before,
        _unbilled(_send(bodies, model, "over", 2, key)),
        after,
        _send(bodies, model, "last", 1, key),
        _refused(bodies, model, "none-left", key),
    )
    scope, row = bodies.scope, bodies.contract.errors.row("rate_limited")
    checks = [
        *scope.checks("limit_enforced", limit.claim, within=["most", "last"], over="over", limit=most),
        *scope.checks("limit_enforced", limit.claim, within=["most", "last"], over="none-left", limit=most),
        *scope.checks("error_row", row.claim, step="over", row="rate_limited", model=model.id),
        *scope.checks("not_charged", bodies.contract.billing.claimed("refused_is_free"), step="over"),
    ]
    yield Case(id="limits/images-per-minute", steps=steps, checks=tuple(checks), model=model.id)
    yield _next_minute(bodies, model, limit, most, key)


def _next_minute(bodies: Bodies, model: Model, limit: Limit, most: int, key: Key) -> Case:
    """Return a walk over the end of a minute; only who can move a clock can take it."""
    steps = (
        _send(bodies, model, "all", most, key),
        _refused(bodies, model, "too-early", key),
        Advance(name="wait", key=key, seconds=_MINUTE_S),
        _send(bodies, model, "after", 1, key),
    )
    checks = bodies.scope.checks("limit_enforced", limit.claim, within=["all", "after"], over="too-early", limit=most)
    return Case(id="limits/images-per-minute-next", steps=steps, checks=tuple(checks), model=model.id)


def _images_a_minute_of_others(bodies: Bodies) -> Iterator[Case]:
    """Yield a walk to the end of a minute for every tier above the lowest, and one image beyond it."""
    limit = bodies.contract.limits.get("images_per_minute")
    lowest, model = _lowest_tier(limit), _many_at_once(bodies)
    if limit is None or model is None or not bodies.scope.any_decides(limit.claim):
        return
    for tier, most in limit.tiers.items():
        if lowest is not None and tier != lowest[0]:
            key = Key(role=KeyRole.LIMITED, tier=tier)
            walk = tuple(_minute(bodies, model, "within", most, key))
            over = _refused(bodies, model, "over", key)
            within: list[Json] = [send.name for send in walk]
            checks = bodies.scope.checks("limit_enforced", limit.claim, within=within, over="over", limit=most)
            case_id = f"limits/images-per-minute/{tier}"
            yield Case(id=case_id, steps=(*walk, over), checks=tuple(checks), tier=Tier.FULL, model=model.id)


def _images_a_day(bodies: Bodies) -> Iterator[Case]:
    """Yield a day's images of every tier, a minute's worth at a time, and one more."""
    day, minute = (bodies.contract.limits.get(name) for name in ("images_per_day", "images_per_minute"))
    lowest, model = _lowest_tier(day), _many_at_once(bodies)
    if day is None or minute is None or lowest is None or model is None or not bodies.scope.any_decides(day.claim):
        return
    for tier, most in day.tiers.items():
        if tier in minute.tiers:
            is_lowest = tier == lowest[0]
            key = Key(role=KeyRole.LIMITED, tier=tier)
            steps = tuple(_day(bodies, model, most, minute.tiers[tier], key))
            within: list[Json] = [
                step.name for step in steps if isinstance(step, Send) and step.name not in {"over", "after"}
            ]
            whole: list[Json] = [*within, "after"]
            checks = bodies.scope.checks("limit_enforced", day.claim, within=whole, limit=most, window="a day")
            yield Case(
                id="limits/images-per-day" if is_lowest else f"limits/images-per-day/{tier}",
                steps=steps,
                checks=tuple(checks),
                tier=Tier.CORE if is_lowest else Tier.FULL,
                model=model.id,
            )


def _day(bodies: Bodies, model: Model, most: int, each_minute: int, key: Key) -> Iterator[Step]:
    for index, begun in enumerate(range(0, most, each_minute)):
        yield from _minute(bodies, model, f"round-{index}", min(each_minute, most - begun), key)
        yield Advance(name=f"minute-{index}", key=key, seconds=_MINUTE_S)
    yield _refused(bodies, model, "over", key)
    yield Advance(name="day", key=key, seconds=_DAY_S)
    yield _send(bodies, model, "after", 1, key)


def _minute(bodies: Bodies, model: Model, name: str, images: int, key: Key) -> Iterator[Send]:
    """Yield requests for so many images together, as many at once as the model makes."""
    at_once = model.cells["n"].domain.maximum or 1
    for index, begun in enumerate(range(0, images, at_once)):
        yield _send(bodies, model, f"{name}-{index}" if index else name, min(at_once, images - begun), key)


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


def _quotas_of_test_keys(bodies: Bodies) -> Iterator[Case]:
    """Yield a live key that uses its minute up, and a test key of the same account before and after that."""
    keys, limit = bodies.contract.auth.test_keys, bodies.contract.limits.get("images_per_minute")
    found, model = _lowest_tier(limit), _many_at_once(bodies)
    if keys is None or found is None or model is None or not bodies.scope.any_decides(keys.claim):
        return
    tier, most = found
    live, test = Key(role=KeyRole.LIMITED, tier=tier), Key(role=KeyRole.TEST, tier=tier)
    steps = (
        _unbilled(_send(bodies, model, "test-before", 1, test)),
        _send(bodies, model, "live", most, live),
        _unbilled(_send(bodies, model, "test-after", 1, test)),
    )
    checks = bodies.scope.checks("counted_apart", keys.claim, steps=[step.name for step in steps])
    yield Case(id="limits/test-key", steps=steps, checks=tuple(checks), model=model.id)


def _budgets(bodies: Bodies, model: Model) -> Iterator[Case]:
    """Yield a key with a budget for one image: one within it, one over it, and one of the account's other key."""
    claims, rows = bodies.contract.billing.claimed("budget"), bodies.contract.errors.rows
    case_id = "money/within-budget"
    body = bodies.body(case_id, model, bodies.cheap_params(model))
    price = bodies.price(body)
    if "budget_exceeded" not in rows or price < _LEAST_HALVED or not bodies.scope.any_decides(claims):
        return
    key = Key(role=KeyRole.FRESH, budget=Units(price + price // 2))
    other = replace(key, role=KeyRole.SECOND)
    steps = (
        bodies.positive("within", body, key=key),
        bodies.negative("over", bodies.body(f"{case_id}/over", model, bodies.cheap_params(model)), model, key=key),
        bodies.positive("other", bodies.body(f"{case_id}/other", model, bodies.cheap_params(model)), key=other),
    )
    success = bodies.operation.success
    checks = [
        *bodies.scope.checks("served", claims, step="within", status=success),
        *bodies.scope.checks("error_reached", claims, step="over", row="budget_exceeded"),
        *bodies.scope.checks("served", claims, step="other", status=success),
    ]
    yield Case(id=case_id, steps=steps, checks=tuple(checks), model=model.id)


def _wallet(bodies: Bodies, model: Model) -> Iterator[Case]:
    operation = bodies.contract.operations.get("wallet")
    if operation is None:
        return
    claims = operation.claimed("serves")
    checks = bodies.scope.checks("served", claims, status=operation.success)
    step = Send(name="main", operation="wallet", positive=True)
    yield Case(id="money/wallet", steps=(step,), checks=tuple(checks))
    case_id = "money/wallet-moves"
    steps: tuple[Step, ...] = (
        ReadBalance(name="before", key=_FRESH),
        Send(name="first", operation="wallet", key=_FRESH, positive=True),
        bodies.positive("main", bodies.body(case_id, model, bodies.cheap_params(model)), key=_FRESH),
        ReadBalance(name="after", key=_FRESH),
        Send(name="second", operation="wallet", key=_FRESH, positive=True),
    )
    moves = bodies.scope.checks("wallet_moves", claims)
    yield Case(id=case_id, steps=steps, checks=tuple(moves), model=model.id)


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


def _refused(bodies: Bodies, model: Model, name: str, key: Key) -> Send:
    return _unbilled(_send(bodies, model, name, 1, key))


def _unbilled(send: Send) -> Send:
    """Return a request that must cost nothing: refused, or of a key that is not billed."""
    return replace(send, price=Units(0))


def _send(bodies: Bodies, model: Model, name: str, n: int, key: Key) -> Send:
    params = {**bodies.inline(model), **bodies.cheap_params(model), "n": n}
    body = bodies.body(f"limits/images/{name}", model, params)
    price = bodies.price(body)
    return Send(name=name, operation=bodies.operation.name, body=body, key=key, price=price, worst=price)
