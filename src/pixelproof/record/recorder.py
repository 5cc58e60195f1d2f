"""Turns answers into exchanges: parsed, images looked into, secrets taken out."""

from __future__ import annotations

import base64
import binascii
import math
import re
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from pixelproof.client import Answer, parse_json
from pixelproof.contract import Json
from pixelproof.exchange import Exchange, ImageFacts, Request, Response, Role
from pixelproof.findings.curl import REDACTED
from pixelproof.record.imaging import inspect
from pixelproof.targets.keyring import INVALID_KEY

#: Characters of a body that is no JSON kept in the record.
_TEXT_KEPT = 4_000
#: Characters kept of a single text in a JSON body: a whole image as a data URI, but no flood.
_VALUE_KEPT = 1 << 20
#: Characters cleaned beyond what is kept: a secret at the edge must not survive by half.
_EDGE = 4_096
_BEARER_WORD = re.compile(r"(?i)^bearer\s+")
#: A shorter header value is no secret worth hiding everywhere: a digit stands in every body.
_SHORTEST_SECRET = 8
_BEARER = re.compile(r"(?i)(bearer\s+)[^\s\"']+")
#: Names of headers that carry secrets, whatever a gateway puts before them: x-api-key, x-portkey-api-key …
_SECRET_HEADER = re.compile(r"(?i)authorization|cookie|token$|secret|password|(^|-)(api)?key$")


class Recorder:
    """Numbers exchanges and keeps secrets and payloads out of them."""

    def __init__(
        self,
        *,
        secrets: Iterable[str] = (),
        keep_image: Callable[[str, bytes], None] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Know the secrets to hide; ``keep_image`` stores files by their SHA-256."""
        self._secrets: tuple[str, ...] = ()
        for secret in secrets:
            self.hide(secret)
        self._keep = keep_image or (lambda _sha256, _data: None)
        self._now = now
        self._seq = 0
        #: Workers share a recorder.
        self._lock = threading.Lock()

    def go_on(self, seq: int) -> None:
        """Number exchanges from behind ``seq``, where an earlier part of the run stopped."""
        self._seq = max(self._seq, seq)

    def hide(self, secret: str) -> None:
        """Add a secret that came up during the run."""
        if secret and secret not in self._secrets:
            # the longest first: a key may begin with another one
            self._secrets = tuple(sorted((*self._secrets, secret), key=len, reverse=True))

    def exchange(self, case: str, step: str, role: Role, request: Request, answer: Answer) -> Exchange:
        """Build the exchange of one request and its answer."""
        with self._lock:
            self._seq += 1
            seq = self._seq
        self._learn(request)
        response, images = self._response(answer, role) if answer.status else (None, ())
        return Exchange(
            seq=seq,
            case=case,
            step=step,
            role=role,
            request=self._request(request),
            response=None if answer.error else response,
            error=self._clean(answer.error),
            at=self._now().isoformat(timespec="milliseconds"),
            elapsed_s=round(answer.elapsed_s, 4),
            images=images,
        )

    def _learn(self, request: Request) -> None:
        """Hide what secret headers carry wherever it comes back, also in bodies and errors."""
        for name, value in request.headers.items():
            secret = _BEARER_WORD.sub("", value)
            if _SECRET_HEADER.search(name) and secret != INVALID_KEY and len(secret) >= _SHORTEST_SECRET:
                self.hide(secret)

    def _request(self, request: Request) -> Request:
        headers = {name: self._header(name, value) for name, value in request.headers.items()}
        return Request(
            method=request.method,
            url=self._clean(request.url),
            headers=headers,
            body=self._clean_json(request.body),
            raw=None if request.raw is None else self._clean(request.raw),
            raw_encoding=request.raw_encoding,
            padding=request.padding,
        )

    def _response(self, answer: Answer, role: Role) -> tuple[Response, tuple[ImageFacts, ...]]:
        headers = {name: self._header(name, value) for name, value in answer.headers.items()}
        if role is Role.IMAGE:
            return Response(status=answer.status, headers=headers, size=len(answer.body)), self._picture(answer)
        is_json, value = parse_json(answer.body)
        body, images = self._payloads(value) if is_json else (None, ())
        text = "" if is_json else answer.body[: 2 * _TEXT_KEPT].decode("utf-8", "replace")
        response = Response(
            status=answer.status,
            headers=headers,
            body=self._clean_json(body),
            is_json=is_json,
            # cut after it was cleaned: a secret at the edge must not survive by half
            text=self._clean(text)[:_TEXT_KEPT],
            size=len(answer.body),
        )
        return response, images

    def _picture(self, answer: Answer) -> tuple[ImageFacts, ...]:
        if not 200 <= answer.status < 300:  # noqa: PLR2004 - the 2xx class
            return ()
        return (self._look(answer.body),)

    def _payloads(self, value: object) -> tuple[Json, tuple[ImageFacts, ...]]:
        """Take base64 images out of a success body; a marker stays in their place."""
        data = value.get("data") if isinstance(value, dict) else None
        if not isinstance(value, dict) or not isinstance(data, list):
            return _json(value), ()
        images: list[ImageFacts] = []
        items: list[Json] = []
        for item in data:
            payload = item.get("b64_json") if isinstance(item, dict) else None
            if not isinstance(payload, str) or not payload:
                items.append(_json(item))
                continue
            facts = self._decode(payload)
            images.append(facts)
            items.append({**item, "b64_json": f"<{facts.media_type or 'data'} {facts.bytes} bytes {facts.sha256}>"})
        return {**value, "data": items}, tuple(images)

    def _decode(self, payload: str) -> ImageFacts:
        try:
            return self._look(base64.b64decode(payload, validate=True))
        except (binascii.Error, ValueError):
            return ImageFacts(sha256="", bytes=len(payload), problem="no base64")

    def _look(self, data: bytes) -> ImageFacts:
        facts = inspect(data)
        self._keep(facts.sha256, data)
        return facts

    def _header(self, name: str, value: str) -> str:
        # the key that no server can know is no secret: without it a curl would show something else
        if value == f"Bearer {INVALID_KEY}":
            return value
        return REDACTED if _SECRET_HEADER.search(name) else self._clean(value)

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        return _BEARER.sub(rf"\g<1>{REDACTED}", text)

    def _cut(self, text: str) -> str:
        kept = self._clean(text[: _VALUE_KEPT + _EDGE])[:_VALUE_KEPT]
        return f"{kept}… ({len(text)} characters)"

    def _clean_json(self, value: Json) -> Json:
        if isinstance(value, str):
            return self._clean(value) if len(value) <= _VALUE_KEPT else self._cut(value)
        if isinstance(value, list):
            return [self._clean_json(item) for item in value]
        if isinstance(value, dict):
            return {self._clean(key): self._clean_json(item) for key, item in value.items()}
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)  # 1e999 is JSON, the Infinity it is read as is none
        return value


def _json(value: object) -> Json:
    return value if isinstance(value, str | int | float | bool | list | dict) else None
