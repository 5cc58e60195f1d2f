"""One deadline for a whole exchange: connecting, headers and body, however slowly they trickle."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore

#: Bytes handed to a connection at once: between two pieces the deadline is looked at.
_PIECE = 1 << 16

_Options = Iterable[tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]]


class Deadline:
    """When the exchange of the current thread must be over; none without one."""

    def __init__(self) -> None:
        self._of = threading.local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[float]:
        """Set the deadline of this thread, and yield it as an instant of the monotonic clock."""
        self._of.at = time.monotonic() + seconds
        try:
            yield self._of.at
        finally:
            self._of.at = None

    def left_s(self, most: float | None) -> float | None:
        """Return how long a single wait may still take: ``most``, or what is left of the exchange."""
        at: float | None = getattr(self._of, "at", None)
        if at is None:
            return most
        left = at - time.monotonic()
        return left if most is None else min(left, most)


class TimedBackend(httpcore.NetworkBackend):
    """Opens connections whose every wait ends at the deadline.

    httpx limits each wait on its own, so a server that sends one byte a second never times out.
    """

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _Options | None = None,
    ) -> httpcore.NetworkStream:
        """Connect within what is left."""
        left = _some(self._deadline.left_s(timeout), httpcore.ConnectTimeout)
        return _Timed(self._inner.connect_tcp(host, port, left, local_address, socket_options), self._deadline)


class _Timed(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _some(self._deadline.left_s(timeout), httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            left = _some(self._deadline.left_s(timeout), httpcore.WriteTimeout)
            self._inner.write(buffer[start : start + _PIECE], left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _some(self._deadline.left_s(timeout), httpcore.ConnectTimeout)
        return _Timed(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _some(left: float | None, over: type[httpcore.TimeoutException]) -> float | None:
    """Return the time that is left. Raises ``over`` when there is none: a wait of 0 s would not be one."""
    if left is not None and left <= 0:
        raise over
    return left
