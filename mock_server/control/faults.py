"""Faults put up, shown and taken down."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from ..clock import iso
from ..faults import LONGEST_WAIT_S, Effect, Fault, Match, UnknownFault, Variant, When, effect_named
from .forms import Form, Wrong, body, query, reply
from .people import account_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint, Response

    from pixelproof.contract import Json

    from ..world import World

#: Arguments that only some effects take.
_ARGUMENTS: Mapping[str, frozenset[Effect]] = {
    "status": frozenset({Effect.UPSTREAM_ERROR, Effect.UNAVAILABLE, Effect.SERVER_ERROR, Effect.TIMEOUT}),
    "retry_after_s": frozenset({Effect.RATE_LIMITED}),
    "seconds": frozenset({Effect.LATENCY}),
    "images": frozenset({Effect.PARTIAL}),
    "when": frozenset({Effect.RESET}),
    "variant": frozenset({Effect.BAD_SUCCESS}),
    "content_type": frozenset({Effect.WRONG_CONTENT_TYPE}),
}
_FIELDS = ("effect", "match", "times", "after", "probability", "seed", "ttl_s", "message", *_ARGUMENTS)
_MATCH = tuple(field.name for field in fields(Match))


def add_routes(routes: Blueprint, world: World) -> None:
    """Add the routes about faults."""

    @routes.post("/faults")
    def put_up_fault() -> Response:
        if not world.faults_open:
            raise Wrong(403, "faults are switched off here", None, "start without --no-faults")
        fault = _fault(body(_FIELDS), world)
        try:
            world.faults.put(fault)
        except ValueError as error:
            raise Wrong(400, str(error), None, "DELETE /__admin/faults") from None
        return reply({"id": fault.id}, 201)

    @routes.get("/faults")
    def show_faults() -> Response:
        query(())
        return reply({"faults": [_shown(fault, hits) for fault, hits in world.faults.faults()]})

    @routes.delete("/faults")
    def take_down_faults() -> Response:
        return reply({"deleted": world.faults.take_down()})

    _add_single(routes, world)


def _add_single(routes: Blueprint, world: World) -> None:
    @routes.get("/faults/<fault_id>")
    def show_fault(fault_id: str) -> Response:
        for fault, hits in world.faults.faults():
            if fault.id == fault_id:
                return reply(_shown(fault, hits))
        raise Wrong(404, "there is no such fault")

    @routes.delete("/faults/<fault_id>")
    def take_down_fault(fault_id: str) -> Response:
        if not world.faults.take_down(fault_id):
            raise Wrong(404, "there is no such fault")
        return reply({"deleted": 1})


def _fault(form: Form, world: World) -> Fault:
    effect = _effect(form)
    for name, takers in _ARGUMENTS.items():
        if form.has(name) and effect not in takers:
            raise form.wrong(name, f"'{effect}' takes no '{name}'", f"for {', '.join(sorted(takers))}")
    ttl_s = form.number("ttl_s", least=0, most=10**9)
    return Fault(
        id=world.faults.next_id(),
        effect=effect,
        match=_match(form, world),
        times=form.whole("times", least=1),
        after=form.whole("after") or 0,
        probability=_or(form.number("probability", least=0, most=1), 1.0),
        seed=form.whole("seed") or 0,
        expires_at=None if ttl_s is None else world.clock.now() + ttl_s,
        status=_status(form, effect, world),
        retry_after_s=form.whole("retry_after_s", least=1, most=86_400) or 1,
        message=form.text("message"),
        seconds=_or(form.number("seconds", least=0, most=LONGEST_WAIT_S), 1.0),
        images=form.whole("images", most=100),
        when=form.choice("when", When) or When.BEFORE,
        variant=form.choice("variant", Variant) or Variant.ERROR_BODY,
        content_type=form.text("content_type") or "text/html",
    )


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _effect(form: Form) -> Effect:
    name = form.text("effect")
    if name is None:
        raise form.wrong("effect", "'effect' is required", ", ".join(Effect))
    try:
        return effect_named(name)
    except UnknownFault as error:
        raise form.wrong("effect", str(error)) from None


def _match(form: Form, world: World) -> Match:
    inner = form.inner("match", _MATCH)
    if inner is None:
        return Match()
    texts = {name: inner.text(name) for name in _MATCH}
    if texts["account"] is not None:
        texts["account"] = account_of(world, texts["account"]).id
    return Match(**texts)


def _status(form: Form, effect: Effect, world: World) -> int | None:
    status = form.whole("status", least=400, most=599)
    if status is None:
        return None
    possible = {s for p in world.providers for s in p.contract.error(effect.value).statuses}
    if status not in possible:
        raise form.wrong("status", f"'{effect}' is never {status} here", f"one of {sorted(possible)}")
    return status


def _shown(fault: Fault, hits: int) -> dict[str, Json]:
    match: dict[str, Json] = {name: getattr(fault.match, name) for name in _MATCH if getattr(fault.match, name)}
    arguments: dict[str, Json] = {
        name: getattr(fault, name) for name, takers in _ARGUMENTS.items() if fault.effect in takers
    }
    return {
        "id": fault.id,
        "effect": fault.effect.value,
        "match": match,
        "times": fault.times,
        "after": fault.after,
        "probability": fault.probability,
        "seed": fault.seed,
        "expires_at": None if fault.expires_at is None else iso(fault.expires_at),
        "message": fault.message,
        "hits": hits,
        **arguments,
    }
