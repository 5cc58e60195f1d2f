"""Faults put up, shown and taken down."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from ..faults import Effect, Fault, Match, UnknownFault, Variant, When, effect_named
from ..state.clock import iso
from .forms import Form, Wrong, body, query, reply
from .people import account_of
from .vocabulary import ARGUMENTS, COMMON, number, vocabulary, whole

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from pixelproof.contract import Json

    from ..state.world import World

_FIELDS = ("effect", "match", *COMMON, *ARGUMENTS)
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

    @routes.get("/faults/vocabulary")
    def show_vocabulary() -> Response:
        query(())
        return reply({"open": world.faults_open, "match": [*_MATCH], **vocabulary(_statuses(world))})

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
    for name, argument in ARGUMENTS.items():
        if form.has(name) and effect not in argument.takers:
            raise form.wrong(name, f"'{effect}' takes no '{name}'", f"for {', '.join(sorted(argument.takers))}")
    ttl_s = number("ttl_s", form)
    return Fault(
        id=world.faults.next_id(),
        effect=effect,
        match=_match(form, world),
        times=whole("times", form),
        after=whole("after", form) or 0,
        probability=_or(number("probability", form), 1.0),
        seed=whole("seed", form) or 0,
        expires_at=None if ttl_s is None else world.clock.now() + ttl_s,
        status=_status(form, effect, world),
        retry_after_s=whole("retry_after_s", form) or 1,
        message=form.text("message"),
        seconds=_or(number("seconds", form), 1.0),
        images=whole("images", form),
        when=form.choice("when", When) or When.BEFORE,
        variant=form.choice("variant", Variant) or Variant.ERROR_BODY,
        content_type=form.text("content_type") or "text/html",
    )


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _effect(form: Form) -> Effect:
    name = form.text("effect", Effect)
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
    status = whole("status", form)
    if status is None:
        return None
    possible = _statuses(world)[effect]
    if status not in possible:
        raise form.wrong("status", f"'{effect}' is never {status} here", f"one of {possible}")
    return status


def _statuses(world: World) -> dict[Effect, list[int]]:
    """Return the statuses that each effect with a choice of them can have, over all served profiles."""
    return {
        effect: sorted({status for p in world.providers for status in p.contract.error(effect.value).statuses})
        for effect in ARGUMENTS["status"].takers
    }


def _shown(fault: Fault, hits: int) -> dict[str, Json]:
    match: dict[str, Json] = {name: getattr(fault.match, name) for name in _MATCH if getattr(fault.match, name)}
    arguments: dict[str, Json] = {
        name: getattr(fault, name) for name, argument in ARGUMENTS.items() if fault.effect in argument.takers
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
