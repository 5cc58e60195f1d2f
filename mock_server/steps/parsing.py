"""From bytes to one JSON object, strictly: what is not plain JSON is refused, never guessed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING

import orjson

from ..call import Call, Environ, Refusal
from .waiting import received

if TYPE_CHECKING:
    from pixelproof.contract import Json

#: Longest request body, and longest one that brings its own images.
MAX_BODY, MAX_MEDIA_BODY = 10 * 1024 * 1024, 32 * 1024 * 1024
#: What is read and thrown away of a longer one, so that its sender gets to see the answer.
_DRAIN = 64 * 1024 * 1024
#: Longest time spent on that, in seconds.
_DRAIN_S = 20.0
#: Deepest nesting of a body that means anything.
_DEPTH = 32


class Malformed(ValueError):
    """Bytes that are not one strict JSON object."""


def read_body(environ: Environ, longest: int = MAX_BODY) -> bytes | None:
    """Return the body of a request, None when it is longer than ``longest`` bytes.

    A body that ends before its announced length is nobody's request: it counts as empty.
    """
    length = environ.get("CONTENT_LENGTH")
    if length:
        if not length.isdigit() or int(length) > longest:
            _drain(environ, int(length) if length.isdigit() else 0)
            return None
        body = received(environ, int(length))
        return body if len(body) == int(length) else b""
    if not environ.get("wsgi.input_terminated"):
        return b""
    body = received(environ, longest + 1)
    if len(body) > longest:
        _drain(environ, _DRAIN)
        return None
    return body


def _drain(environ: Environ, length: int) -> None:
    # A client that is still sending would see a broken pipe instead of our 413. A plain socket has no
    # end behind the body: whoever reads on there waits until the client gives up.
    left = min(length, _DRAIN)
    until = monotonic() + _DRAIN_S
    while left > 0 and monotonic() < until and (block := received(environ, min(left, 1024 * 1024))):
        left -= len(block)


def parse(call: Call) -> None:
    """Write the parsed body, or refuse it with the contract's row for malformed requests."""
    if call.raw is None:
        raise Refusal("too_large", "the request body is too long")
    wanted = call.operation.media_type
    if wanted is not None and media_type(call.environ) != wanted:
        claim = call.operation.claimed("media_type")
        raise Refusal("malformed", f"the Content-Type must be {wanted}", claim=claim)
    try:
        call.body = json_object(call.raw)
    except Malformed as error:
        raise Refusal("malformed", f"the request body is not a valid JSON object: {error}") from None


def json_object(raw: bytes) -> dict[str, Json]:
    """Parse one strict JSON object. Raises Malformed."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Malformed(str(error)) from None
    if not isinstance(value, dict):
        raise Malformed(f"it is {_kind(value)}")
    # every key brings one colon: only when there are more can a key stand twice
    if raw.count(b":") != len(value) or _nests(value.values()):
        _look_closer(raw, value)
    if b"\\u0000" in raw:
        _refuse_null_characters(value)
    return value


def media_type(environ: Environ) -> str:
    """Return the media type of a request's body, without parameters."""
    given: str = environ.get("CONTENT_TYPE") or ""
    return given.partition(";")[0].strip().lower()


def _nests(values: Iterable[Json]) -> bool:
    return any(type(value) is dict or type(value) is list for value in values)


def _look_closer(raw: bytes, value: Json) -> None:
    if _depth_exceeds(value, _DEPTH):
        raise Malformed(f"it is nested deeper than {_DEPTH} levels")
    json.loads(raw, object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Json]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise Malformed(f"the key '{key[:80]}' stands twice")
        seen.add(key)


def _depth_exceeds(value: Json, left: int) -> bool:
    if left < 0:
        return True
    if isinstance(value, dict):
        return any(_depth_exceeds(item, left - 1) for item in value.values())
    return isinstance(value, list) and any(_depth_exceeds(item, left - 1) for item in value)


def _refuse_null_characters(value: Json) -> None:
    if isinstance(value, str) and "\0" in value:
        raise Malformed("it holds a null character")
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_null_characters(key)
            _refuse_null_characters(item)
    if isinstance(value, list):
        for item in value:
            _refuse_null_characters(item)


def _kind(value: Json) -> str:
    return {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}.get(type(value), "a number")
