"""One kept connection of one user: leaner than Locust's clients, which measure what we measure ourselves.

Nothing is ever sent twice: whether a request whose connection broke was paid is what the
reconciliation has to find out.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from gevent import socket
from geventhttpclient.response import HTTPSocketResponse

_BLOCK = 1 << 16
_CONNECT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back; status 0 when not even a status did."""

    status: int = 0
    request: str | None = None
    body: bytes = b""
    #: True when no whole answer came.
    is_cut: bool = False


class Caller:
    """Sends requests one after the other; never raises for a bad server."""

    def __init__(self, base_url: str, timeout_s: float, *, insecure: bool = False) -> None:
        """Connect to ``base_url`` when the first request is sent."""
        parts = urlsplit(base_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._path = parts.path.rstrip("/")
        self._place = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        self._host = f" HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: pixelproof-load\r\n".encode()
        self._timeout_s = timeout_s
        self._tls = _tls(insecure=insecure) if parts.scheme == "https" else None
        self._socket: socket.socket | None = None

    def send(self, method: str, path: str, headers: bytes, body: bytes = b"") -> Reply:
        """Send one request below the base URL and read the whole answer.

        ``headers`` are whole lines, each with its end.
        """
        return self._send(method, self._path + path, headers, body)

    def fetch(self, url: str) -> Reply | None:
        """Load an image from the same server, without a key; None when it lies elsewhere."""
        return self._send("GET", url[len(self._origin) :], b"", b"") if url.startswith(f"{self._origin}/") else None

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, method: str, path: str, headers: bytes, body: bytes) -> Reply:
        length = b"Content-Length: %d\r\n" % len(body) if method != "GET" else b""
        request = b"%s %s%s%s%s\r\n%s" % (method.encode(), path.encode(), self._host, headers, length, body)
        try:
            connection = self._connected()
            connection.sendall(request)
            response = HTTPSocketResponse(connection, block_size=_BLOCK, method=method)
        except Exception:  # noqa: BLE001 - a socket, TLS or parse failure: the request ended without an answer
            self.close()
            return Reply(is_cut=True)
        status, name = response.get_code(), response.get("x-request-id")
        named = name if isinstance(name, str) else None
        try:
            content = response.read()
        except Exception:  # noqa: BLE001 - as above, after the head
            self.close()
            return Reply(status=status, request=named, is_cut=True)
        if response.should_close():
            self.close()
        return Reply(status=status, request=named, body=content)

    def _connected(self) -> socket.socket:
        if self._socket is None:
            plain = socket.create_connection(self._place, timeout=_CONNECT_S)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wrapped = plain if self._tls is None else self._tls.wrap_socket(plain, server_hostname=self._place[0])
            wrapped.settimeout(self._timeout_s)
            self._socket = wrapped
        return self._socket


def _tls(*, insecure: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
