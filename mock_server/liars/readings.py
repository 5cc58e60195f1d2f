"""Honest servers that read the documents, where they leave something open, in the other way."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING

from pixelproof.contract import Overdraft
from pixelproof.matrix import Fault, Violation

from ..images.pictures import Format
from ..seams import Seams
from ..steps.settlement import check_funds
from .catalogue import variation
from .edits import excused, lenient, moved, reasked, redrawn, refusing, resized, worded

if TYPE_CHECKING:
    from ..call import Answer, Call, Refusal
    from ..images.pictures import Picture
    from ..seams import JsonObject

DISPUTES, OPEN, FILES, LIFE = "disputed requests", "left open", "image content", "url life"
_MINUTE = 60
_GPT_SIZES = frozenset({"1536x1024", "1024x1536", "auto"})


@variation("aivene-disputed-sizes-refused", claim="AIV-10", family=DISPUTES, intent="refuses the sizes the list lacks")
def disputed_sizes_refused(honest: Seams) -> Seams:
    """Follow the parameter's list of sizes."""
    return refusing(honest, lambda body: body.get("size") in _GPT_SIZES, "size")


@variation(
    "aivene-disputed-auto-refused", claim="AIV-10", family=DISPUTES, intent="draws the disputed sizes, but not auto"
)
def disputed_auto_refused(honest: Seams) -> Seams:
    """Follow one page for auto, the other for the rest."""
    return refusing(honest, lambda body: body.get("size") == "auto", "size")


@variation("aivene-auto-is-wide", claim="AIV-10", family=DISPUTES, intent="draws 1536x1024 when left the choice")
@variation("openai-auto-is-wide", claim="OAI-12", family=DISPUTES, intent="draws 1536x1024 when left the choice")
def auto_is_wide(honest: Seams) -> Seams:
    """Choose another of the model's sizes for auto."""
    return resized(
        honest,
        lambda call, picture: (1536, 1024) if call.values.get("size") == "auto" else (picture.width, picture.height),
    )


@variation(
    "aivene-disputed-quality-refused", claim="AIV-12", family=DISPUTES, intent="gpt-image-1 refuses standard by name"
)
def disputed_quality_refused(honest: Seams) -> Seams:
    """Follow the model comparison."""
    return refusing(
        honest, lambda body: body.get("quality") == "standard" and body.get("model") == "gpt-image-1", "quality"
    )


@variation("aivene-insufficient-balance", claim="AIV-29", family=DISPUTES, intent="a 402 is an insufficient_balance")
def insufficient_balance(honest: Seams) -> Seams:
    """Follow the billing page, for spending limits too."""
    return worded(
        honest, lambda error: error.update(type="insufficient_balance"), "insufficient_funds", "budget_exceeded"
    )


@variation(
    "aivene-one-request-below-zero", claim="AIV-32", family=DISPUTES, intent="one request may overdraw the wallet"
)
def one_request_below_zero(honest: Seams) -> Seams:
    """Look at the balance without holding anything."""
    return replace(honest, check_funds=check_funds(Overdraft.ONE_REQUEST))


@variation("aivene-retry-after-date", claim="AIV-24", family=OPEN, intent="Retry-After is an HTTP date")
def retry_after_date(honest: Seams) -> Seams:
    """Write the instant instead of the wait, rounded up."""
    return _retry_after(honest, lambda now, seconds: formatdate(math.ceil(now + seconds) + 1, usegmt=True))


@variation("aivene-retry-after-longer", claim="AIV-24", family=OPEN, intent="Retry-After is longer than it need be")
def retry_after_longer(honest: Seams) -> Seams:
    """Send callers away for twice the wait."""
    return _retry_after(honest, lambda _now, seconds: str(seconds * 2))


@variation(
    "openai-no-retry-after", claim="OAI-13", family=OPEN, intent="a 429 has no Retry-After, as OpenAI promises none"
)
def no_retry_after(honest: Seams) -> Seams:
    """Drop the header that is ours."""

    def edit(_call: Call, _refusal: Refusal, answer: Answer) -> None:
        answer.headers = [(name, value) for name, value in answer.headers if name != "Retry-After"]

    return excused(honest, edit, "rate_limited")


@variation("aivene-upstream-503", claim="AIV-26", family=OPEN, intent="every failing provider is 503")
def upstream_503(honest: Seams) -> Seams:
    """Choose the other of the two statuses."""
    return moved(honest, 503, "upstream_error")


@variation(
    "aivene-dall-e-3-makes-two", claim="AIV-05", family=OPEN, intent="dall-e-3 makes two images instead of refusing"
)
def dall_e_3_makes_two(honest: Seams) -> Seams:
    """Overlook the maximum that is ours."""
    return lenient(honest, lambda call, v: v.fault is Fault.MAXIMUM and call.model == "dall-e-3" and v.parameter == "n")


@variation("aivene-n-always-one", claim="AIV-05", family=OPEN, intent="no model makes more than one image")
def n_always_one(honest: Seams) -> Seams:
    """Refuse every n above 1: which models take more is nowhere said."""
    return refusing(honest, lambda body: body.get("n") not in (None, 1), "n")


@variation("aivene-style-refused", claim="AIV-13", family=OPEN, intent="other models than dall-e-3 refuse a style")
@variation("openai-style-refused", claim="OAI-13", family=OPEN, intent="dall-e-2 refuses a style")
def style_refused(honest: Seams) -> Seams:
    """Refuse what the honest server ignores."""
    return refusing(honest, lambda body: "style" in body and body.get("model") != "dall-e-3", "style")


@variation("aivene-background-refused", claim="AIV-14", family=OPEN, intent="other models than gpt-image-1 refuse it")
def background_refused(honest: Seams) -> Seams:
    """Refuse what the honest server ignores."""
    return refusing(honest, lambda body: "background" in body and body.get("model") != "gpt-image-1", "background")


@variation("aivene-unknown-names-refused", claim="AIV-30", family=OPEN, intent="refuses parameters it does not know")
def unknown_names_refused(honest: Seams) -> Seams:
    """Refuse what the honest server ignores."""

    def shape(call: Call) -> Iterator[Violation]:
        yield from honest.shape_violations(call)
        known = {name for p in call.provider.contract.parameters.values() for name in (p.name, *p.aliases)}
        for name in call.body.keys() - known:
            message = f"unknown parameter: '{name}'"
            yield Violation(
                parameter=name, fault=Fault.UNKNOWN_PARAMETER, message=message, error="invalid_request", claim=()
            )

    return replace(honest, shape_violations=shape)


@variation("openai-foreign-names-ignored", claim="OAI-13", family=OPEN, intent="dall-e ignores gpt-image's parameters")
def foreign_names_ignored(honest: Seams) -> Seams:
    """Ignore what the honest server refuses, response_format of gpt-image apart."""
    return lenient(
        honest,
        lambda call, v: (
            v.fault is Fault.UNSUPPORTED and v.parameter != "response_format" and str(call.model).startswith("dall-e")
        ),
    )


@variation("openai-stream-ignored", claim="OAI-12", family=OPEN, intent="answers in one piece when asked to stream")
def stream_ignored(honest: Seams) -> Seams:
    """Serve stream: true at once; the honest server refuses it."""
    return lenient(honest, lambda _call, v: v.parameter == "stream" and v.fault is Fault.UNSUPPORTED)


@variation("openai-default-model-gpt", claim="OAI-13", family=OPEN, intent="the default model is gpt-image-1")
def default_model_gpt(honest: Seams) -> Seams:
    """Draw with another model when none is named."""
    return reasked(honest, lambda body: body.update(model=body.get("model", "gpt-image-1")))


@variation("openai-b64-by-default", claim="OAI-13", family=OPEN, intent="dall-e sends base64 when no format is named")
def b64_by_default(honest: Seams) -> Seams:
    """Swap the default that is ours."""

    def shape(call: Call, picture: Picture) -> JsonObject:
        if "response_format" not in call.body:
            call.values["response_format"] = "b64_json"
        return honest.shape_image_item(call, picture)

    return replace(honest, shape_image_item=shape)


@variation("aivene-jpeg", claim="AIV-18", family=FILES, intent="delivers JPEG files, but for transparent images")
def jpeg(honest: Seams) -> Seams:
    """Choose another type where none is documented."""
    return redrawn(honest, lambda _call, _index, p: p if p.alpha else p._replace(format=Format.JPEG, quality=60))


@variation("aivene-webp", claim="AIV-18", family=FILES, intent="delivers WebP files")
def webp(honest: Seams) -> Seams:
    """Choose another type where none is documented."""
    return redrawn(honest, lambda _call, _index, picture: picture._replace(format=Format.WEBP, quality=10))


@variation("openai-dall-e-webp", claim="OAI-13", family=FILES, intent="dall-e delivers WebP files")
def dall_e_webp(honest: Seams) -> Seams:
    """Choose another type for the models that know no output_format."""

    def change(call: Call, _index: int, picture: Picture) -> Picture:
        return picture._replace(format=Format.WEBP, quality=10) if str(call.model).startswith("dall-e") else picture

    return redrawn(honest, change)


@variation("aivene-always-alpha", claim="AIV-14", family=FILES, intent="every image has an alpha channel")
def always_alpha(honest: Seams) -> Seams:
    """Add alpha where nobody asked for it: nothing forbids it."""
    return redrawn(honest, lambda _call, _index, picture: picture._replace(alpha=True))


@variation("aivene-url-55-minutes", claim="AIV-17", family=LIFE, intent="URLs live 55 minutes: about one hour")
def url_55_minutes(honest: Seams) -> Seams:
    """Sign for a little less."""
    return _living(honest, 55 * _MINUTE)


@variation("aivene-url-90-minutes", claim="AIV-17", family=LIFE, intent="URLs live 90 minutes: not yet two hours")
def url_90_minutes(honest: Seams) -> Seams:
    """Sign for longer."""
    return _living(honest, 90 * _MINUTE)


@variation("openai-url-62-minutes", claim="OAI-07", family=LIFE, intent="URLs live a little over 60 minutes")
def url_62_minutes(honest: Seams) -> Seams:
    """Sign with some tolerance."""
    return _living(honest, 62 * _MINUTE)


def _living(honest: Seams, life_s: int) -> Seams:
    def sign(call: Call, picture: Picture) -> str:
        return honest.sign_url(call, picture._replace(life_s=life_s))

    return replace(honest, sign_url=sign)


def _retry_after(honest: Seams, write: Callable[[float, int], str]) -> Seams:
    def edit(call: Call, refusal: Refusal, answer: Answer) -> None:
        others = [(name, value) for name, value in answer.headers if name != "Retry-After"]
        answer.headers = [*others, ("retry-after", write(call.now, refusal.retry_after_s or 1))]

    return excused(honest, edit, "rate_limited")
