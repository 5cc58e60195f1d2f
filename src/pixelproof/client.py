"""The wire of the harness: sends requests, bounds what comes back, never raises for a bad server."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

#: A body longer than this is cut and said so: no server can fill our memory.
MAX_BODY_BYTES = 96 << 20
#: Lists and maps inside one another; a deeper body counts as no JSON.
MAX_JSON_DEPTH = 100
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, unparsed. ``error`` says in words why there is no (whole) response."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str = ""
    elapsed_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WireOptions:
    """How to connect."""

    timeout_s: float = 60.0
    ca_bundle: str | None = None
    insecure: bool = False
    proxy: str | None = None


class Wire:
    """One pooled HTTP client with a deadline for each whole exchange."""

    def __init__(self, options: WireOptions | None = None, transport: httpx.BaseTransport | None = None) -> None:
        """Open a client; ``transport`` replaces the network (an in-process mock)."""
        self.options = options or WireOptions()
        verify: bool | str = False if self.options.insecure else self.options.ca_bundle or True
        self._client = httpx.Client(
            timeout=self.options.timeout_s,
            transport=transport,
            verify=_context(verify),
            proxy=None if transport else self.options.proxy,
            trust_env=False,
            headers={"user-agent": "pixelproof", "accept-encoding": "gzip, deflate"},
        )

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        follow_redirects: bool = False,
    ) -> Answer:
        """Send one request and read the whole answer within the deadline."""
        started = time.monotonic()
        deadline = started + self.options.timeout_s
        try:
            request = self._client.build_request(method, url, headers=dict(headers or {}), content=content)
            response = self._client.send(request, stream=True, follow_redirects=follow_redirects)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, ConnectionError) as error:
            return Answer(error=_words(error), elapsed_s=time.monotonic() - started)
        body, problem = _read(response, deadline)
        return Answer(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=body,
            error=problem,
            elapsed_s=time.monotonic() - started,
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


def parse_json(body: bytes) -> tuple[bool, object]:
    """Parse a body strictly as JSON: whether it is, and the value."""
    try:
        value: object = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return False, None
    # what is nested deeper is parsed in C, and would end every walk in Python
    deep = body.count(b"[") + body.count(b"{") > MAX_JSON_DEPTH and _depth(value) > MAX_JSON_DEPTH
    return (False, None) if deep else (True, value)


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, dict | list) and item]:
        depth += 1
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return depth


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _context(verify: bool | str) -> bool | ssl.SSLContext:  # noqa: FBT001 - httpx's own parameter
    if isinstance(verify, str):
        return ssl.create_default_context(cafile=verify)
    return verify


def _read(response: httpx.Response, deadline: float) -> tuple[bytes, str]:
    chunks: list[bytes] = []
    size = 0
    try:
        for chunk in response.iter_bytes(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > MAX_BODY_BYTES:
                return b"".join(chunks)[:MAX_BODY_BYTES], f"body longer than {MAX_BODY_BYTES} bytes"
            if time.monotonic() > deadline:
                return b"".join(chunks), "timeout while the body was coming"
    except (httpx.HTTPError, httpx.StreamError, ConnectionError) as error:
        return b"".join(chunks), _words(error)
    finally:
        response.close()
    return b"".join(chunks), ""


def _words(error: Exception) -> str:
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (httpx.ConnectTimeout, "timeout while connecting"),
        (httpx.TimeoutException, "timeout"),
        (httpx.ConnectError, "cannot connect"),
        (httpx.RemoteProtocolError, "connection closed or cut"),
        (httpx.ReadError, "connection reset"),
        (httpx.DecodingError, "undecodable content encoding"),
    )
    word = next((word for kind, word in kinds if isinstance(error, kind)), type(error).__name__)
    return f"{word}: {error}"[:200] if str(error) else word
