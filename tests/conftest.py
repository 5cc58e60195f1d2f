"""Where the state of the mocks under test lives: in memory, or in a Redis or Valkey."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from threading import Barrier
from typing import Any

import pytest

#: "auto", or redis://127.0.0.1:6379/0: the tests of the mock run against it, each app in a namespace of its own.
VARIABLE = "PIXELPROOF_TEST_STATE"
_AUTO = "auto"
_WAIT_S = 20.0
#: Threads of a race.
RACERS = 64


def pytest_configure() -> None:
    """Let programs under test hear Ctrl-C: a shell that runs us in the background has it ignored, and so would they."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def running_store(port: int | None = None) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a store of our own on a free port, which keeps nothing; yields its URL and its process."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        _without_store("neither redis-server nor valkey-server is installed")
    port = port or _free_port()
    command = [str(program), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(port, process)
        yield f"redis://127.0.0.1:{port}/0", process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def redis_server() -> Callable[..., AbstractContextManager[tuple[str, subprocess.Popen[bytes]]]]:
    """Return what runs a store that a test may stop and kill."""
    return running_store


@pytest.fixture(scope="session")
def store() -> Iterator[str]:
    """The URL of a store: the one that was named, or one of our own."""
    named = os.environ.get(VARIABLE, _AUTO)
    if named != _AUTO:
        yield named
        return
    with running_store() as (url, _):
        yield url


@pytest.fixture(scope="session")
def shared_state(store: str) -> Callable[[], str]:
    """Return a function to a shared state that nobody has used yet."""
    return lambda: f"{store}?namespace=test-{secrets.token_hex(6)}"


@pytest.fixture(scope="session")
def fresh_state(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Return a function to a state that nobody has used yet, in memory unless a store is named."""
    if VARIABLE not in os.environ:
        return lambda: "memory"
    shared: Callable[[], str] = request.getfixturevalue("shared_state")
    return shared


@pytest.fixture(scope="session")
def crowd() -> Iterator[ThreadPoolExecutor]:
    """Threads that wait for a race."""
    with ThreadPoolExecutor(RACERS) as threads:
        yield threads


@pytest.fixture
def at_once(crowd: ThreadPoolExecutor) -> Iterator[Callable[[Callable[[int], Any]], list[Any]]]:
    """Return what lets 64 threads act at the same moment; they change places a thousand times as often as usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)

    def race(act: Callable[[int], Any]) -> list[Any]:
        gate = Barrier(RACERS)

        def run(number: int) -> Any:
            gate.wait(30)
            return act(number)

        return list(crowd.map(run, range(RACERS)))

    yield race
    sys.setswitchinterval(usual)


def _without_store(why: str) -> None:
    # a machine that builds has it; on somebody's desk it may be missing
    if os.environ.get("CI") or VARIABLE in os.environ:
        pytest.fail(f"{why}: apt-get install redis-server", pytrace=False)
    pytest.skip(why)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _WAIT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    pytest.fail(f"the store does not answer on port {port}")
