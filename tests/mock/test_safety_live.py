"""Raw bytes on sockets: nothing hangs beyond its limit, nobody is starved, and signals end it in order."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from .live import Live, live, rest, until

KEY = b"Authorization: Bearer sk-anybody-0123456789\r\n"
HEAD = b"Host: localhost\r\nConnection: close\r\n" + KEY
BODY = b'{"prompt":"a lighthouse","model":"dall-e-2"}'
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
POST = b"POST /v1/images/generations HTTP/1.1\r\nContent-Type: application/json\r\n" + HEAD
GET = b"GET /v1/models HTTP/1.1\r\n" + HEAD
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

#: What is sent, and how the answer begins: not at all where the connection is just closed.
TRICKS: dict[str, tuple[bytes, bytes]] = {
    "an absolute form": (b"GET http://elsewhere.example/v1/models HTTP/1.1\r\n" + HEAD + b"\r\n", b"HTTP/1.1 200"),
    "two slashes": (b"GET //v1/models HTTP/1.1\r\n" + HEAD + b"\r\n", b"HTTP/1.1 404"),
    "dots": (b"GET /v1/%2e%2e/__admin/accounts HTTP/1.1\r\n" + HEAD + b"\r\n", b"HTTP/1.1 404"),
    "slashes before the controls": (b"GET //__admin/accounts HTTP/1.1\r\n" + HEAD + b"\r\n", b"HTTP/1.1 404"),
    "the controls in capitals": (b"GET /__ADMIN/accounts HTTP/1.1\r\n" + HEAD + b"\r\n", b"HTTP/1.1 404"),
    "the controls for another host": (b"GET /__admin/accounts HTTP/1.0\r\nHost: a.example\r\n\r\n", b"HTTP/1.0 403"),
    "a NUL in the path": (b"GET /v1/models%00 HTTP/1.1\r\n" + HEAD + b"\r\n", b"HTTP/1.1 404"),
    "a raw NUL": (b"GET /v1/mo\0dels HTTP/1.1\r\n" + HEAD + b"\r\n", b"HTTP/1.1 400"),
    "a path of 70,000 bytes": (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n", b"HTTP/1.1 414"),
    "10,000 headers": (GET + b"".join(b"X-%d: a\r\n" % i for i in range(10_000)) + b"\r\n", b"HTTP/1.1 431"),
    "a header of a megabyte": (GET + b"X: " + b"a" * 1_000_000 + b"\r\n\r\n", b"HTTP/1.1 431"),
    "a folded header": (GET + b"X: a\r\n b\r\n\r\n", b"HTTP/1.1 400"),
    "HTTP/2 without asking": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b""),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100), b"HTTP/1.1 400"),
    "no HTTP": (b"hello\r\n\r\n", b"HTTP/1.1 400"),
    "too short a length": (POST + b"Content-Length: 10\r\n\r\n" + BODY, b"HTTP/1.1 400"),
    "a negative length": (POST + b"Content-Length: -5\r\n\r\n" + BODY, b"HTTP/1.1 400"),
    "no number": (POST + b"Content-Length: abc\r\n\r\n" + BODY, b"HTTP/1.1 400"),
    "a length of 23 digits": (POST + b"Content-Length: 99999999999999999999999\r\n\r\n" + BODY, b"HTTP/1.1 400"),
    "two lengths": (POST + b"Content-Length: 5\r\n" + LENGTH + b"\r\n" + BODY, b"HTTP/1.1 400"),
    "a body in chunks": (CHUNKED + b"%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n", b"HTTP/1.1 200"),
    "a bad size of a chunk": (CHUNKED + b"zz\r\n" + BODY + b"\r\n0\r\n\r\n", b"HTTP/1.1 400"),
    "too large a size of a chunk": (CHUNKED + b"f" * 18 + b"\r\n" + BODY + b"\r\n0\r\n\r\n", b"HTTP/1.1 400"),
    "an unknown encoding": (POST + b"Transfer-Encoding: xchunked\r\n" + LENGTH + b"\r\n" + BODY, b"HTTP/1.1 400"),
    "an expectation": (POST + b"Expect: 100-continue\r\n" + LENGTH + b"\r\n" + BODY, b"HTTP/1.1 100"),
    "a strange method": (b"BREW /v1/models HTTP/1.1\r\n" + HEAD + b"\r\n", b"HTTP/1.1 405"),
    "a tunnel": (b"CONNECT localhost:22 HTTP/1.1\r\n" + HEAD + b"\r\n", b"HTTP/1.1 404"),
    "all of the server": (b"OPTIONS * HTTP/1.1\r\n" + HEAD + b"\r\n", b"HTTP/1.1 404"),
    "a body that never comes": (POST + LENGTH + b"\r\n", b"HTTP/1.1 408"),
    "a body of terabytes": (POST + b"Content-Length: 9999999999999\r\n\r\n" + BODY, b"HTTP/1.1 408"),
    "a chunk that never comes": (CHUNKED + b"5\r\nab", b"HTTP/1.1 408"),
    "half a head": (b"GET /v1/models HTTP/1.1\r\nHost: loc", b""),
    "nothing": (b"", b""),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Live]:
    with live("aivene", "stratizon", body_s=1, head_s=1) as one:
        yield one


@pytest.mark.parametrize("name", TRICKS)
def test_whatever_is_sent_is_answered_in_time(name: str, server: Live) -> None:
    sent, begins = TRICKS[name]
    said = server.talk(sent)
    assert said.startswith(begins), said[:200]
    assert bool(said) == bool(begins), said[:200]
    assert server.is_serving()


def test_a_request_hidden_in_a_body_is_no_request(server: Live) -> None:
    hidden = b"GET /__admin/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    sent = (
        POST
        + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n%x\r\n" % len(hidden)
        + hidden
        + b"\r\n0\r\n\r\n"
    )
    assert server.talk(sent).count(b"HTTP/1.1 ") == 1


def test_requests_in_one_go_are_answered_in_order(server: Live) -> None:
    one = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n" + KEY + b"\r\n"
    said = server.talk(one * 4 + GET + b"\r\n")
    assert said.count(b"HTTP/1.1 200") == 5


@pytest.mark.parametrize(
    ("begin", "senders"),
    [(b"GET /v1/models HTTP/1.1\r\nX-Slow: ", 200), (POST + b"Content-Length: 1000\r\n\r\n{", 30)],
    ids=["heads", "bodies"],
)
def test_slow_senders_hold_nobody_up(begin: bytes, senders: int) -> None:
    with live("aivene", body_s=3, head_s=3) as server, ExitStack() as opened:
        slow = [opened.enter_context(closing(server.connect())) for _ in range(senders)]
        for connection in slow:
            connection.sendall(begin)
        for _ in range(5):
            for connection in slow:
                connection.send(b"a")
            began = time.monotonic()
            assert server.talk(GET + b"\r\n").startswith(b"HTTP/1.1 200")
            assert time.monotonic() - began < 2
        for connection in slow:
            rest(connection)  # returns once it has been cut; raises TimeoutError otherwise


def test_many_latencies_on_demand_hold_nobody_up() -> None:
    ask = POST.replace(b"Content-Type", b"X-Mock-Fault: latency=2\r\nContent-Type") + LENGTH + b"\r\n" + BODY
    with live("aivene") as server, ThreadPoolExecutor(28) as pool:
        slow = [pool.submit(server.talk, ask) for _ in range(28)]
        began = time.monotonic()
        assert server.is_serving()
        assert time.monotonic() - began < 2
        assert {each.result()[:12] for each in slow} <= {b"HTTP/1.1 200", b"HTTP/1.1 429"}


def test_a_late_body_is_not_paid_and_says_why(server: Live) -> None:
    said = server.talk(POST + b"Content-Length: 1000\r\n\r\n" + BODY)
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408")
    assert "in time" in json.loads(body)["error"]["message"]


def slow_request(port: int) -> int:
    headers = {"Authorization": "Bearer sk-anybody-0123456789", "X-Mock-Fault": "latency=2"}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("POST", "/v1/images/generations", BODY, {**headers, "Content-Type": "application/json"})
        return connection.getresponse().status


def is_in_flight(server: Live) -> bool:
    said = server.talk(b"GET /__admin/accounts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    return any(account["in_flight"] for account in json.loads(said.partition(b"\r\n\r\n")[2])["accounts"])


def refuses(server: Live) -> bool:
    try:
        server.connect().close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("numbers", [(signal.SIGTERM,), (signal.SIGINT,), (signal.SIGTERM, signal.SIGTERM)])
def test_a_signal_finishes_what_is_in_flight_and_lets_nobody_in(numbers: tuple[signal.Signals, ...]) -> None:
    with live("aivene") as server, ThreadPoolExecutor(1) as pool:
        slow = pool.submit(slow_request, server.port)
        until(lambda: is_in_flight(server), "the request arrived")
        for number in numbers:
            server.process.send_signal(number)
        until(lambda: refuses(server), "new connections are refused")
        assert not slow.done()
        assert slow.result() == 200
        assert server.process.wait(timeout=20) == 0


def test_slow_senders_do_not_keep_it_from_ending() -> None:
    with live("aivene", body_s=2, head_s=2) as server, ExitStack() as opened:
        for begin in (
            b"GET /v1/mo",
            POST + b"Content-Length: 1000\r\n\r\n{",
            b"",
            GET.replace(b"close", b"keep-alive"),
        ):
            opened.enter_context(closing(server.connect())).sendall(begin)
        until(server.is_serving, "the server answers")
        began = time.monotonic()
        server.process.terminate()
        assert server.process.wait(timeout=20) == 0
        assert time.monotonic() - began < 10


def test_the_number_of_descriptors_and_threads_comes_back(server: Live) -> None:
    for sent, _ in TRICKS.values():
        if sent:
            with closing(socket.create_connection(("127.0.0.1", server.port))) as connection:
                connection.sendall(sent[:5000])
    until(lambda: descriptors(server) < 60, "the connections are closed")


def descriptors(server: Live) -> int:
    """Return how many files and connections the worker has open."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text("ascii")
    return len(list(Path(f"/proc/{children.split()[-1]}/fd").iterdir()))
