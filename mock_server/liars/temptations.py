"""Servers that give in to what only looks right, and those that forget their manners under a condition."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier

from ..call import Call, Refusal
from ..seams import JsonObject, Seams
from . import access
from .catalogue import Retellings, liar, retold
from .edits import crashing, reasked, refusing, rewritten

if TYPE_CHECKING:
    from pixelproof.contract import Json

LOOKS_RIGHT, NOW_AND_THEN = "looks right", "now and then"


@liar("perf-model-by-its-beginning", claim="PRF-04", tier=Tier.SMOKE, family=LOOKS_RIGHT, intent="compares beginnings")
@liar(
    "aivene-model-by-its-beginning", claim="AIV-04", tier=Tier.SMOKE, family=LOOKS_RIGHT, intent="compares beginnings"
)
def model_by_its_beginning(honest: Seams) -> Seams:
    """Take a name that begins as a model's for that model."""

    def check(call: Call) -> None:
        asked, models = call.body.get("model"), call.provider.contract.models
        if isinstance(asked, str) and asked not in models:
            call.body["model"] = next((name for name in models if asked.startswith(name)), asked)
        honest.check_shape(call)

    return replace(honest, check_shape=check)


@liar("perf-auto-size-taken", claim="PRF-05", family=LOOKS_RIGHT, intent="takes a size of another provider, auto")
def auto_size_taken(honest: Seams) -> Seams:
    """Draw squares for auto."""
    return _taken_for(honest, "size", "auto", "1024x1024")


@liar("perf-high-quality-taken", claim="PRF-05", family=LOOKS_RIGHT, intent="takes a quality of another provider, high")
def high_quality_taken(honest: Seams) -> Seams:
    """Take high for hd."""
    return _taken_for(honest, "quality", "high", "hd")


@liar("fineapi-created-not-in-hd", claim="FIN-08", family=NOW_AND_THEN, intent="a success in hd has no created")
@liar("perf-created-not-in-hd", claim="PRF-13", family=NOW_AND_THEN, intent="a success in hd has no created")
def created_not_in_hd(honest: Seams) -> Seams:
    """Drop created from some successes."""
    return _in_hd(honest, lambda body: body.pop("created", None))


@liar(
    "perf-nothing-told-of-base64",
    claim="PRF-14",
    family=NOW_AND_THEN,
    intent="base64 comes without the id of its request",
)
def nothing_told_of_base64(honest: Seams) -> Seams:
    """Drop the id of the request where images are inline."""

    def change(call: Call, body: JsonObject) -> None:
        if call.body.get("response_format") == "b64_json":
            body.update({key: _unnumbered(item) for key, item in body.items()})

    return rewritten(honest, change)


@liar("perf-look-alike-makes-three", claim="PRF-07", family=NOW_AND_THEN, intent="one of four like models makes three")
def look_alike_makes_three(honest: Seams) -> Seams:
    """Refuse four images of one model that others are like."""
    return refusing(honest, lambda body: body.get("model") == "flux-pro" and body.get("n") == 4, "n")  # noqa: PLR2004 - its most


@liar("fineapi-null-crashes", claim="FIN-01", family=NOW_AND_THEN, intent="breaks down on null for a default")
@liar("openai-null-crashes", claim="OAI-05", family=NOW_AND_THEN, intent="breaks down on null for a default")
def null_crashes(honest: Seams) -> Seams:
    """Break down where an optional parameter is there, and null."""
    return crashing(honest, lambda body: "size" in body and body["size"] is None, "size")


@liar("fineapi-cut-json-crashes", claim="FIN-01", family=NOW_AND_THEN, intent="breaks down on a body that was cut")
def cut_json_crashes(honest: Seams) -> Seams:
    """Answer 500 where the body cannot be read."""

    def parse(call: Call) -> None:
        try:
            honest.parse(call)
        except Refusal as refusal:
            raise Refusal("server_error", str(refusal)) from None

    return replace(honest, parse=parse)


_AT_THE_DOOR: Retellings = {"PRF-01": {"any-key": access.any_key, "no-key-needed": access.no_key_needed}}

retold("perf-", _AT_THE_DOOR, early=frozenset({"any-key", "no-key-needed"}))


def _taken_for(honest: Seams, name: str, wrong: Json, right: Json) -> Seams:
    return reasked(honest, lambda body: body.update({name: right}) if body.get(name) == wrong else None)


def _in_hd(honest: Seams, change: object) -> Seams:
    def edit(call: Call, body: JsonObject) -> None:
        if call.body.get("quality") == "hd" and callable(change):
            change(body)

    return rewritten(honest, edit)


def _unnumbered(value: Json) -> Json:
    return {key: item for key, item in value.items() if key != "request_id"} if isinstance(value, dict) else value
