"""A zoo of servers that misbehave below HTTP and above it, on plain sockets of the standard library."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TLS = Path(__file__).with_name("tls")
MODELS = b'{"object": "list", "data": [{"id": "dall-e-2"}, {"id": "dall-e-3"}, {"id": "gpt-image-1"}]}'
#: Pace of what trickles, and of what never ends.
DRIP_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as an animal sees it, and which one of its server it is (from 0)."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    number: int


@dataclass(slots=True)
class Cage:
    """A running animal: where it listens, and what it was asked."""

    port: int
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}/v1"


#: Answers one request on its connection; the connection is closed when it returns False.
Animal = Callable[[socket.socket, Asked, Cage], bool]


@contextmanager
def caged(animal: Animal, certificate: str | None = None) -> Iterator[Cage]:
    """Let an animal listen on a free port, with TLS where a certificate is named."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TLS / f"{certificate}.pem", TLS / "key.pem")
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        cage = Cage(listener.getsockname()[1])
        listener.settimeout(0.1)
        keeper = threading.Thread(target=_keep, args=(listener, animal, cage, context), daemon=True)
        keeper.start()
        try:
            yield cage
        finally:
            cage.over.set()
            keeper.join(5)


def answer(status: str, body: bytes, content_type: str = "application/json", *more: str) -> bytes:
    """Return a whole response as bytes; ``more`` are further header lines."""
    lines = [f"HTTP/1.1 {status}", f"content-type: {content_type}", f"content-length: {len(body)}", *more]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def always(raw: bytes, *, then_close: bool = True) -> Animal:
    """Return an animal that says the same to everybody."""

    def animal(connection: socket.socket, _asked: Asked, _cage: Cage) -> bool:
        connection.sendall(raw)
        return not then_close

    return animal


def endless(head: bytes, piece: bytes, pace_s: float = 0.0) -> Animal:
    """Return an animal that never comes to an end."""

    def animal(connection: socket.socket, _asked: Asked, cage: Cage) -> bool:
        connection.sendall(head)
        while not cage.over.is_set():
            connection.sendall(piece)
            if pace_s:
                time.sleep(pace_s)
        return False

    return animal


def tame_list(wild: Animal) -> Animal:
    """Return an animal that lists its models like a good one, and is wild about everything else."""

    def animal(connection: socket.socket, asked: Asked, cage: Cage) -> bool:
        if asked.method == "GET" and asked.path.endswith("/models"):
            connection.sendall(answer("200 OK", MODELS))
            return True
        return wild(connection, asked, cage)

    return animal


def pictured(url: str) -> Animal:
    """Return an animal whose images are all behind one URL."""
    return tame_list(_images({"url": url}))


def reset(connection: socket.socket, *_: object) -> bool:
    """Cut the connection with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def mute(_connection: socket.socket, _asked: Asked, cage: Cage) -> bool:
    """Take the request and never answer."""
    cage.over.wait(60)
    return False


def _images(item: Mapping[str, str]) -> Animal:
    def animal(connection: socket.socket, asked: Asked, _cage: Cage) -> bool:
        try:
            n = json.loads(asked.body).get("n", 1)
        except ValueError:
            n = 1
        body = json.dumps({"created": int(time.time()), "data": [item] * n}).encode()
        connection.sendall(answer("200 OK", body))
        return True

    return animal


def _keep(listener: socket.socket, animal: Animal, cage: Cage, context: ssl.SSLContext | None) -> None:
    while not cage.over.is_set():
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        threading.Thread(target=_serve, args=(connection, animal, cage, context), daemon=True).start()


def _serve(connection: socket.socket, animal: Animal, cage: Cage, context: ssl.SSLContext | None) -> None:
    with contextlib.suppress(OSError, ValueError):  # a harness that hangs up is what this is about
        connection.settimeout(20)
        if context is not None:
            connection = context.wrap_socket(connection, server_side=True)
        while (asked := _read(connection, len(cage.asked))) is not None:
            cage.asked.append(asked)
            if not animal(connection, asked, cage):
                break
    connection.close()


def _read(connection: socket.socket, number: int) -> Asked | None:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return None
        data += piece
        if data.startswith(b"\x16"):  # a TLS client where none is expected: what an HTTP server says to that
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")
            return None
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    method, path, _ = first.split(" ")
    return Asked(method=method, path=path, headers=headers, body=body, number=number)
