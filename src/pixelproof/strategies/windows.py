"""Windows of requests: the headers that show them, the figure of a new key, whose they are and how they roll."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pixelproof.contract import Json, Limit, Model
from pixelproof.deviation import Tier
from pixelproof.money import Units
from pixelproof.planning.case import Advance, Case, Check, Key, KeyRole, ReadBalance, Send, Step
from pixelproof.strategies.bodies import Bodies

_FRESH, _NEW = Key(role=KeyRole.FRESH), Key(role=KeyRole.FRESH, as_documented=True)
#: Requests a minute of a limited account that the control plane sets up.
_LOW_LIMIT = 2
_LIMITED = Key(role=KeyRole.LIMITED, limit_per_minute=_LOW_LIMIT)
#: A further key of that account.
_SECOND = Key(role=KeyRole.SECOND, limit_per_minute=_LOW_LIMIT)
#: Seconds between two requests of one window, and from the second until only the first one's place is free again.
_APART_S, _UNTIL_ONE_S = 30, 31


def cases(bodies: Bodies) -> Iterator[Case]:
    """Yield the cases about requests a minute, beyond that there is a limit."""
    models = bodies.tested()
    if not models:
        return
    yield from _headers(bodies, models[0])
    yield from _headers_of_a_breakdown(bodies, models[0])
    limit = bodies.contract.limits.get("requests_per_minute")
    if limit is not None:
        yield from _of_a_new_key(bodies, models[0], limit)
        yield from _window(bodies, models[0], limit)


def _headers(bodies: Bodies, model: Model) -> Iterator[Case]:
    """Yield answers of every kind that a free hand can cause: served, refused, unknown key, the wallet."""
    headers = bodies.contract.rate_headers
    if headers is None or not bodies.scope.any_decides(headers.claim):
        return
    case_id = "limits/headers"
    body = bodies.body(case_id, model, bodies.cheap_params(model))
    steps: list[Step] = [
        bodies.positive("first", body, key=_FRESH),
        bodies.negative("refused", {**body, "size": "1000x1000"}, model, key=_FRESH),
        bodies.positive("second", body, key=_FRESH),
        bodies.negative("unknown", body, model, key=Key(role=KeyRole.INVALID)),
    ]
    if "wallet" in bodies.contract.operations:
        steps.append(Send(name="wallet", operation="wallet", key=_FRESH))
    checks = [check for step in steps for check in _shown(bodies, step.name)]
    checks += bodies.scope.checks("remaining_falls", headers.claim, steps=["first", "second"])
    yield Case(id=case_id, steps=tuple(steps), checks=tuple(checks), model=model.id)


def _headers_of_a_breakdown(bodies: Bodies, model: Model) -> Iterator[Case]:
    checks = _shown(bodies, "main")
    if checks:
        case_id = "limits/headers-of-a-breakdown"
        body = bodies.body(case_id, model, bodies.cheap_params(model))
        step = Send(
            name="main", operation=bodies.operation.name, body=body, provoke="server_error", worst=bodies.price(body)
        )
        yield Case(id=case_id, steps=(step,), checks=tuple(checks), model=model.id)


def _of_a_new_key(bodies: Bodies, model: Model, limit: Limit) -> Iterator[Case]:
    """Yield what a key shows that nobody has changed, and a walk to the end of its minute."""
    claims = limit.claimed("value")
    if limit.value is None or not bodies.scope.any_decides(claims):
        return
    if bodies.contract.rate_headers is not None:
        step = _send(bodies, model, "limits/new-key", "main", _NEW)
        shown = bodies.scope.checks("limit_shown", claims, limit=limit.value, used=1)
        yield Case(id="limits/new-key", steps=(step,), checks=tuple(shown), model=model.id)
    case_id = "limits/new-key-to-its-end"
    names = [f"request-{index}" for index in range(1, limit.value + 1)]
    walk = tuple(_send(bodies, model, case_id, name, _NEW) for name in names)
    over = _over(_send(bodies, model, case_id, "over", _NEW))
    checks = bodies.scope.checks("limit_enforced", claims, within=[*names], limit=limit.value)
    yield Case(id=case_id, steps=(*walk, over), checks=tuple(checks), tier=Tier.FULL, model=model.id)


def _window(bodies: Bodies, model: Model, limit: Limit) -> Iterator[Case]:
    """Yield two requests half a minute apart; a minute after the first its place alone is free again.

    While they use the window up, another key of the account has one of its own.
    """
    case_id = "limits/window"
    steps: tuple[Step, ...] = (
        _send(bodies, model, case_id, "first", _LIMITED),
        Advance(name="half", key=_LIMITED, seconds=_APART_S),
        _send(bodies, model, case_id, "second", _LIMITED),
        ReadBalance(name="before", key=_LIMITED),
        _over(_send(bodies, model, case_id, "early", _LIMITED)),
        ReadBalance(name="after", key=_LIMITED),
        _send(bodies, model, case_id, "another", _SECOND),
        Advance(name="minute", key=_LIMITED, seconds=_UNTIL_ONE_S),
        _send(bodies, model, case_id, "freed", _LIMITED),
        _over(_send(bodies, model, case_id, "over", _LIMITED)),
    )
    checks = _window_checks(bodies, limit)
    if checks:
        free = bodies.scope.checks("not_charged", bodies.contract.billing.claimed("refused_is_free"), step="early")
        yield Case(id=case_id, steps=steps, checks=(*checks, *free), model=model.id)


def _window_checks(bodies: Bodies, limit: Limit) -> list[Check]:
    rolling, scope = limit.claimed("rolling"), bodies.scope
    within: list[Json] = ["first", "second"]
    checks = [
        *scope.checks("limit_enforced", rolling, within=within, over="early", limit=_LOW_LIMIT),
        *scope.checks("limit_enforced", rolling, within=["freed"], over="over", limit=_LOW_LIMIT),
    ]
    if limit.per == "key":
        checks += scope.checks(
            "limit_enforced", limit.claimed("per"), within=["another"], over="early", limit=_LOW_LIMIT
        )
    if checks and bodies.contract.rate_headers is not None:
        checks += [check for step in ("early", "another", "over") for check in _shown(bodies, step)]
        for step, used in (("first", 1), ("second", 2), ("another", 1)):
            checks += scope.checks("limit_shown", limit.claimed("value"), step=step, limit=_LOW_LIMIT, used=used)
    return checks


def _shown(bodies: Bodies, step: str) -> list[Check]:
    headers = bodies.contract.rate_headers
    return bodies.scope.checks("rate_headers_given", headers.claim, step=step) if headers is not None else []


def _over(send: Send) -> Send:
    """Return a request that is beyond the limit and must cost nothing."""
    return replace(send, price=Units(0))


def _send(bodies: Bodies, model: Model, case_id: str, name: str, key: Key) -> Send:
    body = bodies.body(f"{case_id}/{name}", model, bodies.cheap_params(model))
    price = bodies.price(body)
    return Send(name=name, operation=bodies.operation.name, body=body, key=key, price=price, worst=price)
