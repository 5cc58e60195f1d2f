"""One kept connection of one user: leaner than Locust's clients, which measure what we measure ourselves.

Nothing is ever sent twice: whether a request whose connection broke was paid is what the
reconciliation has to find out.
"""

from __future__ import annotations

from dataclasses import dataclass

from gevent import socket
from geventhttpclient.response import HTTPSocketResponse

from .route import Route

_BLOCK = 1 << 16


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

    def __init__(self, route: Route) -> None:
        """Connect when the first request is sent."""
        self._route = route
        server = route.server
        self._origin = f"{server.scheme}://{server.netloc}"
        self._path, self._prefix = server.path.rstrip("/"), route.prefix
        host = f" HTTP/1.1\r\nHost: {server.netloc}\r\nUser-Agent: pixelproof-load\r\n"
        self._host = host.encode() + route.headers
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
        request = b"%s %s%s%s%s\r\n%s" % (
            method.encode(),
            (self._prefix + path).encode(),
            self._host,
            headers,
            length,
            body,
        )
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
            self._socket = self._route.connect()
        return self._socket
