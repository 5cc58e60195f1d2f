"""Runs the application on granian, or on waitress where granian cannot run."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from threading import Thread
from typing import TYPE_CHECKING, Any

from pixelproof.problems import BadUsage

from ..app import EXTENSION, MockApp, create_app
from ..state.stores import MEMORY
from ..wire import DROPPED
from .heaps import share_granians
from .relief import THREADS, relieve, watch

if TYPE_CHECKING:
    from multiprocessing.synchronize import Semaphore

    from pixelproof.contract import Contract
    from pixelproof.settings import MockSettings

#: Threads on waitress, which takes no request before all of it is there.
_WAITRESS_THREADS = 16
#: Connections at once; further ones wait until one of them has gone.
CONNECTIONS = 1024
#: Seconds for the head of a request, and for a connection to wait for its next one.
HEAD_S = 20
#: Seconds to answer what is in flight after SIGTERM before the worker is killed.
_GRACE_S = 70
#: Longest wait for our own port to answer, and how often the worker looks for its parent.
_WAIT_S, _WATCH_S = 30.0, 0.5


def serve(contracts: Sequence[Contract], settings: MockSettings, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is in flight.

    Prints the base URL of the first profile once it answers; with several profiles, then
    one line ``PROFILE URL`` each. Port 0 picks a free one. Raises BadUsage when the port
    is taken, or when several workers are asked for that share no state: each would have
    wallets of its own.
    """
    if workers > 1 and settings.state == MEMORY:
        hint = "add --state redis://HOST:PORT/DB, or leave --workers at 1"
        raise BadUsage("several workers need a shared --state", hint)
    app = create_app(contracts, settings)
    port = _free_port(host, port)
    lines = _announcement(contracts, host, port)
    if find_spec("granian") is not None:
        _granian(app, host, port, workers, lines)
    elif workers > 1:
        raise BadUsage("several workers need granian", "pip install granian, or leave --workers at 1")
    else:
        _waitress(app, host, port, lines)


def _free_port(host: str, port: int) -> int:
    # granian binds with SO_REUSEPORT, which would share a busy port with another server in silence
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadUsage(f"cannot listen on {host}:{port}: {error.strerror}", "choose another --port") from None
        number: int = probe.getsockname()[1]
        return number


def _announcement(contracts: Sequence[Contract], host: str, port: int) -> list[str]:
    place = f"[{host}]" if ":" in host else host
    base = f"http://{place}:{port}"
    lines = [f"{base}/v1"]
    if len(contracts) > 1:
        lines += [f"{contract.profile} {base}/{contract.profile}/v1" for contract in contracts]
    return lines


def _announce(host: str, port: int, lines: list[str]) -> None:
    if _answers(host, port):
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()


def _answers(host: str, port: int) -> bool:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    deadline = time.monotonic() + _WAIT_S
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((reachable, port), timeout=1) as connection:
                connection.sendall(b"GET /images/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                if connection.recv(12).startswith(b"HTTP/1."):
                    return True
        except OSError:
            time.sleep(0.002)
    return False


def _granian(app: MockApp, host: str, port: int, workers: int, lines: list[str]) -> None:
    share_granians()
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    server = Granian(
        "pixelproof.mock_server",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        respawn_failed_workers=workers > 1,
        blocking_threads=THREADS,
        backpressure=CONNECTIONS,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_S * 1000),
        workers_kill_timeout=_GRACE_S,
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig=_LOG_TO_STDERR,
    )
    # one of the workers says where they are
    unsaid = multiprocessing.Semaphore(1)
    server.serve(target_loader=partial(_load, app, host, port, lines, unsaid), wrap_loader=False)


def _load(app: MockApp, host: str, port: int, lines: list[str], unsaid: Semaphore) -> MockApp:
    # runs in the worker: a thread of the parent would be a thread across a fork
    app.extensions[EXTENSION].in_worker()
    relieve()
    Thread(target=watch, args=(port, app.late), daemon=True).start()
    Thread(target=_accompany, args=(host, port, lines, unsaid), daemon=True).start()
    return app


def _accompany(host: str, port: int, lines: list[str], unsaid: Semaphore) -> None:
    parent = os.getppid()
    if unsaid.acquire(block=False):
        _announce(host, port, lines)
    while os.getppid() == parent:
        time.sleep(_WATCH_S)
    # the parent was killed outright: a worker without it would keep the port for ever
    os.kill(os.getpid(), signal.SIGTERM)


def _waitress(app: MockApp, host: str, port: int, lines: list[str]) -> None:
    from waitress import create_server

    server: Any = create_server(app, host=host, port=port, threads=_WAITRESS_THREADS)
    signal.signal(signal.SIGTERM, lambda *_: server.close())
    Thread(target=_announce, args=(host, port, lines), daemon=True).start()
    server.run()


def _is_news(record: logging.LogRecord) -> bool:
    return DROPPED not in record.getMessage()


_HANDLER = {
    "class": "logging.StreamHandler",
    "stream": "ext://sys.stderr",
    "formatter": "generic",
    "filters": ["news"],
}
_LOG_TO_STDERR: dict[str, Any] = {
    "filters": {"news": {"()": lambda: _is_news}},
    "handlers": {"console": _HANDLER, "access": _HANDLER},
}
