"""Servers that report wrongly what a request was: its id, its model, its cost, its time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..seams import JsonObject, Seams
from .catalogue import liar, variation
from .edits import rewritten

if TYPE_CHECKING:
    from pixelproof.contract import Json

    from ..call import Call

IDENTITY, ECHO, COST, TIME = "request id", "echo", "reported cost", "latency"
#: More images than this are many.
_PAIR = 2


@liar("perf-request-id-constant", claim="PRF-14", family=IDENTITY, intent="every request has the same id")
def request_id_constant(honest: Seams) -> Seams:
    """Forget to make a new one."""
    return _reported(honest, "request_id", lambda _call, _value: "req_0000000000000000")


@liar("perf-request-id-of-the-key", claim="PRF-14", family=IDENTITY, intent="the id is the key's, not the request's")
def request_id_of_the_key(honest: Seams) -> Seams:
    """Identify who asks instead of what was asked."""
    return _reported(honest, "request_id", lambda call, _value: f"req_{call.key.id}")


@liar("perf-no-request-id", claim="PRF-14", family=IDENTITY, intent="perf has no request_id")
def no_request_id(honest: Seams) -> Seams:
    """Leave it out."""
    return _unreported(honest, "request_id")


@liar("perf-request-id-number", claim="PRF-14", family=IDENTITY, intent="request_id is a number")
def request_id_number(honest: Seams) -> Seams:
    """Count instead of naming."""
    return _reported(honest, "request_id", lambda call, _value: int(call.now * 1000))


@liar("perf-no-perf", claim="PRF-14", family=IDENTITY, intent="a success has no perf")
def no_perf(honest: Seams) -> Seams:
    """Answer as OpenAI does."""
    return rewritten(honest, lambda call, body: _drop(body, _name(call)))


@liar("perf-model-used-wrong", claim="PRF-15", family=ECHO, intent="model_used names the first model always")
def model_used_wrong(honest: Seams) -> Seams:
    """Name the default whatever ran."""
    return _reported(honest, "model_used", lambda _call, _value: "dall-e-3")


@liar("perf-model-used-vendor", claim="PRF-15", family=ECHO, intent="model_used has the vendor before the model")
def model_used_vendor(honest: Seams) -> Seams:
    """Write a path where an id belongs."""
    return _reported(honest, "model_used", lambda _call, value: f"vendor/{value}")


@liar("perf-size-echo-wrong", claim="PRF-15", family=ECHO, intent="perf.size is 1024x1024 whatever was made")
def size_echo_wrong(honest: Seams) -> Seams:
    """Repeat the default size always."""
    return _reported(honest, "size", lambda _call, _value: "1024x1024")


@liar("perf-size-echo-list", claim="PRF-15", family=ECHO, intent="perf.size is a pair of numbers")
def size_echo_list(honest: Seams) -> Seams:
    """Write the size as a list."""
    return _reported(honest, "size", lambda _call, value: list(map(int, str(value).split("x"))))


@liar("perf-quality-echo-wrong", claim="PRF-15", family=ECHO, intent="perf.quality says standard for hd")
def quality_echo_wrong(honest: Seams) -> Seams:
    """Repeat the default quality always."""
    return _reported(honest, "quality", lambda _call, _value: "standard")


@liar("perf-cost-zero", claim="PRF-16", family=COST, intent="cost_usd is always 0")
def cost_zero(honest: Seams) -> Seams:
    """Report nothing spent."""
    return _reported(honest, "cost_usd", lambda _call, _value: 0)


@liar("perf-cost-of-one-more", claim="PRF-16", family=COST, intent="cost_usd is the cost of one image more")
def cost_of_one_more(honest: Seams) -> Seams:
    """Report one image too many, where several are made."""
    return _reported(
        honest, "cost_usd", lambda call, value: float(str(value)) * (call.n + 1) / call.n if call.n > 1 else value
    )


@liar("perf-no-cost", claim="PRF-16", family=COST, intent="perf has no cost_usd")
def no_cost(honest: Seams) -> Seams:
    """Leave it out."""
    return _unreported(honest, "cost_usd")


@liar("perf-cost-text", claim="PRF-16", family=COST, intent="cost_usd is a text with a dollar sign")
def cost_text(honest: Seams) -> Seams:
    """Write a price as for people."""
    return _reported(honest, "cost_usd", lambda _call, value: f"${value}")


@liar("perf-cost-in-cents", claim="PRF-12", family=COST, intent="cost_usd counts cents")
def cost_in_cents(honest: Seams) -> Seams:
    """Report a hundred times the dollars."""
    return _reported(honest, "cost_usd", lambda _call, value: float(str(value)) * 100)


@liar("perf-latency-negative", claim="PRF-17", family=TIME, intent="latency_ms is below zero")
def latency_negative(honest: Seams) -> Seams:
    """Subtract the wrong way."""
    return _reported(honest, "latency_ms", lambda _call, _value: -12)


@liar("perf-no-latency", claim="PRF-17", family=TIME, intent="perf has no latency_ms")
def no_latency(honest: Seams) -> Seams:
    """Leave it out."""
    return _unreported(honest, "latency_ms")


@liar("perf-latency-text", claim="PRF-17", family=TIME, intent="latency_ms is a text with its unit")
def latency_text(honest: Seams) -> Seams:
    """Write the time as for people."""
    return _reported(honest, "latency_ms", lambda _call, value: f"{value}ms")


@liar("perf-cost-of-custom-doubled", claim="PRF-16", family=COST, intent="custom sizes are shown at twice their price")
def cost_of_custom_doubled(honest: Seams) -> Seams:
    """Report another cost than is taken, for one kind of request."""
    custom = {"768x1344", "1344x768"}
    return _reported(
        honest, "cost_usd", lambda call, value: _times(2, value) if call.values.get("size") in custom else value
    )


@liar("perf-cost-of-many-halved", claim="PRF-16", family=COST, intent="from three images on, half the cost is shown")
def cost_of_many_halved(honest: Seams) -> Seams:
    """Report half of the cost of many."""
    return _reported(honest, "cost_usd", lambda call, value: value if call.n <= _PAIR else _times(0.5, value))


@liar("perf-quality-shown-as-hd", claim="PRF-15", family=ECHO, intent="shows hd where no quality was named")
def quality_shown_as_hd(honest: Seams) -> Seams:
    """Report another quality than the default that was used."""
    return _reported(honest, "quality", lambda call, value: value if "quality" in call.body else "hd")


@variation("perf-cost-of-one-image", claim="PRF-16", family=COST, intent="cost_usd is the cost of one image")
def cost_of_one_image(honest: Seams) -> Seams:
    """Read the document in the other way."""
    return _reported(honest, "cost_usd", lambda call, value: float(str(value)) / call.n)


@variation("perf-request-id-uuid", claim="PRF-14", family=IDENTITY, intent="request_id looks like a UUID")
def request_id_uuid(honest: Seams) -> Seams:
    """Identify the request in another form."""
    return _reported(honest, "request_id", lambda call, _value: f"0b6c4b5e-0000-4000-8000-{call.request_id}")


@variation("perf-latency-fraction", claim="PRF-17", family=TIME, intent="latency_ms has fractions")
def latency_fraction(honest: Seams) -> Seams:
    """Report finer than milliseconds."""
    return _reported(honest, "latency_ms", lambda _call, value: float(str(value)) + 0.125)


def _reported(honest: Seams, key: str, change: Callable[[Call, Json], Json]) -> Seams:
    """Change one key of the report beside the images."""

    def edit(call: Call, body: JsonObject) -> None:
        report = body.get(_name(call))
        if isinstance(report, dict):
            report[key] = change(call, report.get(key))

    return rewritten(honest, edit)


def _unreported(honest: Seams, key: str) -> Seams:
    def edit(call: Call, body: JsonObject) -> None:
        report = body.get(_name(call))
        if isinstance(report, dict):
            _drop(report, key)

    return rewritten(honest, edit)


def _times(factor: float, cost: Json) -> float:
    return float(str(cost)) * factor


def _name(call: Call) -> str:
    """Return the key that the report stands under: the one object of the body."""
    return next(field.name for field in call.provider.contract.response.fields if field.source == "object")


def _drop(body: JsonObject, key: str) -> None:
    body.pop(key, None)
