"""Errors that need more than a bad request: keys, scopes, provoked faults, broken bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pixelproof.contract import ClaimIds, Json, Model
from pixelproof.deviation import Tier
from pixelproof.money import Units
from pixelproof.planning.case import Advance, Case, Check, Key, KeyRole, ReadBalance, Send, Step
from pixelproof.strategies import corpus
from pixelproof.strategies.bodies import Bodies
from pixelproof.strategies.negative import has_refusal_row
from pixelproof.strategies.served import unpaid

#: Bodies that are no JSON object, each broken in one way.
_BROKEN_BODIES: Mapping[str, bytes] = {
    "cut-json": b'{"model": "dall-e-2", "prompt": "a red app',
    "empty": b"",
    "array": b"[]",
    "not-a-number": b'{"model": "dall-e-2", "prompt": "a red apple", "n": NaN}',
    "invalid-utf8": b'{"model": "dall-e-2", "prompt": "a red \xff\xfe apple"}',
}
#: Of these, what a lenient parser may read (RFC 8259, section 9): serving it is worth a warning, no more.
_READABLE = frozenset({"not-a-number", "invalid-utf8"})
#: The one that shows a breakdown where no document says how a broken body is refused.
_SHORTEST = "cut-json"

#: Requests a minute of a limited account that the control plane sets up.
_LOW_LIMIT = 2
#: Seconds after which a minute that rolls is still full: shorter windows show, and it can be waited for.
_STILL_FULL_S = 10


def cases(bodies: Bodies) -> Iterator[Case]:
    """Yield the cases that reach every row of the error table."""
    models = bodies.tested()
    if not models:
        return
    model = models[0]
    yield from _keys(bodies, model)
    yield from _scopes(bodies, model)
    yield from _policy(bodies, models)
    yield from _failures(bodies, model)
    yield from _broken_bodies(bodies, model)
    yield from _media_type(bodies, model)
    yield from _rate_limit(bodies, model)


def row_checks(bodies: Bodies, row: str, model: Model, *, step: str = "main", shielded: str = "") -> list[Check]:
    """Return the checks that an error with a row of its own must pass."""
    scope, errors = bodies.scope, bodies.contract.errors
    claims = errors.row(row).claim
    keys: list[Json] = [*bodies.disputed_keys(), *([shielded] if shielded else [])]
    # a key that nobody knows has no limit to tell of
    headers = bodies.contract.rate_headers if row != "unauthorized" else None
    return [
        *scope.checks("error_row", claims, step=step, row=row, model=model.id, shielded=keys),
        *scope.checks("error_envelope", errors.envelope.claim, step=step, shielded=keys),
        *(scope.checks("rate_headers_given", headers.claim, step=step) if headers is not None else []),
    ]


def _keys(bodies: Bodies, model: Model) -> Iterator[Case]:
    for role in (KeyRole.NONE, KeyRole.INVALID):
        case_id = f"errors/unauthorized/{'missing' if role is KeyRole.NONE else 'invalid'}-key"
        step = bodies.negative("main", bodies.body(case_id, model), model, key=Key(role=role))
        why = "the key is missing" if role is KeyRole.NONE else "the key is unknown"
        claims = bodies.contract.auth.claimed("required")
        checks = [*_not_served(bodies, claims, why), *row_checks(bodies, "unauthorized", model)]
        yield Case(id=case_id, steps=(step,), checks=tuple(checks), tier=Tier.SMOKE, model=model.id)


def _not_served(bodies: Bodies, claims: ClaimIds, why: str) -> list[Check]:
    # Where the document names no status for it, any refusal will do.
    documented = bodies.scope.any_decides(bodies.contract.errors.row("unauthorized").claim)
    return bodies.scope.checks("error_reached" if documented else "turned_away", claims, row="unauthorized", why=why)


def _scopes(bodies: Bodies, model: Model) -> Iterator[Case]:
    operation = bodies.contract.operations["generate"]
    if operation.scope is None:
        return
    yield from _forbidden(bodies, model)
    case_id = "errors/forbidden/right-scope"
    key = Key(role=KeyRole.FRESH, scopes=(operation.scope,))
    step = bodies.positive("main", bodies.body(case_id, model, bodies.cheap_params(model)), key=key)
    checks = bodies.scope.checks("served", operation.claimed("scope"), status=operation.success)
    yield Case(id=case_id, steps=(step,), checks=tuple(checks), model=model.id)


def _forbidden(bodies: Bodies, model: Model) -> Iterator[Case]:
    operation = bodies.contract.operations["generate"]
    others = tuple(scope for scope in bodies.contract.auth.scopes if scope != operation.scope)
    for label, scopes in (("no-scope", ()), ("other-scope", others)):
        case_id = f"errors/forbidden/{label}"
        key = Key(role=KeyRole.UNSCOPED, scopes=scopes)
        step = bodies.negative("main", bodies.body(case_id, model), model, key=key)
        checks = [
            *bodies.scope.checks("error_reached", operation.claimed("scope"), row="forbidden"),
            *row_checks(bodies, "forbidden", model),
        ]
        yield Case(id=case_id, steps=(step,), checks=tuple(checks), model=model.id)


def _policy(bodies: Bodies, models: tuple[Model, ...]) -> Iterator[Case]:
    for index, model in enumerate(models):
        case_id = f"errors/content_policy/{model.id}"
        body = bodies.body(case_id, model, bodies.cheap_params(model))
        step = _provoked(bodies, body, "content_policy", Key())
        checks = row_checks(bodies, "content_policy", model)
        tier = Tier.SMOKE if index == 0 else Tier.CORE
        case = Case(id=case_id, steps=(step,), checks=tuple(checks), tier=tier, model=model.id)
        yield unpaid(bodies, case) if checks else case


def _failures(bodies: Bodies, model: Model) -> Iterator[Case]:
    rows = bodies.contract.errors.rows
    # Where no scope is documented, nothing but a provocation reaches the row of the forbidden.
    forbidden = ("forbidden",) if bodies.contract.operations["generate"].scope is None else ()
    for row in (*forbidden, "server_error", "upstream_error", "unavailable", "timeout"):
        if row in rows and bodies.scope.any_decides(rows[row].claim):
            yield _failure(bodies, model, row)


def _failure(bodies: Bodies, model: Model, row: str) -> Case:
    case_id = f"errors/{row}"
    key = Key(role=KeyRole.FRESH)
    body = bodies.body(case_id, model, bodies.cheap_params(model))
    steps: tuple[Step, ...] = (
        ReadBalance(name="before", key=key, optional=True),
        _provoked(bodies, body, row, key),
        ReadBalance(name="after", key=key, optional=True),
    )
    free = bodies.scope.checks("not_charged", bodies.contract.billing.claimed("failed_is_free"))
    checks = [*row_checks(bodies, row, model), *free]
    return Case(id=case_id, steps=steps if free else steps[1:2], checks=tuple(checks), model=model.id)


def _provoked(bodies: Bodies, body: Mapping[str, Json], effect: str, key: Key) -> Send:
    # a target that is not provoked serves the request, and charges it
    return Send(name="main", operation="generate", body=body, provoke=effect, key=key, worst=bodies.price(body))


def _broken_bodies(bodies: Bodies, model: Model) -> Iterator[Case]:
    scope, errors = bodies.scope, bodies.contract.errors
    for label, raw in _BROKEN_BODIES.items():
        claims = tuple(dict.fromkeys(errors.row("malformed").claim + errors.envelope.claim))
        must = has_refusal_row(bodies) and label not in _READABLE
        checks = [
            *scope.checks("refused", claims, why="the body is no JSON object", must=must),
            *scope.checks(
                "error_row",
                errors.row("malformed").claim,
                row="malformed",
                unless_served=True,
                shielded=[*bodies.disputed_keys()],
            ),
            *scope.checks("error_envelope", errors.envelope.claim, shielded=[*bodies.disputed_keys()]),
        ]
        checks = checks or _undocumented(bodies, label)
        step = Send(name="main", operation="generate", raw=raw, worst=bodies.price(bodies.body("", model)))
        case = Case(id=f"refusals/body-{label}", steps=(step,), checks=tuple(checks), model=None)
        yield unpaid(bodies, case) if label == _SHORTEST else case


def _undocumented(bodies: Bodies, label: str) -> list[Check]:
    """Return the checks on a broken body where no document says how one is refused: what is required is not in it."""
    if label in _READABLE:
        return []
    serves, required = (
        bodies.contract.operations["generate"].claimed("serves"),
        bodies.parameters["prompt"].claimed("required"),
    )
    return [
        *(bodies.scope.checks("answered", serves) if label == _SHORTEST else ()),
        *bodies.scope.checks("refused", required, why="the body has no whole prompt", must=True),
    ]


def _media_type(bodies: Bodies, model: Model) -> Iterator[Case]:
    operation = bodies.contract.operations["generate"]
    if operation.media_type is None:
        return
    case_id = "refusals/body-as-text"
    text = f'{{"model": "{model.id}", "prompt": "{corpus.prompt(case_id)}"}}'
    worst = bodies.price(bodies.body("", model))
    step = Send(name="main", operation="generate", raw=text.encode(), media_type="text/plain", worst=worst)
    checks = bodies.scope.checks("other_media_type_refused", operation.claimed("media_type"))
    checks = checks or bodies.scope.checks("answered", operation.claimed("serves"))
    yield Case(id=case_id, steps=(step,), checks=tuple(checks), model=model.id)


def _rate_limit(bodies: Bodies, model: Model) -> Iterator[Case]:
    limit = bodies.contract.limits.get("requests_per_minute")
    if limit is None or not bodies.scope.any_decides(limit.claim):
        return
    most = bodies.scope.limits.get("requests_per_minute", _LOW_LIMIT)
    key = Key(role=KeyRole.LIMITED, limit_per_minute=most)
    within: list[Json] = [*("first", "second")[:most], *(f"request-{number}" for number in range(3, most + 1))]
    row = bodies.contract.errors.row("rate_limited")
    announced = row.retry_after and "retry_after" not in row.assumed
    rolling = bodies.scope.any_decides(limit.claimed("rolling")) and not announced
    last = "early" if rolling else "after"
    names = (*map(str, within), "over", last)
    sends = {
        name: Send(
            name=name,
            operation="generate",
            body=(body := bodies.body(f"limits/requests/{name}", model, bodies.cheap_params(model))),
            key=key,
            price=bodies.price(body) if name not in {"over", "early"} else Units(0),
            worst=bodies.price(body),
        )
        for name in names
    }
    wait = Advance(name="wait", key=key, retry_after_of="over")
    if rolling:
        wait = Advance(name="wait", key=key, seconds=_STILL_FULL_S, brief=True)
    checks = [
        *bodies.scope.checks("limit_enforced", limit.claim, within=within, limit=most),
        *(bodies.scope.checks("window_still_full", limit.claimed("rolling"), within=within) if rolling else []),
        *row_checks(bodies, "rate_limited", model, step="over"),
    ]
    headers = bodies.contract.rate_headers
    if headers is not None:
        for used, name in enumerate(within, 1):
            checks += bodies.scope.checks("limit_shown", limit.claimed("value"), step=name, limit=most, used=used)
    if announced:
        checks += bodies.scope.checks("retry_after_given", row.claim)
        checks += bodies.scope.checks("retry_after_true", row.claim)
    steps: tuple[Step, ...] = (*(sends[str(name)] for name in within), sends["over"], wait, sends[last])
    yield Case(id="limits/requests-per-minute", steps=steps, checks=tuple(checks), model=model.id)
