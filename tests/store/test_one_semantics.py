"""Whatever is done, and through whichever process: the store ends in the state that memory ends in."""

from __future__ import annotations

import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pixelproof.mock_server.state.shared import locks
from pixelproof.mock_server.state.shared.accounts import base_of

from pixelproof.running.conducting.references import multipart
from pixelproof.running.conducting.references import picture as reference_picture

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "szn_0123456789abcdef0123456789abcdef"
AUTH = {"Authorization": f"Bearer {KEY}"}
API = "/stratizon/v1"
PROMPTS = ("x", "y", "mock:fail z", "mock:partial=1 z", "mock:server_error=2 z", "mock:bad_success=no_data z")
#: What differs between two runs by right: URLs are signed with a secret, and requests are numbered by process.
CHANCE = re.compile(
    r"http://[^\"]*|req_[0-9a-f]+|acc_[0-9a-f]+|key_[0-9a-f]+|\d{4}-\d\d-\d\dT[^\"]*|\"created(?:_at)?\":\d+"
)


class Run:
    """Requests through one world or several, and what they were answered."""

    def __init__(self, clients: list[Any], **account: Any) -> None:
        self.clients = clients
        self.tasks: list[str] = []
        self.stored: list[str] = []
        answer = clients[0].post("/__admin/accounts", json={"key": KEY, "balance": "1000", **account})
        self.account = answer.get_json()["id"]
        clients[0].post("/__admin/clock/freeze", json={"account": self.account})

    def do(self, which: int, what: str, number: int) -> str:
        answer = getattr(self, f"_{what}")(self.clients[which % len(self.clients)], number)
        return f"{answer.status_code} {CHANCE.sub('', answer.get_data(as_text=True))}"

    def state(self) -> dict[str, Any]:
        """What the account has come to, as every world sees it."""
        seen = [base_of_world(client, self.account) for client in self.clients]
        assert all(item == seen[0] for item in seen)
        return seen[0]

    def _create(self, client: Any, number: int) -> Any:
        body = {"prompt": PROMPTS[number % len(PROMPTS)], "n": 1 + number % 3}
        answer = client.post(f"{API}/images/generations", json=body, headers=AUTH)
        self.tasks += [answer.get_json()["task_id"]] if answer.status_code == 202 else []
        return answer

    def _transform(self, client: Any, number: int) -> Any:
        name = self.stored[number % len(self.stored)] if self.stored else "art_none"
        image = {"type": "artifact", "artifact_id": name}
        return client.post(f"{API}/images/image-to-image", json={"prompt": "x", "image": image}, headers=AUTH)

    def _upload(self, client: Any, _: int) -> Any:
        kind, data = multipart("file", reference_picture())
        answer = client.post(f"{API}/uploads", data=data, content_type=kind, headers=AUTH)
        self.stored += [answer.get_json()["artifact_id"]] if answer.status_code == 201 else []
        return answer

    def _look(self, client: Any, number: int) -> Any:
        return client.get(f"{API}/tasks/{self._task(number)}", headers=AUTH)

    def _cancel(self, client: Any, number: int) -> Any:
        return client.post(f"{API}/tasks/{self._task(number)}/cancel", headers=AUTH)

    def _hold(self, client: Any, number: int) -> Any:
        return client.post(f"/__admin/tasks/{self._task(number)}", json={"hold": number % 2 == 0})

    def _advance(self, client: Any, number: int) -> Any:
        body = {"seconds": (0.5, 3, 61)[number % 3], "account": self.account}
        return client.post("/__admin/clock/advance", json=body)

    def _top_up(self, client: Any, number: int) -> Any:
        return client.post(f"/__admin/accounts/{self.account}/top-ups", json={"amount": f"{1 + number}"})

    def _change(self, client: Any, number: int) -> Any:
        changes = ({"limits": {"requests_per_minute": 5}}, {"budget": "300"}, {"task_polls": 2}, {"limits": {}})
        return client.patch(f"/__admin/accounts/{self.account}", json=changes[number % 4])

    def _fault(self, client: Any, number: int) -> Any:
        effect = ("server_error", "unavailable", "task_failure")[number % 3]
        return client.post("/__admin/faults", json={"effect": effect, "times": 1, "after": number % 2})

    def _task(self, number: int) -> str:
        return self.tasks[number % len(self.tasks)] if self.tasks else "task_none"


def base_of_world(client: Any, account_id: str) -> dict[str, Any]:
    """What one world knows of an account, without what differs by right."""
    account = client.application.extensions["pixelproof"].book.account(account_id)
    with account.lock:
        base = base_of(account, {}, 0)
    text = json.dumps(base, default=str)
    plain = json.loads(CHANCE.sub("", text))
    plain["ledger"]["rows"] = [[row[0], *row[2:]] for row in plain["ledger"]["rows"]]
    for task in plain["tasks"]:
        task["task"] = {name: value for name, value in task["task"].items() if not name.endswith("_at")}
        task.pop("ended_at", None)
    for windows in (plain["windows"], *(key["windows"] for key in plain["keys"])):
        for window in windows.values():
            window["entries"] = [weight for _, weight in window["entries"]]
    for task in plain["ledger"]["refunds"].values():
        for row in task.values():
            row[1] = 0
    return {name: value for name, value in plain.items() if name not in {"clock", "last_seen", "caps"}}


OPERATIONS = ("create", "create", "look", "look", "cancel", "hold", "advance", "advance", "upload", "transform")
STEPS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from((*OPERATIONS, "top_up", "change", "fault")), st.integers(0, 11)),
    max_size=25,
)
SLOWLY = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


@settings(max_examples=25, deadline=None, suppress_health_check=SLOWLY)
@given(steps=STEPS)
@example(
    steps=[(0, "create", 3), (1, "advance", 2), (1, "look", 0), (0, "create", 2), (0, "advance", 2), (1, "look", 1)]
)
@example(
    steps=[(0, "upload", 0), (1, "transform", 0), (1, "change", 2), (0, "look", 0), (1, "look", 0), (0, "cancel", 0)]
)
@example(
    steps=[(1, "create", 4), (0, "create", 4), (1, "create", 4), (0, "fault", 1), (1, "create", 0), (0, "create", 0)]
)
def test_two_processes_do_what_memory_does(
    steps: list[tuple[int, str, int]], worlds: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_LOG_BYTES", 1500)  # so that logs are folded midway
    memory, shared = Run(worlds(1, state="memory")), Run(worlds(2))
    for step in steps:
        assert memory.do(*step) == shared.do(*step), step
    assert memory.state() == shared.state()
    check = shared.clients[1].get(f"/__admin/accounts/{shared.account}/ledger/check").get_json()
    assert check["balanced"]


def test_a_newcomer_and_a_snapshot_know_what_the_log_knows(
    worlds: Callable[..., Any], shared_state: Callable[[], str]
) -> None:
    state = shared_state()
    old = Run(worlds(2, state=state))
    for number in range(40):
        old.do(number, OPERATIONS[number % len(OPERATIONS)], number)
    (newcomer,) = worlds(1, state=state)
    assert base_of_world(newcomer, old.account) == old.state()
    (copy,) = worlds(1)
    copy.put("/__admin/snapshot", json=newcomer.get("/__admin/snapshot").get_json())
    assert base_of_world(copy, old.account)["ledger"]["sums"] == old.state()["ledger"]["sums"]


def test_old_tasks_go_everywhere_and_nobody_remembers_their_money(worlds: Callable[..., Any]) -> None:
    shared = Run(worlds(2))
    account = shared.clients[0].application.extensions["pixelproof"].book.account(shared.account)
    with account.lock:
        account.jobs.cap = 3
    for number in range(8):
        shared.do(number, "create", 0)
        shared.do(number, "advance", 2)
    state = shared.state()
    assert len(state["tasks"]) == len(state["ledger"]["tasks"]) == 3
    assert [shared.do(which, "look", 0)[:3] for which in (0, 1)] == ["404", "404"]


def test_the_same_distinct_requests_give_the_same_ids_and_bytes_over_64_connections(worlds: Callable[..., Any]) -> None:
    memory, shared = worlds(1, state="memory"), worlds(2)
    results = [_results(clients) for clients in (memory, shared)]
    assert len(results[0]) == 128
    assert results[0] == results[1]


def _results(clients: list[Any]) -> dict[int, tuple[str, str, str, str]]:
    """Ask 128 distinct things over 64 connections; return task, artifact, bytes and outcome of each."""
    made = clients[0].post("/__admin/accounts", json={"key": KEY, "balance": "100000"}).get_json()
    clients[0].post("/__admin/clock/freeze", json={"account": made["id"]})

    def create(number: int) -> str:
        own = clients[number % len(clients)].application.test_client()
        prompt = f"{'mock:fail ' if number % 5 == 0 else ''}picture {number}"
        answer = own.post(f"{API}/images/generations", json={"prompt": prompt}, headers=AUTH)
        return str(answer.get_json()["task_id"])

    with ThreadPoolExecutor(64) as pool:
        tasks = list(pool.map(create, range(128)))
    clients[-1].post("/__admin/clock/advance", json={"seconds": 60, "account": made["id"]})
    return {number: _outcome(clients[number % len(clients)], task) for number, task in enumerate(tasks)}


def _outcome(client: Any, task: str) -> tuple[str, str, str, str]:
    done = client.get(f"{API}/tasks/{task}", headers=AUTH).get_json()
    images = done["output"]["images"] if done.get("output") else []
    if not images:
        return task, "", "", done["status"]
    data = client.get(images[0]["url"]).data
    return task, images[0]["artifact_id"], hashlib.sha256(data).hexdigest(), done["status"]
