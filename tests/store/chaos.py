"""Two servers on one store, one of them killed midway: no money is lost or made, nothing is left behind.

    python tests/store/chaos.py 200000 --state redis://127.0.0.1:6379/0

Prints one JSON object with what was asked, answered, charged and left, and exits 1 when anything is off.
"""

from __future__ import annotations

import argparse
import http.client
import json
import secrets
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

PROFILES = ("openai", "stratizon")
CONNECTIONS, ACCOUNTS = 64, 8
LEASE_S = 1.0


@dataclass(slots=True)
class Account:
    """Somebody's wallet at one profile, and what their answers said."""

    profile: str
    key: str
    id: str
    price: float = 0.0
    ok: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    unknown: int = 0


class Servers:
    """The processes, of which one dies."""

    def __init__(self, state: str) -> None:
        """Start two on the same state, and wait until both have said where they are."""
        command = [sys.executable, "-m", "pixelproof", "serve", *PROFILES, "--port", "0", "--state", state]
        command += ["--hold-lease", str(LEASE_S)]
        self.processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        self.ports = [_port(process) for process in self.processes]
        self.is_one_dead = False

    def kill_one(self) -> None:
        """Kill the first one outright, its worker first: nothing is finished, nothing is said."""
        pid = self.processes[0].pid
        workers = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        subprocess.run(["/bin/kill", "-9", *workers, str(pid)], check=True)
        self.processes[0].wait()
        self.is_one_dead = True

    def stop(self) -> None:
        """End what still runs."""
        for process in self.processes:
            process.terminate()
            process.wait(90)

    def admin(self, method: str, path: str, **body: Any) -> Any:
        """Ask the survivor's control plane."""
        url = f"http://127.0.0.1:{self.ports[1]}/__admin{path}"
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=600) as answer:
            text = answer.read().decode()
        return json.loads(text) if text.startswith("{") else text


class Crowd:
    """Connections that ask both servers in turn until enough was asked."""

    def __init__(self, servers: Servers, accounts: list[Account], requests: int) -> None:
        """Kill one server when half is asked."""
        self._servers = servers
        self._accounts = accounts
        self._requests = requests
        self._numbers = count()
        self._note = threading.Lock()
        self.statuses: Counter[str] = Counter()

    def run(self) -> None:
        """Ask everything."""
        threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _ask(self, seat: int) -> None:
        connections: dict[int, http.client.HTTPConnection] = {}
        while (number := next(self._numbers)) < self._requests:
            if number == self._requests // 2:
                self._servers.kill_one()
            which = 1 if self._servers.is_one_dead else (number + seat) % 2
            if which not in connections:
                port = self._servers.ports[which]
                connections[which] = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            account = self._accounts[number % len(self._accounts)]
            if not self._once(connections[which], account, number):
                connections.pop(which).close()

    def _once(self, connection: http.client.HTTPConnection, account: Account, number: int) -> bool:
        fault = {"X-Mock-Fault": "latency=0.2"} if number % 50 < len(self._accounts) else {}
        head = {"Authorization": f"Bearer {account.key}", "Content-Type": "application/json", **fault}
        body = json.dumps({"prompt": f"{'mock:fail ' if number % 7 == 0 else ''}picture {number}"})
        body = body if account.profile == "stratizon" else json.dumps({"prompt": f"picture {number}"})
        try:
            connection.request("POST", f"/{account.profile}/v1/images/generations", body, head)
            with connection.getresponse() as answer:
                request_id, status = str(answer.getheader("x-request-id")), answer.status
                answer.read()
        except (OSError, http.client.HTTPException):
            with self._note:
                account.unknown += 1
                self.statuses["unknown"] += 1
            return False
        with self._note:
            (account.ok if status < 300 else account.refused).add(request_id)
            self.statuses[str(status)] += 1
        return True


def chaos(state: str, requests: int) -> dict[str, Any]:
    """Return what happened."""
    servers = Servers(f"{state}?namespace=chaos-{secrets.token_hex(4)}")
    try:
        accounts = [_opened(servers, PROFILES[number % 2]) for number in range(2 * ACCOUNTS)]
        crowd = Crowd(servers, accounts, requests)
        began = time.monotonic()
        crowd.run()
        took_s = time.monotonic() - began
        time.sleep(2 * LEASE_S)
        servers.admin("POST", "/clock/advance", seconds=86_400)
        wrong = [sentence for account in accounts for sentence in _offences(servers, account)]
        wrong += [line for line in servers.admin("GET", "/metrics").splitlines() if _is_stuck(line)]
    finally:
        servers.stop()
    unknown = sum(account.unknown for account in accounts)
    rate = round(requests / took_s)
    return {"requests": requests, "per_s": rate, "statuses": crowd.statuses, "unknown": unknown, "wrong": wrong}


def _opened(servers: Servers, profile: str) -> Account:
    limits = dict.fromkeys(("requests_per_minute", "images_per_minute", "images_per_day"))
    body = {"profile": profile, "balance": "100000000", "limits": limits}
    made = servers.admin("POST", "/accounts", **body)
    return Account(profile=profile, key=made["key"], id=made["id"])


def _offences(servers: Servers, account: Account) -> list[str]:
    shown = servers.admin("GET", f"/accounts/{account.id}")
    check = servers.admin("GET", f"/accounts/{account.id}/ledger/check")
    entries = servers.admin("GET", f"/accounts/{account.id}/ledger?limit=10000")["entries"]
    charges = [entry for entry in entries if entry["kind"] == "charge"]
    charged = {entry["request_id"] for entry in charges}
    price = -float(charges[0]["amount"])
    surplus = round(float(check["charged"]) / price) - len(account.ok)
    folded = any(entry["kind"] == "carried_forward" for entry in entries)
    facts = {
        "does not balance": not check["balanced"],
        "holds money for nobody": float(check["held"]) != 0,
        "has requests in flight": shown["in_flight"] != 0,
        f"was charged for {surplus} unknown requests of {account.unknown}": not 0 <= surplus <= account.unknown,
        "was charged a part of a price": any(-float(entry["amount"]) != price for entry in charges),
        "was charged twice for one request": len(charged) != len(charges),
        "was charged for a refused request": bool(charged & account.refused),
        "was not charged for an answer": not folded and not account.ok <= charged,
    }
    return [f"{account.profile} {account.id} {what}" for what, is_so in facts.items() if is_so]


def _is_stuck(line: str) -> bool:
    running = line.startswith("pixelproof_tasks") and ('"queued"' in line or '"running"' in line)
    broken = line.startswith(("pixelproof_unbalanced_ledgers ", "pixelproof_unexpected_errors "))
    return (running or broken) and not line.endswith(" 0")


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline().rpartition(":")[2].partition("/")[0])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests", type=int, nargs="?", default=200_000)
    parser.add_argument("--state", default="redis://127.0.0.1:6379/0")
    asked = parser.parse_args()
    outcome = chaos(asked.state, asked.requests)
    sys.stdout.write(f"{json.dumps(outcome)}\n")
    sys.exit(1 if outcome["wrong"] else 0)
