"""Servers whose success body is wrong around the pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier

from ..seams import JsonObject, Seams
from .catalogue import liar
from .edits import HTML, answered, itemised, rewritten

if TYPE_CHECKING:
    from ..call import Answer, Call
    from ..images.pictures import Picture

SHAPE, FORMAT, REVISED, USAGE = "success shape", "format", "revised prompt", "usage and echo"
_MILLI = 1000


@liar("openai-no-created", claim="OAI-05", tier=Tier.SMOKE, family=SHAPE, intent="a success has no created")
def no_created(honest: Seams) -> Seams:
    """Drop created."""
    return _without(honest, "created")


@liar("openai-created-null", claim="OAI-05", tier=Tier.SMOKE, family=SHAPE, intent="created is null")
def created_null(honest: Seams) -> Seams:
    """Set created to null."""
    return rewritten(honest, lambda _call, body: body.update(created=None))


@liar("aivene-created-text", claim="AIV-18", tier=Tier.SMOKE, family=SHAPE, intent="created is a string of digits")
@liar("openai-created-text", claim="OAI-05", tier=Tier.SMOKE, family=SHAPE, intent="created is a string of digits")
def created_text(honest: Seams) -> Seams:
    """Write created as text."""
    return rewritten(honest, lambda _call, body: body.update(created=str(body["created"])))


@liar("aivene-created-iso", claim="AIV-18", tier=Tier.SMOKE, family=SHAPE, intent="created is an ISO date")
def created_iso(honest: Seams) -> Seams:
    """Write created as a date."""
    return rewritten(honest, lambda _call, body: body.update(created="2026-11-01T12:00:00Z"))


@liar("aivene-created-milliseconds", claim="AIV-18", tier=Tier.SMOKE, family=SHAPE, intent="created is in milliseconds")
@liar("openai-created-milliseconds", claim="OAI-05", tier=Tier.SMOKE, family=SHAPE, intent="created is in milliseconds")
def created_milliseconds(honest: Seams) -> Seams:
    """Write created as JavaScript counts time."""
    return rewritten(honest, lambda call, body: body.update(created=int(call.now * _MILLI)))


@liar(
    "aivene-created-fraction", claim="AIV-18", tier=Tier.SMOKE, family=SHAPE, intent="created has fractions of seconds"
)
@liar(
    "openai-created-fraction", claim="OAI-05", tier=Tier.SMOKE, family=SHAPE, intent="created has fractions of seconds"
)
def created_fraction(honest: Seams) -> Seams:
    """Write created as Python counts time."""
    return rewritten(honest, lambda call, body: body.update(created=int(call.now) + 0.25))


@liar("aivene-data-object", claim="AIV-18", tier=Tier.SMOKE, family=SHAPE, intent="data is one image, not a list")
@liar("openai-data-object", claim="OAI-05", tier=Tier.SMOKE, family=SHAPE, intent="data is one image, not a list")
def data_object(honest: Seams) -> Seams:
    """Unwrap the list of images."""

    def unwrap(_call: Call, body: JsonObject) -> None:
        data = body["data"]
        if isinstance(data, list) and data:
            body["data"] = data[0]

    return rewritten(honest, unwrap)


@liar("aivene-images-not-data", claim="AIV-18", tier=Tier.SMOKE, family=SHAPE, intent="the list is called images")
def images_not_data(honest: Seams) -> Seams:
    """Rename data."""
    return rewritten(honest, lambda _call, body: body.update(images=body.pop("data")))


@liar("aivene-plain-urls", claim="AIV-18", tier=Tier.SMOKE, family=SHAPE, intent="data is a list of plain URLs")
def plain_urls(honest: Seams) -> Seams:
    """Unwrap every image that has a URL."""

    def unwrap(_call: Call, body: JsonObject) -> None:
        data = body["data"]
        if isinstance(data, list):
            body["data"] = [item.get("url", item) if isinstance(item, dict) else item for item in data]

    return rewritten(honest, unwrap)


@liar("aivene-null-items", claim="AIV-18", tier=Tier.SMOKE, family=SHAPE, intent="each image has null for its url")
@liar("openai-null-items", claim="OAI-05", tier=Tier.SMOKE, family=SHAPE, intent="each image has null for its url")
def null_items(honest: Seams) -> Seams:
    """Set url and b64_json to null."""
    return itemised(honest, lambda _call, item: item.update(dict.fromkeys(("url", "b64_json"))))


@liar("aivene-second-item-empty", claim="AIV-18", family=SHAPE, intent="only the first of several images is there")
@liar("openai-second-item-empty", claim="OAI-05", tier=Tier.SMOKE, family=SHAPE, intent="only the first image is there")
def second_item_empty(honest: Seams) -> Seams:
    """Empty every item but the first."""

    def empty(_call: Call, body: JsonObject) -> None:
        data = body["data"]
        if isinstance(data, list):
            body["data"] = [*data[:1], *({} for _ in data[1:])]

    return rewritten(honest, empty)


@liar("aivene-success-page", claim="AIV-01", tier=Tier.SMOKE, family=SHAPE, intent="a success is an HTML page")
@liar("openai-success-page", claim="OAI-05", tier=Tier.SMOKE, family=SHAPE, intent="a success is an HTML page")
def success_page(honest: Seams) -> Seams:
    """Answer 200 with HTML."""

    def edit(_call: Call, answer: Answer) -> None:
        answer.body, answer.content_type = HTML, "text/html; charset=utf-8"

    return answered(honest, edit)


@liar("aivene-gpt-event-stream", claim="AIV-01", tier=Tier.SMOKE, family=SHAPE, intent="gpt-image-1 streams unasked")
def gpt_event_stream(honest: Seams) -> Seams:
    """Answer one model as server-sent events."""

    def edit(call: Call, answer: Answer) -> None:
        if call.model == "gpt-image-1":
            answer.body, answer.content_type = b"data: %b\n\n" % answer.body, "text/event-stream"

    return answered(honest, edit)


@liar("aivene-b64-by-default", claim="AIV-15", tier=Tier.SMOKE, family=FORMAT, intent="sends base64 when none is named")
def b64_by_default(honest: Seams) -> Seams:
    """Swap the default format."""
    return _formatted(honest, lambda call: "b64_json" if "response_format" not in call.body else None)


@liar(
    "aivene-format-ignored", claim="AIV-15", tier=Tier.SMOKE, family=FORMAT, intent="sends URLs whatever was asked for"
)
def format_ignored(honest: Seams) -> Seams:
    """Deliver URLs always."""
    return _formatted(honest, lambda _call: "url")


@liar("aivene-dall-e-2-ignores-format", claim="AIV-15", family=FORMAT, intent="dall-e-2 alone sends URLs always")
def dall_e_2_ignores_format(honest: Seams) -> Seams:
    """Deliver URLs always for one model."""
    return _formatted(honest, lambda call: "url" if call.model == "dall-e-2" else None)


@liar("aivene-gpt-b64-only", claim="AIV-15", family=FORMAT, intent="gpt-image-1 sends base64 where url was named")
def gpt_b64_only(honest: Seams) -> Seams:
    """Deliver base64 where url is named, for one model; the default stays."""
    return _formatted(
        honest,
        lambda call: "b64_json" if call.model == "gpt-image-1" and call.body.get("response_format") == "url" else None,
    )


@liar("openai-dall-e-2-b64-as-url", claim="OAI-02", family=FORMAT, intent="dall-e-2 sends URLs for b64_json")
def dall_e_2_b64_as_url(honest: Seams) -> Seams:
    """Deliver URLs always for dall-e-2."""
    return _formatted(honest, lambda call: "url" if call.model == "dall-e-2" else None)


@liar("aivene-data-uri", claim="AIV-15", tier=Tier.SMOKE, family=FORMAT, intent="b64_json is a data: URI")
def data_uri(honest: Seams) -> Seams:
    """Put the media type before the payload."""
    return _payload(honest, lambda text: f"data:image/png;base64,{text}")


@liar("aivene-url-safe-base64", claim="AIV-15", tier=Tier.SMOKE, family=FORMAT, intent="b64_json has - and _ in it")
def url_safe_base64(honest: Seams) -> Seams:
    """Use the alphabet for URLs."""
    return _payload(honest, lambda text: text.replace("+", "-").replace("/", "_"))


@liar("openai-gpt-sends-url", claim="OAI-04", tier=Tier.SMOKE, family=FORMAT, intent="gpt-image-1 sends URLs")
def gpt_sends_url(honest: Seams) -> Seams:
    """Deliver a URL where only base64 exists."""

    def swap(call: Call, body: JsonObject) -> None:
        if call.provider.contract.models[str(call.model)].delivers is not None:
            body["data"] = [{"url": call.seams.sign_url(call, picture)} for picture in call.pictures]

    return rewritten(honest, swap)


@liar("aivene-no-revised-prompt", claim="AIV-07", tier=Tier.SMOKE, family=REVISED, intent="dall-e-3 hides its prompt")
@liar("openai-no-revised-prompt", claim="OAI-03", tier=Tier.SMOKE, family=REVISED, intent="dall-e-3 hides its prompt")
def no_revised_prompt(honest: Seams) -> Seams:
    """Drop revised_prompt."""
    return itemised(honest, lambda _call, item: _drop(item, "revised_prompt"))


@liar("aivene-blank-revised-prompt", claim="AIV-07", tier=Tier.SMOKE, family=REVISED, intent="revised_prompt is blank")
@liar("openai-blank-revised-prompt", claim="OAI-03", tier=Tier.SMOKE, family=REVISED, intent="revised_prompt is blank")
def blank_revised_prompt(honest: Seams) -> Seams:
    """Blank revised_prompt where it stands."""
    return itemised(honest, lambda _call, item: item.update(dict.fromkeys(item.keys() & {"revised_prompt"}, " ")))


@liar("aivene-hd-hides-its-prompt", claim="AIV-07", family=REVISED, intent="revised_prompt is missing in hd")
@liar("openai-hd-hides-its-prompt", claim="OAI-03", family=REVISED, intent="revised_prompt is missing in hd")
def hd_hides_its_prompt(honest: Seams) -> Seams:
    """Drop revised_prompt for hd."""
    return itemised(
        honest, lambda call, item: _drop(item, "revised_prompt") if call.values.get("quality") == "hd" else None
    )


@liar(
    "aivene-b64-hides-its-prompt",
    claim="AIV-07",
    tier=Tier.SMOKE,
    family=REVISED,
    intent="base64 has no revised_prompt",
)
@liar("openai-b64-hides-its-prompt", claim="OAI-03", family=REVISED, intent="base64 has no revised_prompt")
def b64_hides_its_prompt(honest: Seams) -> Seams:
    """Drop revised_prompt beside base64."""
    return itemised(honest, lambda _call, item: _drop(item, "revised_prompt") if "b64_json" in item else None)


@liar(
    "aivene-dall-e-2-rewrites", claim="AIV-08", tier=Tier.SMOKE, family=REVISED, intent="dall-e-2 rewrites the prompt"
)
def dall_e_2_rewrites(honest: Seams) -> Seams:
    """Add a revised_prompt that is another one."""

    def rewrite(call: Call, item: JsonObject) -> None:
        if call.model == "dall-e-2":
            item["revised_prompt"] = f"An award-winning photograph: {call.prompt}"

    return itemised(honest, rewrite)


@liar("openai-no-usage", claim="OAI-11", tier=Tier.SMOKE, family=USAGE, intent="gpt-image answers have no usage")
def no_usage(honest: Seams) -> Seams:
    """Drop usage."""
    return _without(honest, "usage")


@liar("openai-mini-has-no-usage", claim="OAI-11", family=USAGE, intent="gpt-image-1-mini alone has no usage")
def mini_has_no_usage(honest: Seams) -> Seams:
    """Drop usage for one member of the family."""
    return rewritten(honest, lambda call, body: _drop(body, "usage") if call.model == "gpt-image-1-mini" else None)


@liar("openai-usage-text", claim="OAI-11", tier=Tier.SMOKE, family=USAGE, intent="counts of tokens are text")
def usage_text(honest: Seams) -> Seams:
    """Write every count as text."""
    return _recounted_tokens(honest, lambda usage: {name: str(value) for name, value in usage.items()})


@liar("openai-usage-of-chat", claim="OAI-11", tier=Tier.SMOKE, family=USAGE, intent="usage has the keys of chat models")
def usage_of_chat(honest: Seams) -> Seams:
    """Rename the counts as chat completions have them."""
    names = {"input_tokens": "prompt_tokens", "output_tokens": "completion_tokens"}
    return _recounted_tokens(honest, lambda usage: {names.get(name, name): value for name, value in usage.items()})


@liar("openai-no-total", claim="OAI-11", tier=Tier.SMOKE, family=USAGE, intent="usage has no total")
def no_total(honest: Seams) -> Seams:
    """Drop total_tokens."""
    return _recounted_tokens(honest, lambda usage: {k: v for k, v in usage.items() if k != "total_tokens"})


@liar("openai-no-size-echo", claim="OAI-11", tier=Tier.SMOKE, family=USAGE, intent="the size is not repeated")
def no_size_echo(honest: Seams) -> Seams:
    """Drop size."""
    return _without(honest, "size")


@liar(
    "openai-no-background-echo", claim="OAI-11", tier=Tier.SMOKE, family=USAGE, intent="the background is not repeated"
)
def no_background_echo(honest: Seams) -> Seams:
    """Drop background."""
    return _without(honest, "background")


@liar("openai-size-echo-wrong", claim="OAI-11", family=USAGE, intent="size repeats 1024x1024 whatever was asked for")
def size_echo_wrong(honest: Seams) -> Seams:
    """Repeat the square size always."""
    return _echoing(honest, "size", "1024x1024")


@liar("openai-quality-echo-wrong", claim="OAI-11", family=USAGE, intent="quality repeats high whatever was asked for")
def quality_echo_wrong(honest: Seams) -> Seams:
    """Repeat the best quality always."""
    return _echoing(honest, "quality", "high")


@liar("openai-background-echo-wrong", claim="OAI-11", family=USAGE, intent="background repeats opaque always")
def background_echo_wrong(honest: Seams) -> Seams:
    """Repeat opaque for transparent pictures."""
    return _echoing(honest, "background", "opaque")


@liar("openai-format-echo-wrong", claim="OAI-11", family=USAGE, intent="output_format repeats jpg for jpeg")
def format_echo_wrong(honest: Seams) -> Seams:
    """Repeat the file extension instead of the value."""
    return rewritten(
        honest,
        lambda _call, body: body.update(output_format="jpg") if body.get("output_format") == "jpeg" else None,
    )


def _without(honest: Seams, key: str) -> Seams:
    return rewritten(honest, lambda _call, body: _drop(body, key))


def _drop(body: JsonObject, key: str) -> None:
    body.pop(key, None)


def _echoing(honest: Seams, key: str, value: str) -> Seams:
    return rewritten(honest, lambda _call, body: body.update({key: value}) if key in body else None)


def _formatted(honest: Seams, choose: Callable[[Call], str | None]) -> Seams:
    """Deliver in the chosen format, or as asked where the choice is None."""

    def shape(call: Call, picture: Picture) -> JsonObject:
        chosen = choose(call)
        if chosen is not None:
            call.values["response_format"] = chosen
        return honest.shape_image_item(call, picture)

    return replace(honest, shape_image_item=shape)


def _payload(honest: Seams, change: Callable[[str], str]) -> Seams:
    def edit(_call: Call, item: JsonObject) -> None:
        payload = item.get("b64_json")
        if isinstance(payload, str):
            item["b64_json"] = change(payload)

    return itemised(honest, edit)


def _recounted_tokens(honest: Seams, change: Callable[[JsonObject], JsonObject]) -> Seams:
    def edit(_call: Call, body: JsonObject) -> None:
        usage = body.get("usage")
        if isinstance(usage, dict):
            body["usage"] = change(usage)

    return rewritten(honest, edit)
