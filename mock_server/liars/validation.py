"""Servers that let pass what they must refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier
from pixelproof.matrix import Fault, Violation

from ..call import Call, Refusal
from ..seams import JsonObject, Seams
from .catalogue import liar
from .edits import lenient, reasked

if TYPE_CHECKING:
    from pixelproof.contract import Json

FAMILY = "validation"


@liar("aivene-prompt-optional", claim="AIV-03", tier=Tier.SMOKE, family=FAMILY, intent="draws without any prompt")
@liar("openai-prompt-optional", claim="OAI-01", tier=Tier.SMOKE, family=FAMILY, intent="draws without any prompt")
def prompt_optional(honest: Seams) -> Seams:
    """Set a prompt of its own when none was sent; null stays an error."""
    return reasked(honest, lambda body: body.update(prompt=body.get("prompt", "anything")))


@liar("aivene-null-prompt-taken", claim="AIV-03", family=FAMILY, intent="takes null for a prompt")
@liar("openai-null-prompt-taken", claim="OAI-01", family=FAMILY, intent="takes null for a prompt")
def null_prompt_taken(honest: Seams) -> Seams:
    """Draw something when the prompt is null; a missing one stays an error."""
    return _instead(honest, "prompt", (None,), "anything")


@liar(
    "aivene-model-optional", claim="AIV-03", tier=Tier.SMOKE, family=FAMILY, intent="picks a model when none is named"
)
def model_optional(honest: Seams) -> Seams:
    """Fall back to dall-e-2; null stays an error."""
    return reasked(honest, lambda body: body.update(model=body.get("model", "dall-e-2")))


@liar("aivene-null-model-taken", claim="AIV-03", family=FAMILY, intent="takes null for a model")
def null_model_taken(honest: Seams) -> Seams:
    """Fall back to dall-e-2 when the model is null."""
    return _instead(honest, "model", (None,), "dall-e-2")


@liar(
    "aivene-unknown-model-served", claim="AIV-04", tier=Tier.SMOKE, family=FAMILY, intent="serves a model nobody lists"
)
def unknown_model_served(honest: Seams) -> Seams:
    """Route every unknown name to dall-e-2."""

    def check(call: Call) -> None:
        if isinstance(call.body.get("model"), str) and call.body["model"] not in call.provider.contract.models:
            call.body["model"] = "dall-e-2"
        honest.check_shape(call)

    return replace(honest, check_shape=check)


@liar("aivene-unlisted-size-taken", claim="AIV-06", family=FAMILY, intent="rounds an invented size instead of refusing")
@liar("openai-unlisted-size-taken", claim="OAI-02", family=FAMILY, intent="rounds an invented size instead of refusing")
def unlisted_size_taken(honest: Seams) -> Seams:
    """Draw 1024x1024 for a size that no model has."""

    def check(call: Call) -> None:
        known, size = call.provider.contract.parameters["size"].domain.enum or (), call.body.get("size")
        if isinstance(size, str) and size not in known:
            call.body["size"] = "1024x1024"
        honest.check_shape(call)

    return replace(honest, check_shape=check)


@liar("aivene-dall-e-3-takes-small", claim="AIV-07", family=FAMILY, intent="dall-e-3 draws 512x512")
@liar("openai-dall-e-3-takes-small", claim="OAI-03", family=FAMILY, intent="dall-e-3 draws 512x512")
def dall_e_3_takes_small(honest: Seams) -> Seams:
    """Overlook 512x512 for dall-e-3 alone."""
    return lenient(honest, lambda call, v: v.parameter == "size" and _asks(call, "dall-e-3", size="512x512"))


@liar("aivene-dall-e-3-takes-low", claim="AIV-07", family=FAMILY, intent="dall-e-3 takes the quality low as standard")
@liar("openai-dall-e-3-takes-low", claim="OAI-03", family=FAMILY, intent="dall-e-3 takes the quality low as standard")
def dall_e_3_takes_low(honest: Seams) -> Seams:
    """Bend low to standard for dall-e-3."""
    return _instead(honest, "quality", ("low",), "standard", model="dall-e-3")


@liar("aivene-dall-e-2-takes-wide", claim="AIV-08", tier=Tier.SMOKE, family=FAMILY, intent="dall-e-2 takes 1792x1024")
@liar("openai-dall-e-2-takes-wide", claim="OAI-02", tier=Tier.SMOKE, family=FAMILY, intent="dall-e-2 takes 1792x1024")
def dall_e_2_takes_wide(honest: Seams) -> Seams:
    """Bend 1792x1024 to 1024x1024 for dall-e-2."""
    return _instead(honest, "size", ("1792x1024",), "1024x1024", model="dall-e-2")


@liar("aivene-dall-e-2-takes-hd", claim="AIV-11", family=FAMILY, intent="hd is not dall-e-3's alone: dall-e-2 takes it")
@liar("openai-dall-e-2-takes-hd", claim="OAI-02", family=FAMILY, intent="dall-e-2 takes hd and draws standard")
def dall_e_2_takes_hd(honest: Seams) -> Seams:
    """Bend hd to standard for dall-e-2."""
    return _instead(honest, "quality", ("hd",), "standard", model="dall-e-2")


@liar("aivene-gpt-takes-small", claim="AIV-09", tier=Tier.SMOKE, family=FAMILY, intent="gpt-image-1 takes 256x256")
@liar("openai-gpt-takes-small", claim="OAI-04", tier=Tier.SMOKE, family=FAMILY, intent="gpt-image-1 takes 256x256")
def gpt_takes_small(honest: Seams) -> Seams:
    """Bend 256x256 to 1024x1024 for gpt-image-1."""
    return _instead(honest, "size", ("256x256",), "1024x1024", model="gpt-image-1")


@liar("aivene-gpt-takes-hd", claim="AIV-09", family=FAMILY, intent="gpt-image-1 takes hd for high")
@liar("openai-gpt-takes-hd", claim="OAI-04", family=FAMILY, intent="gpt-image-1 takes hd for high")
def gpt_takes_hd(honest: Seams) -> Seams:
    """Bend hd to high for gpt-image-1."""
    return _instead(honest, "quality", ("hd",), "high", model="gpt-image-1")


@liar("openai-gpt-takes-standard", claim="OAI-04", family=FAMILY, intent="gpt-image-1 takes standard for medium")
def gpt_takes_standard(honest: Seams) -> Seams:
    """Bend standard to medium for gpt-image-1."""
    return _instead(honest, "quality", ("standard",), "medium", model="gpt-image-1")


@liar("aivene-any-quality-taken", claim="AIV-11", family=FAMILY, intent="a quality nobody lists becomes the default")
@liar("openai-any-quality-taken", claim="OAI-02", family=FAMILY, intent="a quality nobody lists becomes the default")
def any_quality_taken(honest: Seams) -> Seams:
    """Drop a quality that no parameter table has."""
    return _unlisted_dropped(honest, "quality")


@liar("aivene-any-style-taken", claim="AIV-13", family=FAMILY, intent="a style nobody lists becomes vivid")
@liar("openai-any-style-taken", claim="OAI-03", family=FAMILY, intent="a style nobody lists becomes vivid")
def any_style_taken(honest: Seams) -> Seams:
    """Drop a style that no parameter table has."""
    return _unlisted_dropped(honest, "style")


@liar("aivene-any-background-taken", claim="AIV-14", family=FAMILY, intent="a background nobody lists becomes auto")
@liar("openai-any-background-taken", claim="OAI-04", family=FAMILY, intent="a background nobody lists becomes auto")
def any_background_taken(honest: Seams) -> Seams:
    """Drop a background that no parameter table has."""
    return _unlisted_dropped(honest, "background")


@liar("aivene-any-format-taken", claim="AIV-15", family=FAMILY, intent="a response_format nobody lists becomes url")
def any_format_taken(honest: Seams) -> Seams:
    """Drop a response_format that no parameter table has."""
    return _unlisted_dropped(honest, "response_format")


@liar("openai-any-moderation-taken", claim="OAI-04", family=FAMILY, intent="a moderation nobody lists becomes auto")
def any_moderation_taken(honest: Seams) -> Seams:
    """Drop a moderation that no parameter table has."""
    return _unlisted_dropped(honest, "moderation")


@liar("openai-any-output-format-taken", claim="OAI-04", family=FAMILY, intent="an output_format nobody lists gives png")
def any_output_format_taken(honest: Seams) -> Seams:
    """Drop an output_format that no parameter table has."""
    return _unlisted_dropped(honest, "output_format")


@liar("openai-compression-101-taken", claim="OAI-04", family=FAMILY, intent="takes a compression of 101")
def compression_101_taken(honest: Seams) -> Seams:
    """Clip 101 to 100."""
    return _instead(honest, "output_compression", (101,), 100)


@liar("openai-compression-below-0-taken", claim="OAI-04", family=FAMILY, intent="takes a negative compression")
def compression_below_0_taken(honest: Seams) -> Seams:
    """Clip -1 to 0."""
    return _instead(honest, "output_compression", (-1,), 0)


@liar("openai-response-format-ignored", claim="OAI-04", family=FAMILY, intent="gpt-image-1 ignores response_format")
def response_format_ignored(honest: Seams) -> Seams:
    """Overlook response_format where it must be refused; the answer is base64 all the same."""
    return lenient(honest, lambda _call, v: v.parameter == "response_format" and v.fault is Fault.UNSUPPORTED)


@liar("openai-n-11-taken", claim="OAI-02", family=FAMILY, intent="dall-e-2 makes eleven images")
def n_11_taken(honest: Seams) -> Seams:
    """Overlook the first n beyond the limit, no other."""
    return lenient(honest, lambda call, v: _too_many(call, v, "dall-e-2", 11))


@liar("openai-n-0-taken", claim="OAI-02", family=FAMILY, intent="n = 0 is taken for n = 1")
def n_0_taken(honest: Seams) -> Seams:
    """Bend 0 to 1 for dall-e-2."""
    return _instead(honest, "n", (0,), 1, model="dall-e-2")


@liar("openai-n-0-serves-nothing", claim="OAI-04", family=FAMILY, intent="gpt-image-1 answers n = 0 with no image")
def n_0_serves_nothing(honest: Seams) -> Seams:
    """Overlook n = 0: a 200 with an empty list."""
    return lenient(honest, lambda call, v: _too_many(call, v, "gpt-image-1", 0))


@liar("openai-gpt-n-11-taken", claim="OAI-04", family=FAMILY, intent="gpt-image-1 makes eleven images")
def gpt_n_11_taken(honest: Seams) -> Seams:
    """Overlook n = 11 for gpt-image-1."""
    return lenient(honest, lambda call, v: _too_many(call, v, "gpt-image-1", 11))


@liar("openai-dall-e-3-makes-two", claim="OAI-03", family=FAMILY, intent="dall-e-3 makes two images")
def dall_e_3_makes_two(honest: Seams) -> Seams:
    """Overlook n = 2 for dall-e-3."""
    return lenient(honest, lambda call, v: _too_many(call, v, "dall-e-3", 2))


@liar("openai-one-over-1000-taken", claim="OAI-01", family=FAMILY, intent="dall-e-2 takes a prompt of 1001 characters")
def one_over_1000_taken(honest: Seams) -> Seams:
    """Overlook one character too many, no more."""
    return lenient(honest, lambda call, v: v.fault is Fault.TOO_LONG and _is_one_over(call, 1000))


@liar("openai-one-over-4000-taken", claim="OAI-01", family=FAMILY, intent="dall-e-3 takes a prompt of 4001 characters")
def one_over_4000_taken(honest: Seams) -> Seams:
    """Overlook one character too many, no more."""
    return lenient(honest, lambda call, v: v.fault is Fault.TOO_LONG and _is_one_over(call, 4000))


@liar("openai-gpt-prompt-unbounded", claim="OAI-01", family=FAMILY, intent="gpt-image-1 takes a prompt of any length")
def gpt_prompt_unbounded(honest: Seams) -> Seams:
    """Overlook the length of prompts for gpt-image-1."""
    return lenient(honest, lambda call, v: v.fault is Fault.TOO_LONG and call.model == "gpt-image-1")


@liar("openai-long-prompt-cut", claim="OAI-01", family=FAMILY, intent="cuts a prompt that is too long, silently")
def long_prompt_cut(honest: Seams) -> Seams:
    """Keep the first 1000 characters for dall-e-2."""

    def cut(body: JsonObject) -> None:
        prompt = body.get("prompt")
        if isinstance(prompt, str) and body.get("model") == "dall-e-2":
            body["prompt"] = prompt[:1000]

    return reasked(honest, cut)


@liar(
    "openai-unknown-name-dropped",
    claim="OAI-10",
    tier=Tier.SMOKE,
    family=FAMILY,
    intent="drops parameters it does not know",
)
def unknown_name_dropped(honest: Seams) -> Seams:
    """Overlook every unknown name."""
    return lenient(honest, lambda _call, v: v.fault is Fault.UNKNOWN_PARAMETER)


@liar("openai-gpt-drops-unknown-names", claim="OAI-10", family=FAMILY, intent="gpt-image-1 alone drops unknown names")
def gpt_drops_unknown_names(honest: Seams) -> Seams:
    """Overlook unknown names for gpt-image-1."""
    return lenient(honest, lambda call, v: v.fault is Fault.UNKNOWN_PARAMETER and call.model == "gpt-image-1")


@liar("aivene-empty-body-taken", claim="AIV-20", family=FAMILY, intent="an empty body draws something")
@liar("openai-empty-body-taken", claim="OAI-06", family=FAMILY, intent="an empty body draws something")
def empty_body_taken(honest: Seams) -> Seams:
    """Take a request of its own for an empty body."""

    def parse(call: Call) -> None:
        call.raw = call.raw or b'{"model": "dall-e-2", "prompt": "anything"}'
        honest.parse(call)

    return replace(honest, parse=parse)


@liar("aivene-broken-json-mended", claim="AIV-20", family=FAMILY, intent="completes a body that was cut short")
def broken_json_mended(honest: Seams) -> Seams:
    """Close the string and the object of a cut body."""

    def parse(call: Call) -> None:
        try:
            honest.parse(call)
        except Refusal:
            call.raw = (call.raw or b"") + b'"}'
            honest.parse(call)

    return replace(honest, parse=parse)


def _unlisted_dropped(honest: Seams, name: str) -> Seams:
    def check(call: Call) -> None:
        listed = call.provider.contract.parameters[name].domain.enum or ()
        if isinstance(call.body.get(name), str) and call.body[name] not in listed:
            del call.body[name]
        honest.check_shape(call)

    return replace(honest, check_shape=check)


def _asks(call: Call, model: str, **values: str) -> bool:
    return call.model == model and all(call.body.get(name) == value for name, value in values.items())


def _instead(honest: Seams, name: str, wrong: tuple[Json, ...], right: Json, model: str | None = None) -> Seams:
    """Put a valid value in the place of some wrong ones, silently."""

    def bend(body: JsonObject) -> None:
        if name in body and body[name] in wrong and model in (None, body.get("model")):
            body[name] = right

    return reasked(honest, bend)


def _too_many(call: Call, violation: Violation, model: str, n: int) -> bool:
    return call.model == model and violation.parameter == "n" and call.body.get("n") == n


def _is_one_over(call: Call, limit: int) -> bool:
    return len(call.prompt) == limit + 1
