"""Connections of this process as the kernel sees them, to cut one that the server cannot.

granian has no time limit for bodies, and says neither to whom a request belongs nor lets go of it
(its issue 728, "won't fix"). What it does is send an answer when told to: the connection on which
exactly that many bytes went out is the one. Linux tells; elsewhere nothing is cut.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

_DESCRIPTORS = Path("/proc/self/fd")
#: Where ``struct tcp_info`` keeps ``tcpi_bytes_sent``, since Linux 4.19.
_BYTES_SENT = struct.Struct("=Q")
_OFFSET = 200


def sent_bytes(port: int) -> dict[int, int]:
    """Return, for every connection to a port of ours, the descriptor and how many bytes went out."""
    found: dict[int, int] = {}
    for number, connection in _connections(port):
        with closing(connection):
            info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _OFFSET + _BYTES_SENT.size)
            if len(info) >= _OFFSET + _BYTES_SENT.size:
                found[number] = _BYTES_SENT.unpack_from(info, _OFFSET)[0]
    return found


def cut(port: int, before: dict[int, int], sizes: set[int]) -> int:
    """Cut the connections on which exactly so many bytes went out since ``before``; return how many."""
    after = sent_bytes(port)
    wanted = {number for number, sent in after.items() if sent - before.get(number, sent) in sizes - {0}}
    count = 0
    for number, connection in _connections(port):
        with closing(connection):
            if number in wanted:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                    count += 1
    return count


def _connections(port: int) -> Iterator[tuple[int, socket.socket]]:
    if not _DESCRIPTORS.is_dir():
        return
    for name in os.listdir(_DESCRIPTORS):  # noqa: PTH208 - names alone, twice as fast
        with suppress(OSError, ValueError):
            if not stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                continue
            connection = socket.socket(fileno=os.dup(int(name)))
            if _is_to(connection, port):
                yield int(name), connection
            else:
                connection.close()


def _is_to(connection: socket.socket, port: int) -> bool:
    if connection.family not in {socket.AF_INET, socket.AF_INET6} or connection.type != socket.SOCK_STREAM:
        return False
    try:
        connection.getpeername()
        return bool(connection.getsockname()[1] == port)
    except OSError:  # it listens, or has gone
        return False
