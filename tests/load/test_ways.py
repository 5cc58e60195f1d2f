"""The ways to a server: through a proxy, over TLS with a certificate of one's own, by a contract of one's own."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from pixelproof import edges, loading
from pixelproof.client import Answer, Wire
from pixelproof.settings import MockSettings
from pixelproof.targets.control import Account, ControlPlane, ControlRefused
from pixelproof.targets.file import Target
from pixelproof.verification.embedded import in_process, listening

from .builders import loaded, loaded_here

TLS = Path(__file__).parents[1] / "harness" / "tls"


class Proxy:
    """Passes plain requests and tunnels on, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://me:secret@127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def _pass(self, client: socket.socket) -> None:
        with closing(client), client.makefile("rb") as said:
            head = b"".join(iter(said.readline, b"\r\n"))
            method, target, _ = head.split(b" ", 2)
            self.asked.append(head)
            place = target if method == b"CONNECT" else target.split(b"/")[2]
            host, _, port = place.decode().partition(":")
            with closing(socket.create_connection((host, int(port)))) as server:
                if method == b"CONNECT":
                    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                else:  # the rest of the connection follows as it comes: this proxy serves one server only
                    server.sendall(head + b"\r\n")
                threading.Thread(target=_pump, args=(server, client), daemon=True).start()
                while piece := said.read1(1 << 16):
                    server.sendall(piece)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(1 << 16):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_RDWR)


@contextmanager
def secured(certificate: str) -> Iterator[str]:
    """Serve a mock over TLS; yields its base URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{certificate}.pem", TLS / "key.pem")
    app = edges.create_mock([loading.shipped("openai")], MockSettings())
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=context)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


def test_a_plain_load_goes_through_a_proxy(tmp_path: Path) -> None:
    with closing(Proxy()) as proxy:
        result = loaded_here(tmp_path, "openai", proxy=proxy.url, requests=40, users=4)
    assert result.reconciliation.exact is True
    lines = [head for head in proxy.asked if b"pixelproof-load" in head]
    assert lines[0].startswith(b"POST http://127.0.0.1:"), "the origin stands in the request"
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0" in lines[0]


@pytest.mark.parametrize("way", ["straight", "tunnel"])
def test_a_certificate_of_ones_own_is_trusted_also_through_a_tunnel(way: str, tmp_path: Path) -> None:
    with closing(Proxy()) as proxy, secured("right") as url:
        given: dict[str, Any] = {"proxy": proxy.url} if way == "tunnel" else {}
        result = loaded(
            tmp_path,
            "openai",
            target=Target(base_url=url, control=url.replace("/v1", "/__admin")),
            ca_bundle=str(TLS / "right.pem"),
            requests=40,
            users=4,
            timeout_s=3.0,
            **given,
        )
    assert result.tally.errors == 0
    assert result.reconciliation.exact is True
    assert any(head.startswith(b"CONNECT 127.0.0.1:") for head in proxy.asked) is (way == "tunnel")


def test_a_contract_of_ones_own_prices_the_load(tmp_path: Path) -> None:
    shipped = loading.path_of("openai").read_text("utf-8")
    (tmp_path / "claims.yaml").write_bytes(loading.path_of("openai").with_name("claims.yaml").read_bytes())
    own = tmp_path / "contract.yaml"
    own.write_text(shipped.replace("profile: openai", "profile: ours", 1), "utf-8")
    result = loaded(tmp_path / "out", None, contract_file=own, requests=60)
    assert (result.profile, result.reconciliation.exact, result.exit_code) == ("ours", True, 0)


class Flaky(Wire):
    """Gets no answer to its first request."""

    def __init__(self) -> None:
        super().__init__(transport=in_process(loading.shipped("openai"), MockSettings()))
        self.sent: list[str] = []

    def send(self, method: str, url: str, **how: Any) -> Answer:
        self.sent.append(method)
        return Answer(error="connection reset") if len(self.sent) == 1 else super().send(method, url, **how)


def test_a_ledger_is_asked_for_again_when_a_process_of_the_server_is_gone() -> None:
    flaky = Flaky()
    control = ControlPlane(flaky, "http://127.0.0.1/__admin", "openai")
    account = Account(id="nobody", key="sk-proj-nobody")
    with pytest.raises(ControlRefused, match="404"):
        control.ledger(account, 0)
    assert flaky.sent == ["GET", "GET"]


def test_what_moves_something_is_never_asked_for_twice() -> None:
    flaky = Flaky()
    with pytest.raises(ControlRefused, match="connection reset"):
        ControlPlane(flaky, "http://127.0.0.1/__admin", "openai").advance(Account(id="nobody", key="sk"), 5.0)
    assert flaky.sent == ["POST"]


def test_a_control_plane_with_a_token_is_asked_with_it(tmp_path: Path) -> None:
    app = edges.create_mock([loading.shipped("openai")], MockSettings(admin_token="open sesame"))
    with listening(app) as port:
        base = f"http://127.0.0.1:{port}"
        target = Target(base_url=f"{base}/v1", control=f"{base}/__admin", control_token="open sesame")
        result = loaded(tmp_path, "openai", target=target, requests=40, timeout_s=3.0)
    assert result.reconciliation.by == "entries"
