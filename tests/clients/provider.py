"""A mock in a process of its own: what a client library meets in real life."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

#: Seconds in which a server has to end after SIGTERM.
PATIENCE_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An account of the mock: its id, and the key that opens it."""

    id: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A mock that was started, and its control plane."""

    base_url: str
    http: httpx.Client

    def caller(self, **account: object) -> Caller:
        """Open an account."""
        made = self.http.post("/__admin/accounts", json=account).raise_for_status().json()
        return Caller(id=made["id"], key=made["key"])

    def statuses(self, caller: Caller) -> list[int]:
        """Return how each request of an account was answered, in order."""
        found = self.http.get("/__admin/requests", params={"account": caller.id}).raise_for_status().json()
        return [line["status"] for line in found["requests"]]


@contextmanager
def served(profile: str) -> Iterator[Provider]:
    """Serve a profile on a free port; afterwards it has to end cleanly on SIGTERM."""
    command = [sys.executable, "-m", "pixelproof", "serve", profile, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            base_url = process.stdout.readline().strip()
            with httpx.Client(base_url=base_url.removesuffix("/v1")) as http:
                yield Provider(base_url=base_url, http=http)
        finally:
            process.terminate()
            code = process.wait(PATIENCE_S)
    assert code == 0, f"serve {profile} ended with {code} after SIGTERM"
