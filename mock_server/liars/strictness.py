"""Servers that refuse, or break down on, what they document."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier

from ..call import Refusal
from ..seams import JsonObject, Seams
from .catalogue import liar
from .edits import crashing, excused, refusing

if TYPE_CHECKING:
    from ..call import Answer, Call

FAMILY = "strictness"
_WIDE = "1792x1024"


@liar("aivene-b64-refused", claim="AIV-15", tier=Tier.SMOKE, family=FAMILY, intent="has no base64 after all")
def b64_refused(honest: Seams) -> Seams:
    """Refuse response_format b64_json."""
    return refusing(honest, lambda body: body.get("response_format") == "b64_json", "response_format")


@liar("aivene-named-url-refused", claim="AIV-15", family=FAMILY, intent="refuses url by name, though it is the default")
def named_url_refused(honest: Seams) -> Seams:
    """Refuse response_format url; omitting it works."""
    return refusing(honest, lambda body: body.get("response_format") == "url", "response_format")


@liar("aivene-wide-refused", claim="AIV-07", family=FAMILY, intent="dall-e-3 has no wide size after all")
@liar("openai-wide-refused", claim="OAI-03", family=FAMILY, intent="dall-e-3 has no wide size after all")
def wide_refused(honest: Seams) -> Seams:
    """Refuse 1792x1024; the tall one works."""
    return refusing(honest, lambda body: body.get("size") == _WIDE and body.get("model") == "dall-e-3", "size")


@liar("aivene-hd-refused", claim="AIV-07", family=FAMILY, intent="dall-e-3 has no hd after all")
@liar("openai-hd-refused", claim="OAI-03", family=FAMILY, intent="dall-e-3 has no hd after all")
def hd_refused(honest: Seams) -> Seams:
    """Refuse hd for dall-e-3."""
    return refusing(honest, lambda body: body.get("quality") == "hd" and body.get("model") == "dall-e-3", "quality")


@liar("aivene-wide-hd-refused", claim="AIV-07", family=FAMILY, intent="hd and wide work alone, not together")
@liar("openai-wide-hd-refused", claim="OAI-03", family=FAMILY, intent="hd and wide work alone, not together")
def wide_hd_refused(honest: Seams) -> Seams:
    """Refuse one pair of documented values."""
    return refusing(honest, lambda body: body.get("quality") == "hd" and body.get("size") == _WIDE, "quality")


@liar("aivene-natural-refused", claim="AIV-13", family=FAMILY, intent="the style natural is gone")
@liar("openai-natural-refused", claim="OAI-03", family=FAMILY, intent="the style natural is gone")
def natural_refused(honest: Seams) -> Seams:
    """Refuse the style natural."""
    return refusing(honest, lambda body: body.get("style") == "natural", "style")


@liar("aivene-named-vivid-refused", claim="AIV-13", family=FAMILY, intent="refuses vivid by name, though the default")
def named_vivid_refused(honest: Seams) -> Seams:
    """Refuse the style vivid; omitting it works."""
    return refusing(honest, lambda body: body.get("style") == "vivid", "style")


@liar("aivene-dall-e-2-small-refused", claim="AIV-08", family=FAMILY, intent="dall-e-2 no longer draws 256x256")
@liar("openai-dall-e-2-small-refused", claim="OAI-02", family=FAMILY, intent="dall-e-2 no longer draws 256x256")
def dall_e_2_small_refused(honest: Seams) -> Seams:
    """Refuse 256x256 for dall-e-2."""
    return refusing(honest, lambda body: body.get("size") == "256x256" and body.get("model") == "dall-e-2", "size")


@liar("aivene-dall-e-2-gone", claim="AIV-08", tier=Tier.SMOKE, family=FAMILY, intent="lists dall-e-2 and refuses it")
@liar("openai-dall-e-2-gone", claim="OAI-02", tier=Tier.SMOKE, family=FAMILY, intent="lists dall-e-2 and refuses it")
def dall_e_2_gone(honest: Seams) -> Seams:
    """Refuse the model dall-e-2."""
    return refusing(honest, lambda body: body.get("model") == "dall-e-2", "model")


@liar("openai-mini-gone", claim="OAI-04", family=FAMILY, intent="gpt-image-1-mini is refused")
def mini_gone(honest: Seams) -> Seams:
    """Refuse one member of the family."""
    return refusing(honest, lambda body: body.get("model") == "gpt-image-1-mini", "model")


@liar("aivene-high-refused", claim="AIV-09", family=FAMILY, intent="gpt-image-1 has no quality high after all")
@liar("openai-high-refused", claim="OAI-04", family=FAMILY, intent="gpt-image-1 has no quality high after all")
def high_refused(honest: Seams) -> Seams:
    """Refuse the quality high."""
    return refusing(
        honest, lambda body: body.get("quality") == "high" and body.get("model") == "gpt-image-1", "quality"
    )


@liar("aivene-low-refused", claim="AIV-11", family=FAMILY, intent="the quality low is taken by no model")
def low_refused(honest: Seams) -> Seams:
    """Refuse the quality low."""
    return refusing(honest, lambda body: body.get("quality") == "low", "quality")


@liar("aivene-opaque-refused", claim="AIV-14", family=FAMILY, intent="background may only be transparent or auto")
@liar("openai-opaque-refused", claim="OAI-04", family=FAMILY, intent="background may only be transparent or auto")
def opaque_refused(honest: Seams) -> Seams:
    """Refuse the background opaque."""
    return refusing(honest, lambda body: body.get("background") == "opaque", "background")


@liar("openai-webp-refused", claim="OAI-04", family=FAMILY, intent="makes no webp")
def webp_refused(honest: Seams) -> Seams:
    """Refuse the output_format webp."""
    return refusing(honest, lambda body: body.get("output_format") == "webp", "output_format")


@liar("openai-compression-0-refused", claim="OAI-04", family=FAMILY, intent="takes 0 for no compression given")
def compression_0_refused(honest: Seams) -> Seams:
    """Refuse the lowest compression."""
    return refusing(honest, lambda body: body.get("output_compression") == 0, "output_compression")


@liar("openai-low-moderation-refused", claim="OAI-04", family=FAMILY, intent="moderation can only be auto")
def low_moderation_refused(honest: Seams) -> Seams:
    """Refuse the moderation low."""
    return refusing(honest, lambda body: body.get("moderation") == "low", "moderation")


@liar("openai-named-auto-refused", claim="OAI-04", family=FAMILY, intent="auto cannot be named as a size")
def named_auto_refused(honest: Seams) -> Seams:
    """Refuse the size auto; omitting it works."""
    return refusing(honest, lambda body: body.get("size") == "auto", "size")


@liar("openai-n-10-refused", claim="OAI-02", family=FAMILY, intent="dall-e-2 makes nine images at most")
def n_10_refused(honest: Seams) -> Seams:
    """Refuse n at its documented limit."""
    return refusing(honest, lambda body: body.get("n") == 10 and body.get("model") == "dall-e-2", "n")  # noqa: PLR2004 - the limit


@liar("openai-gpt-n-2-refused", claim="OAI-04", family=FAMILY, intent="gpt-image-1 makes only one image")
def gpt_n_2_refused(honest: Seams) -> Seams:
    """Refuse more than one image for gpt-image-1."""
    return refusing(honest, lambda body: body.get("model") == "gpt-image-1" and body.get("n") not in (None, 0, 1), "n")


@liar("openai-prompt-limit-999", claim="OAI-01", family=FAMILY, intent="refuses a prompt of exactly 1000 characters")
def prompt_limit_999(honest: Seams) -> Seams:
    """Compare with >= where > is documented."""
    return refusing(honest, lambda body: body.get("model") == "dall-e-2" and _length(body) == 1000, "prompt")  # noqa: PLR2004 - the limit


@liar("openai-prompt-bytes-counted", claim="OAI-01", family=FAMILY, intent="counts UTF-8 bytes, not characters")
def prompt_bytes_counted(honest: Seams) -> Seams:
    """Refuse 1000 characters of four bytes each."""
    return refusing(honest, lambda body: body.get("model") == "dall-e-2" and _length(body, "utf-8") > 1000, "prompt")  # noqa: PLR2004 - the limit


@liar("openai-prompt-units-counted", claim="OAI-01", family=FAMILY, intent="counts UTF-16 units, as JavaScript does")
def prompt_units_counted(honest: Seams) -> Seams:
    """Refuse 4000 characters outside the basic plane."""
    limit = 4000 * 2
    return refusing(
        honest, lambda body: body.get("model") == "dall-e-3" and _length(body, "utf-16-le") > limit, "prompt"
    )


@liar("aivene-user-refused", claim="AIV-16", family=FAMILY, intent="knows no parameter user")
def user_refused(honest: Seams) -> Seams:
    """Refuse user; its other name works."""
    return refusing(honest, lambda body: "user" in body, "user")


@liar("aivene-safety-identifier-refused", claim="AIV-16", family=FAMILY, intent="knows no other name of user")
def safety_identifier_refused(honest: Seams) -> Seams:
    """Refuse safety_identifier."""
    return refusing(honest, lambda body: "safety_identifier" in body, "safety_identifier")


@liar("openai-stream-breaks-down", claim="OAI-12", family=FAMILY, intent="answers 500 when asked to stream")
def stream_breaks_down(honest: Seams) -> Seams:
    """Break down on stream: true."""
    return crashing(honest, lambda body: body.get("stream") is True, "stream")


@liar(
    "openai-stream-drops-connection", claim="OAI-12", family=FAMILY, intent="drops the connection when asked to stream"
)
def stream_drops_connection(honest: Seams) -> Seams:
    """Cut the refusal before its first byte."""

    def edit(call: Call, _refusal: Refusal, answer: Answer) -> None:
        if call.body.get("stream") is True:
            answer.cut_at = 0

    return excused(honest, edit)


@liar("openai-stream-text-crashes", claim="OAI-12", family=FAMILY, intent="breaks down on a stream that is no boolean")
def stream_text_crashes(honest: Seams) -> Seams:
    """Break down on the wrong type."""
    return crashing(honest, lambda body: isinstance(body.get("stream"), str), "stream")


@liar("aivene-model-number-crashes", claim="AIV-04", family=FAMILY, intent="breaks down on a model that is no text")
def model_number_crashes(honest: Seams) -> Seams:
    """Break down on the wrong type."""
    return crashing(honest, lambda body: isinstance(body.get("model"), int), "model")


@liar("aivene-size-number-crashes", claim="AIV-06", family=FAMILY, intent="breaks down on a size that is no text")
@liar("openai-size-number-crashes", claim="OAI-02", family=FAMILY, intent="breaks down on a size that is no text")
def size_number_crashes(honest: Seams) -> Seams:
    """Break down on the wrong type."""
    return crashing(honest, lambda body: isinstance(body.get("size"), int), "size")


@liar("aivene-quality-number-crashes", claim="AIV-11", family=FAMILY, intent="breaks down on a quality that is no text")
def quality_number_crashes(honest: Seams) -> Seams:
    """Break down on the wrong type."""
    return crashing(honest, lambda body: isinstance(body.get("quality"), int), "quality")


@liar("openai-prompt-number-crashes", claim="OAI-01", family=FAMILY, intent="breaks down on a prompt that is no text")
def prompt_number_crashes(honest: Seams) -> Seams:
    """Break down on the wrong type."""
    return crashing(honest, lambda body: isinstance(body.get("prompt"), int), "prompt")


@liar("aivene-user-number-crashes", claim="AIV-16", family=FAMILY, intent="breaks down on a user that is no text")
def user_number_crashes(honest: Seams) -> Seams:
    """Break down on the wrong type."""
    return crashing(honest, lambda body: isinstance(body.get("user"), int), "user")


@liar("openai-n-text-crashes", claim="OAI-02", family=FAMILY, intent="breaks down on an n that is text")
def n_text_crashes(honest: Seams) -> Seams:
    """Break down on the wrong type."""
    return crashing(honest, lambda body: isinstance(body.get("n"), str), "n")


@liar("aivene-text-body-crashes", claim="AIV-01", family=FAMILY, intent="breaks down on a text/plain body")
def text_body_crashes(honest: Seams) -> Seams:
    """Answer a wrong media type with 500 instead of a refusal."""

    def parse(call: Call) -> None:
        if call.environ.get("CONTENT_TYPE", "").startswith("text/"):
            raise Refusal("server_error", "no parser for this body")
        honest.parse(call)

    return replace(honest, parse=parse)


@liar("aivene-array-body-crashes", claim="AIV-20", family=FAMILY, intent="breaks down on a JSON array")
@liar("openai-array-body-crashes", claim="OAI-06", family=FAMILY, intent="breaks down on a JSON array")
def array_body_crashes(honest: Seams) -> Seams:
    """Answer a body that is no object with 500."""

    def parse(call: Call) -> None:
        if (call.raw or b"").startswith(b"["):
            raise Refusal("server_error", "'list' object has no attribute 'get'")
        honest.parse(call)

    return replace(honest, parse=parse)


@liar("aivene-broken-json-crashes", claim="AIV-20", family=FAMILY, intent="breaks down on malformed JSON")
@liar("openai-broken-json-crashes", claim="OAI-06", family=FAMILY, intent="breaks down on malformed JSON")
def broken_json_crashes(honest: Seams) -> Seams:
    """Answer malformed JSON with 500."""

    def parse(call: Call) -> None:
        try:
            honest.parse(call)
        except Refusal as refusal:
            # a refusal that cites a claim is about the media type, not about the JSON
            row = "server_error" if refusal.row == "malformed" and not refusal.claim else refusal.row
            raise Refusal(row, refusal.message, claim=refusal.claim) from None

    return replace(honest, parse=parse)


def _length(body: JsonObject, encoding: str = "") -> int:
    prompt = body.get("prompt")
    text = prompt if isinstance(prompt, str) else ""
    return len(text.encode(encoding)) if encoding else len(text)
