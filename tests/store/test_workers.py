"""``serve --workers``: one port, several processes, one state."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

SERVE = (sys.executable, "-m", "pixelproof", "serve", "openai", "--port", "0")


@pytest.fixture
def served(shared_state: Callable[[], str]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    command = [*SERVE, "--workers", "2", "--state", shared_state()]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield process, int(process.stdout.readline().rpartition(":")[2].partition("/")[0])
    process.terminate()
    rest, _ = process.communicate(timeout=30)
    assert rest == "", "the address is said once"


def test_every_worker_knows_every_account(served: tuple[subprocess.Popen[str], int]) -> None:
    process, port = served
    assert len(workers(process)) == 2
    ids = set()
    for _ in range(20):
        status, request_id = ask(port)
        assert status == 200
        ids.add(request_id)
    assert len(ids) == 20, "workers number their requests apart"
    assert spent(port) == 0.4


def test_a_killed_worker_is_replaced_and_nothing_is_lost(served: tuple[subprocess.Popen[str], int]) -> None:
    process, port = served
    assert ask(port)[0] == 200
    first, second = workers(process)
    os.kill(first, signal.SIGKILL)
    assert ask_patiently(port) == 200
    deadline = time.monotonic() + 30
    while len(workers(process)) < 2 or first in workers(process):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert second in workers(process)
    assert spent(port) == 0.04


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--workers", "2"], 2, "several workers need a shared --state"),
        (["--state", "redis://:secret@127.0.0.1:1/0"], 3, "redis://127.0.0.1:1/0 cannot be reached"),
        (["--state", "postgres://db"], 2, "--state cannot be 'postgres'"),
    ],
)
def test_what_cannot_be_is_one_sentence(options: list[str], code: int, said: str) -> None:
    done = subprocess.run([*SERVE, *options], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert "secret" not in done.stderr


def workers(process: subprocess.Popen[str]) -> list[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii")
    return [int(pid) for pid in children.split()]


def ask(port: int) -> tuple[int, str]:
    headers = {"Authorization": "Bearer sk-real", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("POST", "/v1/images/generations", json.dumps({"prompt": "a cat"}), headers)
        with connection.getresponse() as answer:
            answer.read()
            return answer.status, str(answer.getheader("x-request-id"))


def ask_patiently(port: int) -> int:
    """Ask until somebody is there: connections that the dead worker was to take are lost."""
    for _ in range(50):
        try:
            return ask(port)[0]
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    return 0


def spent(port: int) -> float:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", "/__admin/accounts")
        with connection.getresponse() as answer:
            (account,) = json.loads(answer.read())["accounts"]
            return float(account["charged"])
