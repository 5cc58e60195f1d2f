"""The mock behind a gateway: started on its own port, with an account whose key the gateway gets."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from pixelproof.client import Wire, parse_json
from pixelproof.contract import Contract, Json
from pixelproof.gate.file import Upstream
from pixelproof.gate.process import started
from pixelproof.problems import Unreachable
from pixelproof.record.imaging import inspect
from pixelproof.targets.control import Account, ControlPlane, ControlRefused
from pixelproof.targets.openings import Granted

_PAGE = 1_000
#: Seconds on the clock after which every task has ended.
_A_DAY_S = 86_400.0
#: The same for one step of a case: short, because images must not expire.
_TASKS_END_S = 60.0
#: Money that one request moved and that stayed moved.
_KEPT = frozenset({"charge", "refund"})


@dataclass(slots=True, kw_only=True)
class Behind:
    """The upstream in hand: its address, its account, and what it saw."""

    url: str
    control: ControlPlane
    account: Account
    wire: Wire
    contract: Contract
    #: Account whose key is a caller's at the gateway: asked with it, the gateway passed the key on.
    trap: str | None = None
    #: account → number of the newest entry of its ledger that was read.
    _read: dict[str, int] = field(default_factory=dict)
    #: request → what it was charged and not given back, in smallest units.
    _charged: dict[str, int] = field(default_factory=dict)
    #: task → request that made it: what is given back later names only the task.
    _asked: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Return scheme, host and port."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def ask(self, method: str, path: str, body: Mapping[str, Json] | None = None) -> Mapping[str, Json]:
        """Ask the control plane. Raises ControlRefused."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        answer = self.wire.send(method, f"{self.control.address}{path}", headers=headers, content=content)
        is_json, value = parse_json(answer.body)
        if answer.error or answer.status >= 400 or not is_json or not isinstance(value, dict):  # noqa: PLR2004 - errors
            said = answer.error or f"{answer.status} {answer.body[:200].decode('utf-8', 'replace')}"
            raise ControlRefused(f"the upstream's control plane answered {method} {path} with {said}", "is it running?")
        return value

    def set_trap(self, key: str) -> None:
        """Make a caller's key known here, with an account of its own: who asks with it gives it away."""
        try:
            self.trap = self.control.open_account({"key": key, "balance": "1000.00"}).id
        except ControlRefused:  # known already, or no key of this provider: then nobody gets through with it
            self.trap = self._known(key)

    def _known(self, key: str) -> str | None:
        try:
            return self.control.find(key).id
        except ControlRefused:
            return None

    def put_up(self, effect: str, arguments: Mapping[str, Json], trace: str) -> None:
        """Let a fault stand for the requests of one trace."""
        self.ask("POST", "/faults", {"effect": effect, "match": {"trace": trace}, **arguments})

    def take_down(self) -> None:
        """Let no fault stand."""
        self.ask("DELETE", "/faults")

    def top_up(self, amount: str) -> None:
        """Give the gateway's account money, in whole units of the currency."""
        self.ask("POST", f"/accounts/{self.account.id}/top-ups", {"amount": amount})

    def spent(self, account: Account) -> int:
        """Return what an account was charged and not given back, in smallest units; tasks that run have ended."""
        self.control.advance(account, _A_DAY_S)
        said = self.control.ledger_check(account)
        charged, refunded = (self.contract.billing.currency.parse(str(said[name])) for name in ("charged", "refunded"))
        return charged - refunded

    def mark(self) -> int:
        """Return the number of the newest line of the journal."""
        found = self.ask("GET", "/requests?limit=1")["last"]
        return found if isinstance(found, int) else 0

    def lines(self, after: int) -> list[Mapping[str, Json]]:
        """Return what was asked for images since a mark, oldest first."""
        found: list[Mapping[str, Json]] = []
        place: Json = after
        while place is not None:
            page = self.ask("GET", f"/requests?{urlencode({'after': str(place), 'limit': _PAGE})}")
            rows = page["requests"]
            found += [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
            place = page["next"]
        path = self.contract.operations["generate"].path
        return [row for row in found if str(row.get("path", "")).endswith(path)]

    def told(self, rows: list[Mapping[str, Json]]) -> list[Json]:
        """Return lines of the journal as facts: with what was charged for each, and the images that it made."""
        accounts = {str(row["account"]) for row in rows if row.get("account")}
        for account in accounts:
            self._read_ledger(account)
        ends = {key: state for account in accounts for key, state in self._ends(account).items()}
        made = {key: images for account in accounts for key, images in self._images(account, rows).items()}
        kept = ("id", "seq", "status", "step", "fault", "account", "trace", "request", "response")
        return [
            {
                **{name: row.get(name) for name in kept},
                "charged": self._charged.get(str(row["id"]), 0),
                "images": made.get(str(row["id"]), []),
                **({"state": ends.get(str(row["id"]))} if ends else {}),
            }
            for row in rows
        ]

    def let_tasks_end(self) -> None:
        """Let time pass until every task here has ended."""
        self.ask("POST", "/clock/advance", {"seconds": _TASKS_END_S})

    def _ends(self, account: str) -> dict[str, Json]:
        """Return how the tasks of an account stand, by the request that made each."""
        if self.contract.tasks is None:
            return {}
        rows = self.ask("GET", f"/tasks?{urlencode({'account': account})}")["tasks"]
        known = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        return {self._asked[str(row["id"])]: row["status"] for row in known if str(row["id"]) in self._asked}

    def _read_ledger(self, account: str) -> None:
        """Take what the ledger of an account says since the last look."""
        currency = self.contract.billing.currency
        after: Json = self._read.get(account, 0)
        while after is not None:
            page = self.ask("GET", f"/accounts/{account}/ledger?{urlencode({'after': str(after), 'limit': _PAGE})}")
            rows = page["entries"]
            for row in rows if isinstance(rows, list) else []:
                if isinstance(row, dict):
                    self._read[account] = int(str(row["seq"]))
                    if row["kind"] in _KEPT:
                        self._take(row, _units(currency.parse, str(row["amount"])))
            after = page["next"]

    def _take(self, row: Mapping[str, Json], amount: int) -> None:
        task = str(row.get("task_id") or "")
        request = str(row.get("request_id") or self._asked.get(task, ""))
        if task:
            self._asked.setdefault(task, request)
        self._charged[request] = self._charged.get(request, 0) - amount

    def _images(self, account: str, rows: list[Mapping[str, Json]]) -> dict[str, list[Json]]:
        wanted = {str(row["id"]) for row in rows if row.get("account") == account}
        page = self.ask("GET", f"/images?{urlencode({'account': account, 'limit': len(wanted) + 2})}")
        shots = page["images"]
        found: dict[str, list[Json]] = {}
        for shot in shots if isinstance(shots, list) else []:
            if isinstance(shot, dict) and str(shot["request_id"]) in wanted:
                file = self.wire.send("GET", f"{self.origin}{shot['url']}")
                facts = inspect(file.body)
                found.setdefault(str(shot["request_id"]), []).append(facts.pixels or facts.problem)
        return found


def _units(parse: object, text: str) -> int:
    negative = text.startswith("-")
    amount = int(parse(text.lstrip("-")))  # type: ignore[operator]  # Currency.parse, which knows no signs
    return -amount if negative else amount


@contextmanager
def serving(contract: Contract, wanted: Upstream, folder: Path, env: Mapping[str, str]) -> Iterator[Behind]:
    """Run the mock with closed keys and an account for the gateway, while the block lasts. Raises Unreachable."""
    command = [sys.executable, "-m", "pixelproof", "serve", wanted.profile, "--port", str(wanted.port), "--closed-keys"]
    log = folder / "upstream.log"
    with (
        started(command, folder=folder, env=env, log=log, stdout=subprocess.PIPE) as process,
        closing(Wire()) as wire,
    ):
        url = process.stdout.readline().decode().strip() if process.stdout is not None else ""
        if not url:
            said = log.read_text("utf-8", "replace").strip().splitlines()
            raise Unreachable(f"the mock did not start: {said[-1] if said else 'it said nothing'}", f"see {log}")
        parts = urlsplit(url)
        control = ControlPlane(wire, f"{parts.scheme}://{parts.netloc}/__admin", contract.profile)
        form: dict[str, Json] = {"balance": wanted.balance, "limits": {"requests_per_minute": 1_000_000}}
        account = control.open_account(form if wanted.key is None else {**form, "key": wanted.key})
        yield Behind(url=url, control=control, account=account, wire=wire, contract=contract)


def granted(behind: Behind) -> Granted:
    """Return the upstream's account as the key of a caller, for gateways that pass keys on."""
    return Granted(key=behind.account.key, account=behind.account)
