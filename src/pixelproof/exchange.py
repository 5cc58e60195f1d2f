"""Recorded traffic as frozen values: what was sent, what came back, what the images were.

An exchange holds no files of images but a thumbnail of each, and no secrets: both are taken
out when it is recorded, so a record can be judged again, shown and shared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypedDict

from pixelproof.contract import Json


class Role(StrEnum):
    """What a request was for."""

    API = "api"
    IMAGE = "image"
    BALANCE = "balance"
    CONTROL = "control"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """What decoding a delivered file showed. Sizes are pixels (width, height)."""

    #: SHA-256 of the file, also its name beside the record.
    sha256: str
    bytes: int
    #: Media type by content, not by header; empty when it is no image.
    media_type: str = ""
    width: int = 0
    height: int = 0
    #: True when at least one pixel is not opaque.
    transparent: bool = False
    #: True when the file has an alpha channel, or a palette with transparency.
    alpha: bool = False
    #: Digest of the decoded pixels: equal for equal pictures in unequal files.
    pixels: str = ""
    #: The picture within 64x64, as a data URI: what is shown where the file was not kept.
    thumbnail: str = ""
    #: Why it could not be decoded, else empty.
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it was sent, secrets redacted."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    #: The JSON body, or None when there was none or it was raw.
    body: Json = None
    #: A body that is deliberately no JSON, as text.
    raw: str | None = None
    #: How ``raw`` becomes the bytes that were sent: latin-1 where they are no UTF-8.
    raw_encoding: str = "utf-8"
    #: Bytes of white space behind the JSON body: what makes it too long without being recorded.
    padding: int = 0


class RawBody(TypedDict, total=False):
    """The fields of a request that say a raw body."""

    raw: str
    raw_encoding: str


def as_text(raw: bytes | None) -> RawBody:
    """Return the fields of a request that say its raw body without losing a byte."""
    if raw is None:
        return {}
    try:
        return {"raw": raw.decode()}
    except UnicodeDecodeError:
        return {"raw": raw.decode("latin-1"), "raw_encoding": "latin-1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response as it arrived. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    #: The parsed body when it is JSON, image payloads replaced by a marker.
    body: Json = None
    is_json: bool = False
    #: The beginning of a body that is no JSON.
    text: str = ""
    size: int = 0

    @property
    def ok(self) -> bool:
        """Tell whether the status is a success."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the 2xx class

    @property
    def media_type(self) -> str:
        """Return the content type without its parameters, in lower case; empty where none is said."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what came of it. Exactly one of ``response`` and ``error`` is set."""

    seq: int
    case: str
    step: str
    role: Role
    request: Request
    response: Response | None = None
    #: A transport failure in words: refused, reset, timeout, cut body …
    error: str = ""
    at: str = ""
    elapsed_s: float = 0.0
    #: The images in this response; those behind its URLs stand with their own downloads.
    images: tuple[ImageFacts, ...] = ()
    #: What a lever read, decoded: ``balance`` in smallest units and the like.
    facts: Mapping[str, Json] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """Return the HTTP status, 0 when there was no answer."""
        return self.response.status if self.response else 0

    @property
    def ok(self) -> bool:
        """Tell whether a success came back."""
        return self.response is not None and self.response.ok

    def items(self) -> tuple[Mapping[str, Json], ...]:
        """Return the image items of a success body; what is no map is left out."""
        body = self.response.body if self.response else None
        data = body.get("data") if isinstance(body, dict) else None
        return tuple(item for item in data if isinstance(item, dict)) if isinstance(data, list) else ()

    def task(self) -> Mapping[str, Json]:
        """Return what the body said of a task, by our own names (id, state, images, charged)."""
        found = self.facts.get("task")
        return found if isinstance(found, dict) else {}

    def error_object(self) -> Mapping[str, Json] | None:
        """Return the object under ``error``, or None when the envelope is another."""
        body = self.response.body if self.response else None
        inner = body.get("error") if isinstance(body, dict) else None
        return inner if isinstance(inner, dict) else None

    def brief(self) -> str:
        """Say what came back in one line, for a finding."""
        if self.response is None:
            return f"no answer ({self.error})"
        inner = self.error_object()
        if inner is not None:
            known = {key: inner[key] for key in ("type", "code", "param") if key in inner}
            return f"{self.status} with error {known}"
        if self.response.is_json:
            return f"{self.status} with {self._shape()}"
        return f"{self.status} with {self.response.headers.get('content-type', 'no content type')!r}, no JSON"

    def _shape(self) -> str:
        if self.task():
            known = {key: self.task().get(key) for key in ("state", "charged", "refunded")}
            return f"a task {known}"
        items = self.items()
        if items:
            return f"{len(items)} image{'s' if len(items) != 1 else ''}"
        body = self.response.body if self.response else None
        return f"keys {sorted(body)[:8]}" if isinstance(body, dict) else f"a JSON {type(body).__name__}"
