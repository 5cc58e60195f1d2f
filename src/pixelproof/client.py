"""The wire of the harness: sends requests, bounds what comes back, never raises for a bad server."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from pixelproof.traffic.deadline import Deadline, TimedBackend
from pixelproof.traffic.decoding import BadEncoding, unfolded

#: A longer body is cut and said so: no server can fill our memory.
MAX_BODY_BYTES = 96 << 20
#: What is kept of a body that was too long: enough to show what it was.
_HEAD_BYTES = 1 << 16
#: Lists and maps inside one another; a deeper body counts as no JSON.
MAX_JSON_DEPTH = 100
#: Values of a JSON body, reckoned by its commas and colons; one with more counts as no JSON,
#: for a byte of text can become a hundred bytes of values.
MAX_JSON_VALUES = 1_000_000
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
    """One pooled HTTP client with a deadline for each whole exchange.

    It keeps no cookies, reads no proxies or keys from the environment, and follows no redirect:
    what a request carries goes to the address it was written for, and nowhere else.
    """

    def __init__(self, options: WireOptions | None = None, transport: httpx.BaseTransport | None = None) -> None:
        """Open a client; ``transport`` replaces the network (an in-process mock)."""
        self.options = options or WireOptions()
        self._deadline = Deadline()
        self._client = httpx.Client(
            timeout=self.options.timeout_s,
            transport=transport or _network(self.options, self._deadline),
            trust_env=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            headers={"user-agent": "pixelproof", "accept-encoding": "gzip, deflate"},
        )

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Send one request and read the whole answer within the deadline."""
        started = time.monotonic()
        with self._deadline.within(self.options.timeout_s) as deadline:
            try:
                request = self._client.build_request(method, url, headers=dict(headers or {}), content=content)
                response = self._client.send(request, stream=True)
            except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
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
    if len(body) > MAX_JSON_VALUES and body.count(b",") + body.count(b":") > MAX_JSON_VALUES:
        return False, None
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


def _network(options: WireOptions, deadline: Deadline) -> httpx.HTTPTransport:
    """Return httpx's transport on connections that know the deadline. Raises OSError and ValueError."""
    verify: bool | str = False if options.insecure else options.ca_bundle or True
    context = ssl.create_default_context(cafile=verify) if isinstance(verify, str) else verify
    transport = httpx.HTTPTransport(verify=context, proxy=options.proxy, trust_env=False)
    # httpx offers no way to pass a backend on; the pin below 1 in pyproject.toml keeps this true
    transport._pool._network_backend = TimedBackend(deadline)  # noqa: SLF001 - see above
    return transport


def _read(response: httpx.Response, deadline: float) -> tuple[bytes, str]:
    body = bytearray()
    try:
        for piece in unfolded(response.iter_raw(_CHUNK), response.headers.get("content-encoding", "")):
            body += piece
            if len(body) > MAX_BODY_BYTES:
                return bytes(body[:_HEAD_BYTES]), f"body longer than {MAX_BODY_BYTES} bytes"
            if time.monotonic() > deadline:
                return bytes(body[:_HEAD_BYTES]), "timeout while the body was coming"
    except BadEncoding as error:
        return bytes(body[:_HEAD_BYTES]), f"undecodable content encoding: {error}"
    except (httpx.HTTPError, httpx.StreamError, OSError) as error:
        return bytes(body[:_HEAD_BYTES]), _words(error)
    finally:
        response.close()
    return bytes(body), ""


def _words(error: Exception) -> str:
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (httpx.ConnectTimeout, "timeout while connecting"),
        (httpx.TimeoutException, "timeout"),
        (httpx.ConnectError, "cannot connect"),
        (httpx.RemoteProtocolError, "connection closed or cut"),
        (httpx.ReadError, "connection reset"),
    )
    word = next((word for kind, word in kinds if isinstance(error, kind)), type(error).__name__)
    return f"{word}: {error}"[:200] if str(error) else word
