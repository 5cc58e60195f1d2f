"""Turns answers into exchanges: parsed, images looked into, secrets taken out."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from pixelproof.client import Answer, parse_json
from pixelproof.contract import Json
from pixelproof.exchange import Exchange, ImageFacts, Request, Response, Role
from pixelproof.imaging import inspect

#: Characters of a body that is no JSON kept in the record.
_TEXT_KEPT = 4_000
#: Characters of one string of a request body kept in the record.
_REDACTED = "[redacted]"
_BEARER = re.compile(r"(?i)(bearer\s+)[^\s\"']+")
_SECRET_HEADERS = frozenset({"authorization", "x-api-key", "api-key", "x-admin-token", "cookie", "set-cookie"})


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
        self._secrets = {secret for secret in secrets if secret}
        self._keep = keep_image or (lambda _sha256, _data: None)
        self._now = now
        self._seq = 0

    def hide(self, secret: str) -> None:
        """Add a secret that came up during the run."""
        self._secrets.add(secret)

    def exchange(self, case: str, step: str, role: Role, request: Request, answer: Answer) -> Exchange:
        """Build the exchange of one request and its answer."""
        self._seq += 1
        response, images = self._response(answer, role) if answer.status else (None, ())
        return Exchange(
            seq=self._seq,
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

    def _request(self, request: Request) -> Request:
        headers = {
            name: _REDACTED if name.lower() in _SECRET_HEADERS else self._clean(value)
            for name, value in request.headers.items()
        }
        return Request(
            method=request.method,
            url=self._clean(request.url),
            headers=headers,
            body=self._clean_json(request.body),
            raw=None if request.raw is None else self._clean(request.raw),
        )

    def _response(self, answer: Answer, role: Role) -> tuple[Response, tuple[ImageFacts, ...]]:
        headers = {
            name: _REDACTED if name in _SECRET_HEADERS else self._clean(value)
            for name, value in answer.headers.items()
        }
        if role is Role.IMAGE:
            return Response(status=answer.status, headers=headers, size=len(answer.body)), self._picture(answer)
        is_json, value = parse_json(answer.body)
        body, images = self._payloads(value) if is_json else (None, ())
        text = "" if is_json else answer.body[:_TEXT_KEPT].decode("utf-8", "replace")
        response = Response(
            status=answer.status,
            headers=headers,
            body=self._clean_json(body),
            is_json=is_json,
            text=self._clean(text),
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

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _REDACTED)
        return _BEARER.sub(rf"\g<1>{_REDACTED}", text)

    def _clean_json(self, value: Json) -> Json:
        if isinstance(value, str):
            return self._clean(value)
        if isinstance(value, list):
            return [self._clean_json(item) for item in value]
        if isinstance(value, dict):
            return {self._clean(key): self._clean_json(item) for key, item in value.items()}
        return value


def _json(value: object) -> Json:
    return value if isinstance(value, str | int | float | bool | list | dict) else None


def curl(request: Request, *, key_variable: str = "PIXELPROOF_KEY") -> str:
    """Write a request as a curl command; the key comes from the environment."""
    parts = [f"curl -sS -X {request.method} {_quoted(request.url)}"]
    parts += [_header(name, value, key_variable) for name, value in request.headers.items()]
    if request.body is not None:
        import json

        parts.append(f"-d {_quoted(json.dumps(request.body, ensure_ascii=False))}")
    elif request.raw is not None:
        parts.append(f"--data-binary {_quoted(request.raw)}")
    return " \\\n  ".join(parts)


def _header(name: str, value: str, key_variable: str) -> str:
    if name.lower() == "authorization":
        return f'-H "{name}: Bearer ${key_variable}"'
    return f"-H {_quoted(f'{name}: {value}')}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


