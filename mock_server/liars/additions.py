"""Honest servers that say more than the documents, or say it in another way."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from ..call import Answer
from ..seams import JsonObject, Seams
from ..state.tickets import seal
from ..steps.successes import revised
from .catalogue import variation
from .edits import answered, excused, itemised, rewritten, worded

if TYPE_CHECKING:
    from ..call import Call, Refusal
    from ..provider import Provider
    from ..state.tickets import Ticket

SUCCESS, ERRORS, TRANSPORT = "success shape", "error shape", "transport"
#: The mark of a URL that was redirected to; it never reaches a picture.
_ARRIVED = "arrived"


@variation(
    "aivene-extra-fields", claim="AIV-31", family=SUCCESS, intent="adds fields to the body that nobody documented"
)
@variation(
    "openai-extra-fields", claim="OAI-05", family=SUCCESS, intent="adds fields to the body that nobody documented"
)
def extra_fields(honest: Seams) -> Seams:
    """Add a text, a number and an object to the body."""
    return rewritten(honest, lambda _call, body: body.update(x_region="eu", x_seed=7, x_timing={"queue_ms": 3}))


@variation("aivene-extra-item-fields", claim="AIV-31", family=SUCCESS, intent="adds fields to each image")
@variation("openai-extra-item-fields", claim="OAI-05", family=SUCCESS, intent="adds fields to each image")
def extra_item_fields(honest: Seams) -> Seams:
    """Add what other vendors add."""
    return itemised(honest, lambda _call, item: item.update(index=0, finish_reason="success", seed=7))


@variation("aivene-null-beside", claim="AIV-18", family=SUCCESS, intent="has null where the other format would stand")
@variation("openai-null-beside", claim="OAI-05", family=SUCCESS, intent="has null where the other format would stand")
def null_beside(honest: Seams) -> Seams:
    """Complete each image with null for what it lacks, as typed servers do."""
    names = ("url", "b64_json", "revised_prompt")
    return itemised(honest, lambda _call, item: item.update({n: None for n in names if n not in item}))


@variation("aivene-no-created", claim="AIV-18", family=SUCCESS, intent="leaves the optional created out")
def no_created(honest: Seams) -> Seams:
    """Drop created, which Aivene does not promise."""
    return rewritten(honest, lambda _call, body: _drop(body, "created"))


@variation("aivene-created-float", claim="AIV-18", family=SUCCESS, intent="writes whole seconds as 1793491200.0")
@variation("openai-created-float", claim="OAI-05", family=SUCCESS, intent="writes whole seconds as 1793491200.0")
def created_float(honest: Seams) -> Seams:
    """Write created as a whole float, which JSON Schema counts as an integer."""
    return rewritten(honest, lambda call, body: body.update(created=float(int(call.now))))


@variation("aivene-keys-reversed", claim="AIV-18", family=SUCCESS, intent="puts the keys of the body in reverse order")
@variation("openai-keys-reversed", claim="OAI-05", family=SUCCESS, intent="puts the keys of the body in reverse order")
def keys_reversed(honest: Seams) -> Seams:
    """Reverse the order of keys, which means nothing in JSON."""
    return replace(honest, shape_success=lambda call: dict(reversed(honest.shape_success(call).items())))


@variation("aivene-indented", claim="AIV-18", family=TRANSPORT, intent="indents its JSON and ends it with a line feed")
def indented(honest: Seams) -> Seams:
    """Write the same JSON in another way, with a charset in its type."""

    def edit(_call: Call, answer: Answer) -> None:
        answer.body = orjson.dumps(orjson.loads(answer.body), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        answer.content_type = "application/json; charset=utf-8"

    return answered(honest, edit)


@variation("aivene-gzip", claim="AIV-01", family=TRANSPORT, intent="compresses its answers")
@variation("openai-gzip", claim="OAI-05", family=TRANSPORT, intent="compresses its answers")
def compressed(honest: Seams) -> Seams:
    """Compress a success for a client that can read it."""

    def edit(call: Call, answer: Answer) -> None:
        if "gzip" in call.environ.get("HTTP_ACCEPT_ENCODING", ""):
            answer.body = gzip.compress(answer.body)
            answer.headers.append(("content-encoding", "gzip"))

    return answered(honest, edit)


@variation("aivene-gpt-revises", claim="AIV-18", family=SUCCESS, intent="gpt-image-1 adds a revised_prompt, as it may")
@variation("openai-gpt-revises", claim="OAI-13", family=SUCCESS, intent="gpt-image-1 adds a revised_prompt, as it may")
def gpt_revises(honest: Seams) -> Seams:
    """Add revised_prompt where it is optional."""

    def revise(call: Call, item: JsonObject) -> None:
        if call.model == "gpt-image-1":
            item["revised_prompt"] = revised(call.prompt)

    return itemised(honest, revise)


@variation("aivene-prompt-repeated", claim="AIV-08", family=SUCCESS, intent="dall-e-2 repeats the prompt unchanged")
def prompt_repeated(honest: Seams) -> Seams:
    """Add a revised_prompt that revises nothing."""

    def repeat(call: Call, item: JsonObject) -> None:
        if call.model == "dall-e-2":
            item["revised_prompt"] = call.prompt

    return itemised(honest, repeat)


@variation("aivene-extra-error-keys", claim="AIV-19", family=ERRORS, intent="errors have keys that nobody documented")
@variation("openai-extra-error-keys", claim="OAI-06", family=ERRORS, intent="errors have keys that nobody documented")
def extra_error_keys(honest: Seams) -> Seams:
    """Add a request id and a link to each error."""
    return worded(honest, lambda error: error.update(request_id="req_1", doc_url="https://docs.example/errors"))


@variation("aivene-bare-errors", claim="AIV-19", family=ERRORS, intent="errors have type and message, nothing else")
def bare_errors(honest: Seams) -> Seams:
    """Drop param and code, which Aivene does not document."""

    def strip(error: JsonObject) -> None:
        _drop(error, "param")
        _drop(error, "code")

    return worded(honest, strip)


@variation("aivene-code-number", claim="AIV-19", family=ERRORS, intent="the undocumented code of an error is a number")
def code_number(honest: Seams) -> Seams:
    """Put an integer where Aivene documents nothing."""
    return worded(honest, lambda error: error.update(code=1007))


@variation("aivene-other-words", claim="AIV-19", family=ERRORS, intent="errors speak German, in two lines")
@variation("openai-other-words", claim="OAI-06", family=ERRORS, intent="errors speak German, in two lines")
def other_words(honest: Seams) -> Seams:
    """Say something else: the wording is nowhere documented."""
    return worded(honest, lambda error: error.update(message="Das geht so nicht.\nBitte prüfen Sie die Anfrage."))


@variation("aivene-beside-the-error", claim="AIV-19", family=ERRORS, intent="has more keys beside the object 'error'")
@variation("openai-beside-the-error", claim="OAI-06", family=ERRORS, intent="has more keys beside the object 'error'")
def beside_the_error(honest: Seams) -> Seams:
    """Add status and trace at the top of an error body."""

    def edit(_call: Call, _refusal: Refusal, answer: Answer) -> None:
        answer.body = orjson.dumps({"status": answer.status, **orjson.loads(answer.body), "trace_id": "4bf92f35"})

    return excused(honest, edit)


@variation("aivene-error-charset", claim="AIV-19", family=TRANSPORT, intent="the type of errors has a charset")
def error_charset(honest: Seams) -> Seams:
    """Add a charset to the type of errors."""

    def edit(_call: Call, _refusal: Refusal, answer: Answer) -> None:
        answer.content_type = "application/json; charset=UTF-8"

    return excused(honest, edit)


@variation(
    "openai-assumed-codes", claim="OAI-06", family=ERRORS, intent="other types and codes where none is documented"
)
def assumed_codes(honest: Seams) -> Seams:
    """Change the type and the code of rows whose values are ours alone."""
    return worded(
        honest,
        lambda error: error.update(type="image_generation_user_error", code="unsupported_value"),
        "invalid_request",
        "malformed",
        "missing_parameter",
        "unauthorized",
        "unknown_model",
    )


@variation(
    "aivene-images-redirected", claim="AIV-17", family=TRANSPORT, intent="image URLs redirect to where the file is"
)
@variation(
    "openai-images-redirected", claim="OAI-07", family=TRANSPORT, intent="image URLs redirect to where the file is"
)
def images_redirected(honest: Seams) -> Seams:
    """Answer a living URL with 302 to another one of the same life."""

    def serve(provider: Provider, ticket: Ticket, now: float) -> Answer:
        picture = ticket.picture
        if now >= ticket.expires or picture.label == _ARRIVED:
            return honest.serve_image(provider, ticket._replace(picture=picture._replace(label="")), now)
        onward = ticket._replace(picture=picture._replace(label=_ARRIVED))
        location = f"/images/{seal(provider.world.url_secret, onward)}.{picture.format}"
        return Answer(status=302, body=b"", headers=[("location", location)])

    return replace(honest, serve_image=serve)


@variation(
    "aivene-images-untyped", claim="AIV-17", family=TRANSPORT, intent="images are served as application/octet-stream"
)
@variation(
    "openai-images-untyped", claim="OAI-07", family=TRANSPORT, intent="images are served as application/octet-stream"
)
def images_untyped(honest: Seams) -> Seams:
    """Say nothing about the type of a file: its bytes do."""

    def serve(provider: Provider, ticket: Ticket, now: float) -> Answer:
        answer = honest.serve_image(provider, ticket, now)
        answer.content_type = "application/octet-stream"
        return answer

    return replace(honest, serve_image=serve)


def _drop(body: JsonObject, key: str) -> None:
    body.pop(key, None)
