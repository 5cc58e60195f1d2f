"""What a caller reads: the form of an image, the keys of a body, rewritten prompts, the life of URLs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from pixelproof.contract import Contract, Json, Model, Presence, ResponseField
from pixelproof.porting.change import Change, Effect, Topic, told
from pixelproof.porting.pairing import ModelPair
from pixelproof.porting.side import Side

#: Form of an image where a contract has no parameter for it.
_FORM = "url"
#: Builds a change of what is read.
_change = partial(told, Topic.ANSWER)


def delivered(model: Model, values: Mapping[str, Json]) -> str:
    """Return the form in which a model delivers an image, ``url`` or ``b64_json``, for effective values."""
    return str(model.delivers or values.get("response_format") or _FORM)


def model_answer_changes(before: Side, after: Side, pair: ModelPair) -> Iterator[Change]:
    """Yield what is read differently from the answers of one model."""
    if pair.target is None:
        return
    yield from _form(before, after, pair, pair.target)
    yield from _rewriting(pair, pair.target)
    if before.operation.creates_task == after.operation.creates_task:
        yield from _keys(before, after, pair, pair.target)


def answer_changes(before: Contract, after: Contract) -> Iterator[Change]:
    """Yield what is read differently whatever the model: life of URLs, file types."""
    own, there = before.images.url, after.images.url
    if own is not None and there is not None:
        shorter = there.life_s < own.life_s
        yield _change(
            Effect.WORKS if not shorter else Effect.DIFFERS,
            "life of an image URL",
            _minutes(own.life_s),
            _minutes(there.life_s),
            "download at once" if shorter else "",
            own.claim,
            there.claim,
        )
    new = [kind for kind in after.images.types if kind not in before.images.types]
    if new:
        yield _change(
            Effect.DIFFERS, "file types", ", ".join(before.images.types), f"also {', '.join(new)}", "read these too"
        )


def _form(before: Side, after: Side, pair: ModelPair, model: Model) -> Iterator[Change]:
    own = delivered(pair.before, before.matrix.effective({"model": pair.before.id}))
    there = delivered(model, after.matrix.effective({"model": model.id}))
    if own == there or after.operation.creates_task:
        return
    cell = after.cell(model, "response_format")
    chooses = model.delivers is None and cell is not None and own in (cell.domain.enum or ())
    yield _change(
        Effect.BREAKS,
        "data[]",
        own,
        f"{there} when nothing is asked for" if chooses else f"always {there}",
        f"send response_format={own}" if chooses else f"read {there}",
        pair.before.delivers_claim or before.contract.response.claimed("format"),
        model.delivers_claim or after.contract.response.claimed("format"),
        models=(pair.name,),
    )


def _rewriting(pair: ModelPair, model: Model) -> Iterator[Change]:
    own, there = pair.before.revised_prompt, model.revised_prompt
    if own is not Presence.ALWAYS or there is Presence.ALWAYS:
        return
    after = "never there" if there is Presence.NEVER else "may be missing"
    yield _change(
        Effect.DIFFERS,
        "revised_prompt",
        "always there",
        after,
        "do not count on it",
        pair.before.revised_prompt_claim,
        model.revised_prompt_claim,
        models=(pair.name,),
    )


def _keys(before: Side, after: Side, pair: ModelPair, model: Model) -> Iterator[Change]:
    own = dict(_flat(before.contract.response.fields, pair.before))
    there = dict(_flat(after.contract.response.fields, model))
    gone = [name for name in own if name not in there and name.rpartition(".")[0] not in set(own) - set(there)]
    for required in (True, False):
        lost = {name: own[name] for name in gone if own[name].required is required}
        if lost:
            effect = Effect.BREAKS if required else Effect.DIFFERS
            claims = tuple(dict.fromkeys(claim for field in lost.values() for claim in field.claim))
            was = "always there" if required else "may be there"
            subject, models = f"answer: {', '.join(lost)}", (pair.name,)
            yield _change(effect, subject, was, "not documented", "do not read it", claims, models=models)
    for name in [name for name in own if name in there]:
        yield from _key(name, own[name], there[name], pair)


def _key(name: str, own: ResponseField, there: ResponseField, pair: ModelPair) -> Iterator[Change]:
    claims, models, subject = (own.claim, there.claim), (pair.name,), f"answer: {name}"
    if own.type != there.type:
        yield _change(Effect.BREAKS, subject, own.type, there.type, "read the other type", *claims, models=models)
    elif own.required and not there.required:
        yield _change(
            Effect.DIFFERS, subject, "always there", "may be missing", "do not count on it", *claims, models=models
        )


def _flat(fields: tuple[ResponseField, ...], model: Model, prefix: str = "") -> Iterator[tuple[str, ResponseField]]:
    for field in fields:
        if field.models is None or model.id in field.models:
            yield f"{prefix}{field.name}", field
            yield from _flat(field.fields, model, f"{prefix}{field.name}.")


def _minutes(seconds: int) -> str:
    return f"{seconds // 60} minutes" if seconds >= 120 else f"{seconds} seconds"  # noqa: PLR2004 - two minutes
