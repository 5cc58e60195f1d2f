"""What every synchronous house stands on: an HTTP edge, keys with wallets, and shelves for pictures.

Which promises a house keeps is its own affair; nothing here knows one.
"""

from __future__ import annotations

import itertools
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Refused(Exception):
    """A request that is not carried out: status, a word for machines, one for people, and what else a house says."""

    def __init__(self, status: int, kind: str, says: str, **more: Any) -> None:
        super().__init__(says)
        self.status, self.kind, self.says, self.more = status, kind, says, more


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes

    def bearer(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    def json(self) -> dict[str, Any] | None:
        """Return the JSON object that was sent, None when it is none."""
        try:
            body = json.loads(self.raw, parse_constant=_no_number)
        except ValueError:
            return None
        return body if isinstance(body, dict) else None


@dataclass(frozen=True)
class Said:
    status: int
    #: Bytes are sent as they are, text as text, anything else as JSON.
    body: Any
    headers: tuple[tuple[str, str], ...] = ()
    media: str = "application/json"


@dataclass
class Wallet:
    money: Decimal
    #: When a charge shows, and how much it is.
    late: list[tuple[float, Decimal]] = field(default_factory=list)

    def take(self, amount: Decimal, *, shows_in_s: float = 0) -> None:
        self.money -= amount
        self.late.append((time.monotonic() + shows_in_s, amount))

    def shown(self) -> Decimal:
        now = time.monotonic()
        self.late = [move for move in self.late if move[0] > now]
        return self.money + sum((amount for _, amount in self.late), Decimal(0))


@dataclass
class Key:
    wallet: Wallet
    #: What it may ask for in a minute.
    a_minute: int = 1_000_000
    billed: bool = True
    scoped: bool = True
    #: What it may spend, None for all.
    budget: Decimal | None = None
    spent: Decimal = Decimal(0)
    #: When it asked, and for how many images.
    asked: list[tuple[float, int]] = field(default_factory=list)


class House:
    """A provider; a subclass says which."""

    protocol = "HTTP/1.1"
    chunked = False
    #: Where pictures are shown.
    shelf = "/pictures/"

    def __init__(self, base: str) -> None:
        self.base = base
        self.lock = threading.RLock()
        self.shelves: dict[str, tuple[str, bytes]] = {}
        self.numbers = itertools.count(1)

    def answer(self, asked: Asked) -> Said:
        """Answer whatever is asked."""
        if asked.path.startswith(self.shelf):
            return self.picture(asked.path.removeprefix(self.shelf))
        try:
            return self.route(asked)
        except Refused as refused:
            return self.refusal(refused)

    def route(self, asked: Asked) -> Said:
        raise NotImplementedError

    def refusal(self, refused: Refused) -> Said:
        raise NotImplementedError

    def put_up(self, kind: str, data: bytes) -> str:
        """Put a picture up and return its address."""
        name = f"{secrets.token_hex(6)}.{kind}"
        self.shelves[name] = (kind, data)
        return f"{self.base}{self.shelf}{name}"

    def picture(self, name: str) -> Said:
        if name not in self.shelves:
            return Said(404, "gone", media="text/plain")
        kind, data = self.shelves[name]
        return Said(200, data, media=f"image/{kind}")


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    house: House


class _Edge(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Listener

    def setup(self) -> None:
        self.protocol_version = self.server.house.protocol
        super().setup()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Keep quiet."""

    def _answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._write(self.server.house.answer(Asked(self.command, self.path.partition("?")[0], headers, raw)))

    def _write(self, said: Said) -> None:
        data = said.body.encode() if isinstance(said.body, str) else said.body
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.send_response(said.status)
        for name, value in (*said.headers, ("content-type", said.media)):
            self.send_header(name, value)
        chunked = self.server.house.chunked
        self.send_header(*(("transfer-encoding", "chunked") if chunked else ("content-length", str(len(data)))))
        self.end_headers()
        self.wfile.write(_in_chunks(data) if chunked else data)


def _in_chunks(data: bytes) -> bytes:
    middle = len(data) // 3
    pieces = (piece for piece in (data[:middle], data[middle:]) if piece)
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def _no_number(name: str) -> float:
    raise ValueError(name)


@contextmanager
def open_house(kind: type[House]) -> Iterator[str]:
    """Open a house on a free port of this machine; yield its address."""
    listener = _Listener(("127.0.0.1", 0), _Edge)
    base = f"http://127.0.0.1:{listener.server_address[1]}"
    listener.house = kind(base)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield base
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
