"""A mock in this process: over a loopback socket for ``verify``, without one for self-tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from pixelproof import edges
from pixelproof.contract import Contract
from pixelproof.settings import MockSettings


@contextmanager
def running(contract: Contract, settings: MockSettings) -> Iterator[str]:
    """Serve one contract on a free loopback port; yields the base URL (with ``/v1``)."""
    with listening(edges.create_mock([contract], settings)) as port:
        yield f"http://127.0.0.1:{port}/v1"


@contextmanager
def listening(app: edges.WsgiApp) -> Iterator[int]:
    """Serve an application on a free loopback port, in a thread of this process; yields the port."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's own signature
            """Say nothing: the harness records the traffic itself."""

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    looking_for_the_end = {"poll_interval": 0.02}  # werkzeug's half second would be a third of a smoke run
    thread = threading.Thread(
        target=server.serve_forever, kwargs=looking_for_the_end, name="pixelproof-mock", daemon=True
    )
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def in_process(contract: Contract, settings: MockSettings) -> httpx.BaseTransport:
    """Return a transport that calls the mock directly."""
    return httpx.WSGITransport(app=edges.create_mock([contract], settings), raise_app_exceptions=False)
