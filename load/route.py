"""The way to a server: straight or through a proxy, plain or over TLS."""

from __future__ import annotations

import ssl
from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from gevent import socket

from pixelproof.loadtest.plan import LoadPlan

_CONNECT_S, _LONGEST_HEAD = 10.0, 1 << 14
_PORTS = {"http": 80, "https": 443}


class ProxyRefused(OSError):
    """The proxy opened no tunnel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where connections go; ``tls`` is None for plain HTTP."""

    server: SplitResult
    proxy: SplitResult | None
    tls: ssl.SSLContext | None
    timeout_s: float

    @property
    def prefix(self) -> str:
        """Return what stands before the path in a request: the origin, where a proxy has to know it."""
        is_told = self.proxy is not None and self.tls is None
        return f"{self.server.scheme}://{self.server.netloc}" if is_told else ""

    @property
    def headers(self) -> bytes:
        """Return the header lines of each request: who one is to a proxy that passes plain requests on."""
        return _credentials(self.proxy) if self.proxy is not None and self.tls is None else b""

    def connect(self) -> socket.socket:
        """Open a connection. Raises OSError."""
        plain = socket.create_connection(_place(self.proxy or self.server), timeout=_CONNECT_S)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls is not None and self.proxy is not None:
            _tunnel(plain, self.server, self.proxy)
        made = plain if self.tls is None else self.tls.wrap_socket(plain, server_hostname=self.server.hostname)
        made.settimeout(self.timeout_s)
        return made


def route_of(plan: LoadPlan) -> Route:
    """Return the way that a plan names."""
    server = urlsplit(plan.base_url)
    return Route(
        server=server,
        proxy=urlsplit(plan.proxy) if plan.proxy else None,
        tls=_tls(plan) if server.scheme == "https" else None,
        timeout_s=plan.timeout_s,
    )


def _tunnel(plain: socket.socket, server: SplitResult, proxy: SplitResult) -> None:
    host, port = _place(server)
    words = f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n".encode()
    plain.sendall(words + _credentials(proxy) + b"\r\n")
    head = b""
    while not head.endswith(b"\r\n\r\n"):  # byte by byte: what follows belongs to TLS
        piece = plain.recv(1)
        if not piece or len(head) > _LONGEST_HEAD:
            raise ProxyRefused("the proxy ended the connection")
        head += piece
    status = head.split(b" ", 2)[1:2]
    if not status or not status[0].startswith(b"2"):
        raise ProxyRefused(f"the proxy answered {head.splitlines()[0]!r}")


def _credentials(proxy: SplitResult) -> bytes:
    if proxy.username is None:
        return b""
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
    return b"Proxy-Authorization: Basic " + b64encode(pair) + b"\r\n"


def _place(address: SplitResult) -> tuple[str, int]:
    return address.hostname or "", address.port or _PORTS.get(address.scheme, 80)


def _tls(plan: LoadPlan) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=plan.ca_bundle)
    if plan.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
