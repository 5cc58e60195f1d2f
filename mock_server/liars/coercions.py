"""Servers that convert what is of another type, or break down on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..call import Refusal
from ..seams import JsonObject, Seams
from ..steps.parsing import media_type
from .catalogue import liar
from .edits import crashing, reasked

if TYPE_CHECKING:
    from pixelproof.contract import Json

    from ..call import Call

TYPES, BREAKDOWNS = "types", "breakdowns"


@liar("perf-n-fraction-cut", claim="PRF-05", family=TYPES, intent="takes one image and a half for one")
def n_fraction_cut(honest: Seams) -> Seams:
    """Cut what is behind the point."""
    return _converted(honest, "n", lambda n: int(n) if isinstance(n, float) else n)


@liar(
    "fineapi-prompt-object-crashes", claim="FIN-03", family=BREAKDOWNS, intent="breaks down on an object for a prompt"
)
def prompt_object_crashes(honest: Seams) -> Seams:
    """Take whatever is no text for a list."""
    return crashing(honest, lambda body: isinstance(body.get("prompt"), dict), "prompt")


@liar("fineapi-n-list-crashes", claim="FIN-04", family=BREAKDOWNS, intent="breaks down on a list for a number")
def n_list_crashes(honest: Seams) -> Seams:
    """Compare a list with a number."""
    return crashing(honest, lambda body: isinstance(body.get("n"), list), "n")


@liar("fineapi-quality-list-crashes", claim="FIN-06", family=BREAKDOWNS, intent="looks a list up in a set")
@liar("perf-quality-list-crashes", claim="PRF-05", family=BREAKDOWNS, intent="looks a list up in a set")
def quality_list_crashes(honest: Seams) -> Seams:
    """Break down on a list of qualities."""
    return crashing(honest, lambda body: isinstance(body.get("quality"), list), "quality")


@liar("fineapi-negative-crashes", claim="FIN-04", family=BREAKDOWNS, intent="breaks down on fewer than no images")
@liar("perf-negative-crashes", claim="PRF-06", family=BREAKDOWNS, intent="breaks down on fewer than no images")
def negative_crashes(honest: Seams) -> Seams:
    """Break down below zero; zero itself is refused."""
    return crashing(honest, lambda body: _number(body.get("n")) < 0, "n")


@liar("perf-eleven-clipped", claim="PRF-07", family=BREAKDOWNS, intent="makes four images for eleven")
def eleven_clipped(honest: Seams) -> Seams:
    """Clip what no table has; what only one has is refused."""
    return _converted(honest, "n", lambda n: 4 if _number(n) > 10 else n, model="stable-diffusion-3")  # noqa: PLR2004 - the most of all tables


@liar("fineapi-empty-prompt-crashes", claim="FIN-03", family=BREAKDOWNS, intent="breaks down on an empty prompt")
@liar("perf-empty-prompt-crashes", claim="PRF-02", family=BREAKDOWNS, intent="breaks down on an empty prompt")
def empty_prompt_crashes(honest: Seams) -> Seams:
    """Look at the first character."""
    return crashing(honest, lambda body: body.get("prompt") == "", "prompt")


@liar("fineapi-line-break-crashes", claim="FIN-03", family=BREAKDOWNS, intent="breaks down on a prompt of two lines")
@liar("perf-line-break-crashes", claim="PRF-02", family=BREAKDOWNS, intent="breaks down on a prompt of two lines")
def line_break_crashes(honest: Seams) -> Seams:
    """Put the prompt into a header."""
    return crashing(honest, lambda body: "\n" in str(body.get("prompt")), "prompt")


@liar(
    "fineapi-further-crashes", claim="FIN-01", family=BREAKDOWNS, intent="breaks down on a parameter it does not know"
)
@liar("perf-further-crashes", claim="PRF-01", family=BREAKDOWNS, intent="breaks down on a parameter it does not know")
def further_crashes(honest: Seams) -> Seams:
    """Hand every parameter on as an argument of a function."""

    def unknown(call_body: JsonObject) -> bool:
        return any(name.startswith("pixelproof") for name in call_body)

    return crashing(honest, unknown, "prompt")


@liar(
    "fineapi-text-body-crashes", claim="FIN-01", family=BREAKDOWNS, intent="breaks down on a body that is called text"
)
@liar("perf-text-body-crashes", claim="PRF-01", family=BREAKDOWNS, intent="breaks down on a body that is called text")
def text_body_crashes(honest: Seams) -> Seams:
    """Expect JSON whatever comes."""

    def parse(call: Call) -> None:
        if media_type(call.environ) == "text/plain":
            raise Refusal("server_error", "the body is no JSON")
        honest.parse(call)

    return replace(honest, parse=parse)


@liar("fineapi-array-served", claim="FIN-03", family=TYPES, intent="draws something for an array")
def array_served(honest: Seams) -> Seams:
    """Take a request of its own for a body without parameters."""

    def parse(call: Call) -> None:
        call.raw = b'{"model": "dall-e-3", "prompt": "anything"}' if call.raw == b"[]" else call.raw
        honest.parse(call)

    return replace(honest, parse=parse)


def _converted(honest: Seams, name: str, change: Callable[[Json], Json], *, model: str | None = None) -> Seams:
    """Put another value in the place of a parameter's, where it was sent."""

    def convert(body: JsonObject) -> None:
        if name in body and body[name] is not None and model in (None, body.get("model")):
            body[name] = change(body[name])

    return reasked(honest, convert)


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0
