"""A real server says where it is once it answers, and ends cleanly."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = """
import sys
from pixelproof import loading
from pixelproof.mock_server import serve
from pixelproof.settings import MockSettings
serve([loading.shipped(name) for name in sys.argv[2:]], MockSettings(), "127.0.0.1", int(sys.argv[1]), 1)
"""


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[str], int]]:
    process = start("0", "openai", "aivene")
    assert process.stdout is not None
    lines = [process.stdout.readline().strip() for _ in range(3)]
    base = lines[0].removesuffix("/v1")
    assert lines == [f"{base}/v1", f"openai {base}/openai/v1", f"aivene {base}/aivene/v1"]
    yield process, int(base.rpartition(":")[2])
    if process.poll() is None:
        process.terminate()
    process.communicate(timeout=20)


def post(port: int, fault: str | None = None) -> tuple[int, bytes]:
    headers = {"Authorization": "Bearer sk-real", "Content-Type": "application/json"}
    if fault is not None:
        headers["X-Mock-Fault"] = fault
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("POST", "/v1/images/generations", json.dumps({"prompt": "a cat"}), headers)
        with connection.getresponse() as answer:
            return answer.status, answer.read()


def test_it_answers_once_it_has_said_where(server: tuple[subprocess.Popen[str], int]) -> None:
    assert post(server[1])[0] == 200


@pytest.mark.parametrize("fault", ["reset", "truncated_body", "lost_response"])
def test_a_dropped_connection_is_really_dropped(fault: str, server: tuple[subprocess.Popen[str], int]) -> None:
    with pytest.raises((http.client.IncompleteRead, ConnectionError, http.client.RemoteDisconnected)):
        post(server[1], fault)
    assert post(server[1])[0] == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_it_finish_what_is_in_flight_and_exit_0(
    number: signal.Signals, server: tuple[subprocess.Popen[str], int]
) -> None:
    process, port = server
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(post, port, "latency=0.6")
        _wait_until_in_flight(port)
        process.send_signal(number)
        assert slow.result()[0] == 200
    out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")


def test_no_worker_outlives_a_killed_server(server: tuple[subprocess.Popen[str], int]) -> None:
    process, port = server
    process.kill()
    process.communicate(timeout=20)  # returns once the worker has closed its end of the pipe
    with pytest.raises(ConnectionError):
        post(port)


def test_a_busy_port_is_refused_with_advice() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        process = start(str(busy.getsockname()[1]), "openai")
        out, err = process.communicate(timeout=20)
    assert process.returncode != 0
    assert "choose another --port" in err
    assert out == ""


def _wait_until_in_flight(port: int) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/__admin/accounts")
        accounts = json.loads(connection.getresponse().read())["accounts"]
        connection.close()
        if any(account["in_flight"] for account in accounts):
            return
        os.sched_yield()
    raise AssertionError("the request never arrived")
