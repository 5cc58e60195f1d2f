"""Success bodies, compiled from the contract's response fields."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import orjson

from pixelproof.contract import About, Presence
from pixelproof.documents.document import nearest
from pixelproof.problems import BadUsage

from ..call import Answer
from . import taskbodies
from .generation import AUTO_SIZE, pixels

if TYPE_CHECKING:
    from pixelproof.contract import Contract, Json, ResponseField
    from pixelproof.money import Currency

    from ..call import Call
    from ..images.pictures import Picture

Source = Callable[["Call"], "Json"]
Builder = Callable[["Call"], "dict[str, Json]"]

#: What ``auto`` turned out to be, where a response repeats it.
_CONCRETE = {"size": AUTO_SIZE, "quality": "medium", "background": "opaque", "output_format": "png"}
#: Tokens of a square image, by quality.
_TOKENS = {"low": 272, "medium": 1056, "high": 4160}
#: The reading of a disputed cost under which a response tells that of one image.
_OF_ONE_IMAGE = "image"
#: Characters of a prompt that make about one token.
_CHARACTERS_PER_TOKEN = 4


def respond(call: Call) -> None:
    """Write the answer of a request that succeeded."""
    call.answer = Answer(status=call.operation.success, body=orjson.dumps(call.seams.shape_success(call)))


def respond_models(call: Call) -> None:
    """Write the answer of a request for the list of models."""
    call.answer = Answer(status=call.operation.success, body=orjson.dumps(call.seams.list_models(call)))


def respond_wallet(call: Call) -> None:
    """Write the answer of a request for the wallet."""
    call.answer = Answer(status=call.operation.success, body=orjson.dumps(call.seams.shape_wallet(call)))


def shape_success(call: Call) -> dict[str, Json]:
    """Return the body that the contract documents, as compiled for the provider."""
    return call.provider.build_success(call)


def shape_image_item(call: Call, picture: Picture) -> dict[str, Json]:
    """Return one item of ``data``: exactly one of url and b64_json, and the revised prompt."""
    item: dict[str, Json] = {}
    if response_format(call) == "b64_json":
        from binascii import b2a_base64

        item["b64_json"] = b2a_base64(call.seams.encode_image(picture), newline=False).decode()
    else:
        item["url"] = call.seams.sign_url(call, picture)
    if call.provider.revises(call):
        item["revised_prompt"] = revised(call.prompt)
    return item


def response_format(call: Call) -> Json:
    """Return ``url`` or ``b64_json``: what the model delivers, else what was asked for."""
    model = call.provider.contract.models.get(call.model or "")
    return (model.delivers if model else None) or call.values.get("response_format", "url")


def revised(prompt: str) -> str:
    """Return a rewritten prompt."""
    return f"A detailed, carefully composed picture of the following: {prompt}"


def always_revised(contract: Contract) -> frozenset[str]:
    """Return the models that always rewrite the prompt."""
    return frozenset(model.id for model in contract.models.values() if model.revised_prompt is Presence.ALWAYS)


def list_models(call: Call) -> dict[str, Json]:
    """Return OpenAI's list shape."""
    profile = call.provider.profile
    data: list[Json] = [
        {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": profile}
        for name in call.provider.contract.models
    ]
    return {"object": "list", "data": data}


def shape_wallet(call: Call) -> dict[str, Json]:
    """Return what the wallet of the key holds, with everything settled that is due."""
    currency = call.provider.contract.billing.currency
    with call.account.lock:
        call.seams.settle(call.provider, call.account, call.now)
        return {"balance": amount(currency, call.account.ledger.balance), "currency": currency.code}


def amount(currency: Currency, units: int) -> float:
    """Return units as the JSON number that reads like their decimal string."""
    return float(currency.format(units))


def compile_success(fields: tuple[ResponseField, ...]) -> Builder:
    """Return a function that builds the body. Raises BadUsage for a source nobody knows."""
    compiled = tuple((field.name, _source(field), _models(field)) for field in fields)

    def build(call: Call) -> dict[str, Json]:
        model = call.model
        return {name: source(call) for name, source, models in compiled if models is None or model in models}

    return build


def path_to(source: str, fields: tuple[ResponseField, ...]) -> tuple[str, ...]:
    """Return the names that lead to what the contract fills from ``source``, none when nothing is."""
    for field in fields:
        if field.source == source:
            return (field.name,)
        below = path_to(source, field.fields)
        if below:
            return (field.name, *below)
    return ()


def _source(field: ResponseField) -> Source:
    if field.source == "object":
        return compile_success(field.fields)
    if field.source not in _SOURCES:
        hint = nearest(field.source, [*_SOURCES, "object"])
        raise BadUsage(f"the response field '{field.name}' is '{field.source}', which the mock cannot make", hint)
    return _SOURCES[field.source]


def _models(field: ResponseField) -> frozenset[str] | None:
    return frozenset(field.models) if field.models is not None else None


def _images(call: Call) -> list[Json]:
    if call.job is not None:
        return taskbodies.images(call)
    shape = call.seams.shape_image_item
    return [shape(call, picture) for picture in call.pictures]


def _created(call: Call) -> int:
    return int(call.job.task.created_at if call.job is not None else call.now)


def _echo(name: str) -> Source:
    def echo(call: Call) -> Json:
        value = call.values.get(name)
        if value is None:  # the model ignores it: the documented default is as good as any
            parameter = call.provider.contract.parameters.get(name)
            value = parameter.default if parameter is not None else None
        return _CONCRETE[name] if value in {None, "auto"} else value

    return echo


def _cost(call: Call) -> float:
    images = 1 if call.provider.shows_unit_cost else call.billable
    return amount(call.provider.contract.billing.currency, call.unit_price * images)


def _latency_ms(call: Call) -> float:
    return round((time.monotonic() - call.began) * 1000, 3)


def shows_unit_cost(contract: Contract) -> bool:
    """Tell whether the mock reads a disputed cost as that of one image."""
    return any(item.about is About.COST and item.mock == _OF_ONE_IMAGE for item in contract.ambiguities)


def _input_tokens(call: Call) -> int:
    return len(call.prompt) // _CHARACTERS_PER_TOKEN + 1


def _output_tokens(call: Call) -> int:
    quality = str(_echo("quality")(call))
    width, height = pixels(str(call.values.get("size", AUTO_SIZE)))
    return _TOKENS.get(quality, _TOKENS["medium"]) * (width * height) // (1024 * 1024) * len(call.pictures)


_SOURCES: Mapping[str, Source] = {
    "created": _created,
    "images": _images,
    "request_id": lambda call: call.request_id,
    "model": lambda call: call.job.model if call.job is not None else call.model,
    "cost": _cost,
    "latency_ms": _latency_ms,
    **{name: _echo(name) for name in _CONCRETE},
    "input_tokens": _input_tokens,
    "output_tokens": _output_tokens,
    "total_tokens": lambda call: _input_tokens(call) + _output_tokens(call),
    "zero": lambda _: 0,
    **taskbodies.TASK_SOURCES,
}
