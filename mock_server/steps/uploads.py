"""Uploads: one file part of a multipart body becomes an artifact of the account."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import orjson

from ..call import Answer, Call, Refusal
from ..images.samples import Unusable
from ..state.artifacts import Artifact, Origin
from .naming import count_upload
from .parsing import media_type
from .references import stored_copy

if TYPE_CHECKING:
    from pixelproof.contract import Json, Operation, Upload

#: What a multipart body may hold beside the file: headers, boundaries, other fields.
_WRAPPING = 64 * 1024
#: Parts of one body.
_PARTS = 20


def parse_upload(call: Call) -> None:
    """Write the bytes of the file part, or refuse a body without it."""
    upload = _documented(call)
    if call.raw is None:
        raise _too_large(upload)
    wanted = call.operation.media_type
    if wanted is not None and media_type(call.environ) != wanted:
        claim = call.operation.claimed("media_type")
        raise Refusal("malformed", f"the Content-Type must be {wanted}", claim=claim)
    call.upload = data = _file(call, call.raw, upload.field)
    if len(data) > upload.max_bytes:
        raise _too_large(upload)


def store_upload(call: Call) -> None:
    """Keep the file as an artifact, and write the answer that names it."""
    upload = _documented(call)
    data = call.upload or b""
    count_upload(call, data)
    try:
        artifact = stored_copy(call, data, Origin.UPLOAD)
    except Unusable as error:
        raise Refusal("invalid_request", f"'{upload.field}' {error}", parameter=upload.field) from None
    call.seams.store_artifact(call, artifact)
    body = call.seams.shape_upload(call, artifact)
    call.answer = Answer(status=call.operation.success, body=orjson.dumps(body))


def shape_upload(call: Call, artifact: Artifact) -> dict[str, Json]:
    """Return what an upload answers; the artifact's id stands where the contract points."""
    *parents, last = _documented(call).artifact_id.split("/")[1:]
    body: dict[str, Json] = {}
    inner = body
    for name in parents:
        below: dict[str, Json] = {}
        inner[name] = below
        inner = below
    inner[last] = artifact.id
    return {
        **body,
        "mime_type": artifact.mime_type,
        "bytes": artifact.size_bytes,
        "width": artifact.width,
        "height": artifact.height,
    }


def longest(upload: Upload | None, operation: Operation) -> int | None:
    """Return how long the body of an upload may be, None for any other operation."""
    is_upload = upload is not None and operation.media_type == "multipart/form-data"
    return upload.max_bytes + _WRAPPING if upload is not None and is_upload else None


def _documented(call: Call) -> Upload:
    media = call.provider.contract.media
    if media is None or media.upload is None:
        raise Refusal("not_found", "there are no uploads here")
    return media.upload


def _file(call: Call, raw: bytes, field: str) -> bytes:
    from werkzeug.exceptions import RequestEntityTooLarge
    from werkzeug.formparser import FormDataParser
    from werkzeug.http import parse_options_header

    mimetype, options = parse_options_header(call.environ.get("CONTENT_TYPE"))
    parser = FormDataParser(_in_memory, silent=False, max_form_memory_size=_WRAPPING, max_form_parts=_PARTS)
    try:
        _, _, files = parser.parse(io.BytesIO(raw), mimetype, len(raw), options)
    except (ValueError, RequestEntityTooLarge):
        raise Refusal("malformed", "the request body is not valid multipart/form-data") from None
    found = files.getlist(field)
    if len(found) != 1:
        raise Refusal("missing_parameter", f"one file part '{field}' is required", parameter=field)
    data: bytes = found[0].stream.read()
    return data


def _in_memory(*_: object, **__: object) -> io.BytesIO:
    # the whole body is in memory and capped already: no part needs a file on disk
    return io.BytesIO()


def _too_large(upload: Upload) -> Refusal:
    return Refusal("too_large", f"a file may have {upload.max_bytes} bytes", parameter=upload.field)
