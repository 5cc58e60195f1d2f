"""A mock in a process of its own: what a client library meets in real life."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from pixelproof.contract import Contract

from .offers import contract_of

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

    profile: str
    base_url: str
    http: httpx.Client

    @property
    def contract(self) -> Contract:
        return contract_of(self.profile)

    def caller(self, **account: object) -> Caller:
        """Open an account."""
        made = self.http.post("/__admin/accounts", json=account).raise_for_status().json()
        return Caller(id=made["id"], key=made["key"])

    def stranger(self) -> Caller:
        """Return a key of the provider's form that opens nothing."""
        return Caller(id="", key=self.contract.auth.mint.replace("{token}", "invalid-key"))

    def journal(self, caller: Caller) -> list[dict[str, Any]]:
        """Return what an account asked and was answered, in order."""
        lines: list[dict[str, Any]] = self._told("/requests", account=caller.id)["requests"]
        return lines

    def statuses(self, caller: Caller) -> list[int]:
        """Return how each request of an account was answered, in order."""
        return [line["status"] for line in self.journal(caller)]

    def bodies(self, caller: Caller) -> list[dict[str, Any]]:
        """Return what each request of an account said, in order."""
        return [line["request"] for line in self.journal(caller)]

    def charged(self, caller: Caller) -> str:
        """Return the money that left an account's wallet; its ledger has to balance."""
        assert self._told(f"/accounts/{caller.id}/ledger/check")["balanced"] is True
        amount: str = self._told(f"/accounts/{caller.id}")["charged"]
        return amount

    def fail(self, **fault: object) -> str:
        """Put up a fault; return its id."""
        made: str = self.http.post("/__admin/faults", json=fault).raise_for_status().json()["id"]
        return made

    def hits(self, fault: str) -> int:
        """Return how many requests a fault has hit."""
        hits: int = self._told(f"/faults/{fault}")["hits"]
        return hits

    def _told(self, path: str, **query: str) -> dict[str, Any]:
        told: dict[str, Any] = self.http.get(f"/__admin{path}", params=query).raise_for_status().json()
        return told


class Street:
    """The providers of a session; each opens when it is first visited."""

    def __init__(self, opened: ExitStack) -> None:
        self._opened = opened
        self._providers: dict[str, Provider] = {}

    def __getitem__(self, profile: str) -> Provider:
        if profile not in self._providers:
            self._providers[profile] = self._opened.enter_context(served(profile))
        return self._providers[profile]


@contextmanager
def served(profile: str) -> Iterator[Provider]:
    """Serve a profile on a free port; afterwards it has to end cleanly on SIGTERM."""
    command = [sys.executable, "-m", "pixelproof", "serve", profile, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            base_url = process.stdout.readline().strip()
            with httpx.Client(base_url=base_url.removesuffix("/v1")) as http:
                yield Provider(profile=profile, base_url=base_url, http=http)
        finally:
            process.terminate()
            code = process.wait(PATIENCE_S)
    assert code == 0, f"serve {profile} ended with {code} after SIGTERM"
