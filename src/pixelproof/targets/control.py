"""The control plane of a pixelproof mock, as the harness uses it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote

from pixelproof.client import Wire, parse_json
from pixelproof.contract import Json
from pixelproof.problems import Problem

#: Further looks at what did not answer, and seconds before each.
_LOOKS, _PAUSE_S = 3, 0.2


class ControlRefused(Problem):
    """The control plane did not do what was asked: look at its address and token."""

    exit_code = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of the mock, with the key that opens it."""

    id: str
    key: str


class ControlPlane:
    """Opens accounts, reads wallets and moves clocks over HTTP."""

    def __init__(self, wire: Wire, base: str, profile: str, token: str | None = None) -> None:
        """Talk to ``base`` (``http://…/__admin``) about accounts of ``profile``."""
        self._wire = wire
        self._base = base.rstrip("/")
        self._profile = profile
        self._headers = {"content-type": "application/json", **({"x-admin-token": token} if token else {})}

    @property
    def address(self) -> str:
        """Return the URL below which the control plane answers."""
        return self._base

    def answers(self) -> bool:
        """Tell whether a pixelproof mock answers here."""
        answer = self._wire.send("GET", f"{self._base}/health", headers=self._headers)
        is_json, value = parse_json(answer.body)
        return bool(is_json and isinstance(value, dict) and value.get("service") == "pixelproof")

    def open_account(self, demand: Mapping[str, Json]) -> Account:
        """Make an account of its own. Raises ControlRefused."""
        made = self._call("POST", "/accounts", {"profile": self._profile, **demand})
        return Account(id=str(made["id"]), key=str(made["key"]))

    def add_key(self, account: Account, demand: Mapping[str, Json]) -> Account:
        """Make another key of an account."""
        made = self._call("POST", f"/accounts/{account.id}/keys", demand)
        return Account(id=account.id, key=str(made["key"]))

    def find(self, key: str) -> Account:
        """Return the account of a key that the user gave us."""
        found = self._call("GET", f"/accounts/{quote(key, safe='')}", None)
        return Account(id=str(found["id"]), key=key)

    def balance(self, account: Account) -> str:
        """Return the available balance as a decimal string."""
        return str(self._call("GET", f"/accounts/{account.id}", None)["balance"])

    def advance(self, account: Account, seconds: float) -> None:
        """Move the clock of an account; returns when everything due has been settled."""
        self._call("POST", "/clock/advance", {"seconds": seconds, "account": account.id})

    def freeze(self, account: Account) -> None:
        """Stop the clock of an account."""
        self._call("POST", "/clock/freeze", {"account": account.id})

    def set_rate(self, account: Account, rate: str) -> None:
        """Set what a US dollar costs an account in rupees, as a decimal string."""
        self._call("PUT", "/forex", {"usd_inr": rate, "account": account.id})

    def ledger_check(self, account: Account) -> Mapping[str, Json]:
        """Return the totals of an account's ledger and whether they balance."""
        return self._call("GET", f"/accounts/{account.id}/ledger/check", None)

    def ledger(self, account: Account, after: int, limit: int = 10_000) -> list[Mapping[str, Json]]:
        """Return up to ``limit`` entries of an account's ledger that are numbered above ``after``."""
        page = self._call("GET", f"/accounts/{account.id}/ledger?after={after}&limit={limit}", None)["entries"]
        return [entry for entry in page if isinstance(entry, dict)] if isinstance(page, list) else []

    def _call(self, method: str, path: str, body: Mapping[str, Json] | None) -> dict[str, Json]:
        content = None if body is None else json.dumps(body).encode()
        answer = self._wire.send(method, f"{self._base}{path}", headers=self._headers, content=content)
        for _ in range(_LOOKS if method == "GET" else 0):  # of several processes one may be gone: look once more
            if answer.status:
                break
            time.sleep(_PAUSE_S)
            answer = self._wire.send(method, f"{self._base}{path}", headers=self._headers, content=content)
        is_json, value = parse_json(answer.body)
        if answer.error or not 200 <= answer.status < 300 or not is_json or not isinstance(value, dict):  # noqa: PLR2004 - 2xx
            said = answer.error or f"{answer.status} {answer.body[:200].decode('utf-8', 'replace')}"
            shown = path if "/accounts/" not in path else "/accounts/…"
            raise ControlRefused(f"the control plane answered {method} {shown} with {said}", f"is {self._base} right?")
        return cast("dict[str, Json]", value)
