"""The studio on HTTP: routes, keys, uploads, and an envelope of its own for errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from .studio import Customer, Refused, Studio


class House(ThreadingHTTPServer):
    """A listener with its studio."""

    daemon_threads = True
    block_on_close = False
    studio: Studio


class Edge(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: House

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Keep quiet."""

    def _answer(self) -> None:
        self.sent = self.rfile.read(int(self.headers.get("content-length") or 0))
        studio = self.server.studio
        with studio.lock:
            try:
                status, said = self._route(studio)
            except Refused as refused:
                status, said = refused.status, {"problem": {"kind": refused.kind, "says": refused.says}}
        self._write(status, said)

    def _route(self, studio: Studio) -> tuple[int, object]:
        parts = self.path.strip("/").split("/")
        if parts[0] == "files":
            return self._file(studio, parts[-1])
        return self._call(studio, self._customer(studio), parts[1:] if parts[0] == "v1" else [])

    def _call(self, studio: Studio, customer: Customer, parts: list[str]) -> tuple[int, object]:
        match (self.command, *parts):
            case ("POST", "images", "generations" | "image-to-image" as kind):
                job = studio.begin(customer, "text" if kind == "generations" else "image", self._json())
                return studio.accepted, studio.shown(job)
            case ("GET", "tasks", job_id):
                return 200, studio.shown(studio.look(customer, job_id))
            case ("DELETE", "tasks", job_id):
                return 200, studio.shown(studio.cancel(customer, job_id))
            case ("POST", "uploads"):
                return 200, {"artifact": {"artifact_id": studio.keep(customer, self._part("picture"))}}
            case ("GET", "wallet"):
                return 200, {"wallet": {"available": studio.credits_of(customer)}}
        raise Refused(404, "no-route", "nothing is here")

    def _file(self, studio: Studio, name: str) -> tuple[int, object]:
        if name not in studio.files:
            raise Refused(404, "no-file", "nothing is here")
        return 200, studio.files[name]

    def _customer(self, studio: Studio) -> Customer:
        found = studio.keys.get(self.headers.get("authorization", "").removeprefix("Bearer "))
        if found is None:
            raise Refused(401, "no-key", "who are you?")
        return found

    def _json(self) -> dict[str, object]:
        try:
            body = json.loads(self.sent)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refused(422, "body", "a JSON object, please")
        return body

    def _part(self, wanted: str) -> bytes:
        head = f"content-type: {self.headers.get('content-type', '')}\r\n\r\n".encode()
        for part in BytesParser(policy=HTTP).parsebytes(head + self.sent).iter_parts():
            if part.get_param("name", header="content-disposition") == wanted:
                return part.get_payload(decode=True)
        raise Refused(422, wanted, f"an upload has a part '{wanted}'")

    def _write(self, status: int, said: object) -> None:
        data = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "image/png" if isinstance(said, bytes) else "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def open_studio(kind: type[Studio] = Studio, *, task_s: float = 0.3) -> Iterator[str]:
    """Serve a studio on a free port of this machine; yield its address."""
    house = House(("127.0.0.1", 0), Edge)
    base = f"http://127.0.0.1:{house.server_address[1]}"
    house.studio = kind(base, task_s=task_s)
    thread = Thread(target=house.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield base
    finally:
        house.shutdown()
        house.server_close()
        thread.join()
