"""A real server in a process of its own, and talk with it in bytes."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

#: Serves profiles with short limits of time, so that tests of them are short.
PROGRAM = """
import sys
from pixelproof import loading
from pixelproof.mock_server import serve
from pixelproof.mock_server.worker import relief, serving
from pixelproof.settings import MockSettings
relief.BODY_S, serving.HEAD_S = float(sys.argv[1]), int(sys.argv[2])
serve([loading.shipped(name) for name in sys.argv[3:]], MockSettings(debug_headers=True), "127.0.0.1", 0, 1)
"""
#: Longest wait for anything that a test expects to come.
PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A running server."""

    process: subprocess.Popen[str]
    port: int

    def connect(self) -> socket.socket:
        """Open a connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def talk(self, data: bytes, *, ends: bool = False) -> bytes:
        """Send bytes and return everything that comes until the server closes; ``ends`` says that no more follow."""
        with closing(self.connect()) as connection:
            try:
                connection.sendall(data)
                if ends:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it answers before all was sent
            return rest(connection)

    def is_serving(self) -> bool:
        """Ask for the health of the server."""
        said = self.talk(b"GET /__admin/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return said.startswith(b"HTTP/1.1 200")


def rest(connection: socket.socket) -> bytes:
    """Return what comes until the other side closes; raises TimeoutError when it never does."""
    said = b""
    try:
        while block := connection.recv(65536):
            said += block
    except ConnectionError:
        pass
    return said


@contextmanager
def live(*profiles: str, body_s: float = 20.0, head_s: int = 20) -> Iterator[Live]:
    """Serve profiles; afterwards nothing stands on stderr, and the exit code is 0."""
    command = [sys.executable, "-c", PROGRAM, str(body_s), str(head_s), *profiles]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    port = int(process.stdout.readline().strip().removesuffix("/v1").rpartition(":")[2])
    try:
        yield Live(process=process, port=port)
    finally:
        if process.poll() is None:
            process.terminate()
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


def until(condition: object, what: str) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if callable(condition) and condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {PATIENCE_S} s")
