# ruff: noqa: ARG002 - what one liar looks at another does not need
"""A small gateway of our own, faithful by default; each liar changes exactly one thing about it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from pixelproof import loading, pricing
from pixelproof.matrix import matrix_of

PATH = "/v1/images/generations"
#: Callers of a gateway with keys of its own.
CALLERS = ("gw-caller-one-0123456789", "gw-caller-two-0123456789")
CONTRACT = loading.shipped("openai")
HOP = {"connection", "transfer-encoding", "content-length", "content-encoding", "server", "date", "keep-alive"}


@dataclass
class Reply:
    """What goes back to a caller, or came from the upstream."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def having(self, value: object) -> Reply:
        return Reply(self.status, json.dumps(value).encode(), {**self.headers, "content-type": "application/json"})


def error(status: int, message: str, kind: str = "server_error", **headers: str) -> Reply:
    body = {"error": {"message": message, "type": kind, "param": None, "code": None}}
    return Reply(status, json.dumps(body).encode(), {"content-type": "application/json", **headers})


class Broke(Exception):
    """The upstream gave no whole answer."""


class Gateway:
    """A faithful reverse proxy. With ``own`` it has callers of its own, with wallets, and asks with one key."""

    own = False
    #: How long the upstream is waited for, in seconds.
    patience_s = 20.0

    def __init__(self, upstream: str, key: str, log: Path | None = None) -> None:
        self.upstream, self.key, self.log = upstream, key, log
        self.url = ""
        self.client = httpx.Client(trust_env=False, timeout=self.patience_s, limits=httpx.Limits(max_connections=100))
        self.wallets = dict.fromkeys(CALLERS, Decimal(100_000))
        self.lock = threading.RLock()
        self.memory: dict[str, Any] = {}

    # what liars change

    def outgoing(self, body: dict[str, Any]) -> dict[str, Any]:
        return body

    def ask(self, body: dict[str, Any], authorization: str) -> Reply:
        return self.once(body, authorization)

    def incoming(self, reply: Reply, body: dict[str, Any]) -> Reply:
        return reply

    def failure(self, body: dict[str, Any]) -> Reply:
        return error(502, "the upstream gave no whole answer")

    def upstream_authorization(self, caller: str) -> str:
        return f"Bearer {self.key}" if self.own else caller

    def trouble(self, reply: Reply) -> Reply:
        """With a key of our own, what is wrong with it is not the caller's affair."""
        return error(502, "the upstream refuses us") if reply.status in {401, 402, 403} else reply

    def price(self, reply: Reply, body: dict[str, Any]) -> Decimal:
        value = reply.json() if reply.ok else None
        return self.unit(body) * len(value["data"]) if value and value.get("data") else Decimal(0)

    def unit(self, body: dict[str, Any]) -> Decimal:
        """Return what one image costs, by the provider's own list."""
        try:
            units = pricing.charge(CONTRACT, matrix_of(CONTRACT), {**body, "n": 1})
        except pricing.NoPrice:
            return Decimal(0)
        return Decimal(CONTRACT.billing.currency.format(units))

    # how it works

    def once(self, body: dict[str, Any], authorization: str) -> Reply:
        headers = {"content-type": "application/json", "host": self.url.removeprefix("http://")}
        headers |= {"authorization": authorization} if authorization else {}
        try:
            found = self.client.post(f"{self.upstream}{PATH}", json=body, headers=headers)
        except httpx.HTTPError as problem:
            raise Broke from problem
        kept = {name: value for name, value in found.headers.items() if name.lower() not in HOP}
        return Reply(found.status_code, found.content, kept)

    def generate(self, raw: bytes, authorization: str, headers: dict[str, str]) -> Reply:
        caller = authorization.removeprefix("Bearer ")
        if self.own and caller not in self.wallets:
            return error(401, "unknown key", "invalid_request_error")
        try:
            body = json.loads(raw)
        except ValueError:
            return error(400, "no JSON", "invalid_request_error")
        if not isinstance(body, dict):
            return error(400, "no JSON object", "invalid_request_error")
        reply = self.served(body, authorization)
        if self.own:
            with self.lock:
                self.wallets[caller] -= self.price(reply, body)
        return reply

    def served(self, body: dict[str, Any], authorization: str) -> Reply:
        try:
            reply = self.ask(self.outgoing(dict(body)), self.upstream_authorization(authorization))
        except Broke:
            return self.failure(body)
        if self.own:
            reply = self.trouble(reply)
        return self.incoming(reply, body)

    def fetch(self, path: str, authorization: str) -> Reply:
        if path == "/v1/wallet":
            return Reply(
                200, json.dumps({"balance": str(self.wallets[authorization.removeprefix("Bearer ")])}).encode()
            )
        headers = {"host": self.url.removeprefix("http://")}
        headers |= {"authorization": self.upstream_authorization(authorization)} if authorization else {}
        found = self.client.get(f"{self.upstream}{path}", headers=headers)
        return Reply(found.status_code, found.content, {"content-type": found.headers.get("content-type", "")})

    def finished(self, reply: Reply) -> Reply:
        return reply


@contextmanager
def listening(gateway: Gateway) -> Iterator[int]:
    """Serve a gateway on a free port while the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # header and body in one packet, which no delayed acknowledgement holds up
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._answer(gateway.generate(raw, headers.get("authorization", ""), headers))

        def do_GET(self) -> None:
            self._answer(gateway.fetch(self.path, self.headers.get("authorization", "")))

        def _answer(self, reply: Reply) -> None:
            reply = gateway.finished(reply)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        gateway.client.close()
