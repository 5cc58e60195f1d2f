"""Prism plays the provider of one document: valid requests get a valid answer, invalid ones a 4xx."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import yaml

PRISM = "@stoplight/prism-cli@5.14.2"
_START_S = 60
_FORM = (
    b'--b\r\nContent-Disposition: form-data; name="%s"; filename="a.png"\r\n'
    b"Content-Type: image/png\r\n\r\nx\r\n--b--\r\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, and whether its document calls it valid."""

    name: str
    method: str
    path: str
    body: bytes | None
    media_type: str
    is_valid: bool
    key: str = "Bearer sk-prism"


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """How many requests were answered as the document says, and what was wrong with the others."""

    valid: int
    invalid: int
    wrong: tuple[str, ...]


def play(document: Path) -> Play:
    """Send every example of a document, and a broken request for each operation with a body."""
    requests = list(requests_of(yaml.safe_load(document.read_text("utf-8"))))
    with _prism(document) as port:
        wrong = tuple(found for request in requests if (found := _judged(port, request)))
    return Play(
        valid=sum(request.is_valid for request in requests),
        invalid=sum(not request.is_valid for request in requests),
        wrong=wrong,
    )


def requests_of(document: dict[str, Any]) -> Iterator[Request]:
    """Yield what is sent to each operation: its examples, nothing at all, and a request without a key."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            where = {"method": method.upper(), "path": path.replace("{task_id}", "task_0001")}
            content = operation.get("requestBody", {}).get("content", {})
            plain = Request(**where, name="plain", body=None, media_type="", is_valid=True)
            yield Request(**where, name="no key", body=None, media_type="", is_valid=False, key="")
            for media_type, described in content.items():
                yield from _bodies(where, media_type, described)
            if not content:
                yield plain


def _bodies(where: dict[str, str], media_type: str, described: dict[str, Any]) -> Iterator[Request]:
    if media_type == "application/json":
        bodies = {name: json.dumps(each["value"]).encode() for name, each in described.get("examples", {}).items()}
        broken = b"{}"
    else:
        (field,) = described["schema"]["required"]
        media_type = f"{media_type}; boundary=b"
        bodies, broken = {"form": _FORM % field.encode()}, _FORM % b"other"
    for name, body in bodies.items():
        yield Request(**where, name=name, body=body, media_type=media_type, is_valid=True)
    yield Request(**where, name="empty", body=broken, media_type=media_type, is_valid=False)


def _judged(port: int, request: Request) -> str | None:
    status, headers, body = _sent(port, request)
    violations = headers.get("sl-violations", "")
    fits = 200 <= status < 300 and not violations if request.is_valid else 400 <= status < 500
    return None if fits else f"{request.method} {request.path} ({request.name}): {status} {violations or body[:200]!r}"


def _sent(port: int, request: Request) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"Content-Type": request.media_type} if request.media_type else {}
    headers |= {"Authorization": request.key} if request.key else {}
    try:
        connection.request(request.method, request.path, body=request.body, headers=headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@contextmanager
def _prism(document: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = ["npx", "--yes", PRISM, "mock", str(document), "--host", "127.0.0.1", "--port", str(port)]
    # a session of its own: npx starts node, and both must go
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        _wait_for(port, process)
        yield port
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    raise SystemExit(f"{PRISM} did not start (exit code {process.poll()}): is node there, and the npm registry?")
