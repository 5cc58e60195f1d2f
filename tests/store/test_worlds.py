"""What one process does, every other one knows with its next answer."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from pixelproof.problems import BadUsage

if TYPE_CHECKING:
    from collections.abc import Callable


def test_an_account_opened_through_one_door_is_known_behind_the_other(doors: Callable[..., Any]) -> None:
    here, there = doors(balance="100")
    assert here.create().status_code == 202
    assert there.shown()["balance"] == "50.0000"
    assert there.create().status_code == 202
    assert (here.create().status_code, there.create().status_code) == (402, 402)
    assert here.shown() == there.shown()


def test_two_processes_open_one_account_for_one_unknown_key(worlds: Callable[..., Any]) -> None:
    clients = worlds(2)

    def ask(number: int) -> int:
        own = clients[number % 2].application.test_client()
        head = {"Authorization": "Bearer szn_0123456789abcdef0123456789abcdef"}
        path = "/stratizon/v1/images/generations"
        return int(own.post(path, json={"prompt": f"{number}"}, headers=head).status_code)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    listed = [client.get("/__admin/accounts").get_json()["accounts"] for client in clients]
    assert listed[0] == listed[1]
    assert (len(listed[0]), set(answers)) == (1, {202}), answers


def test_a_revoked_key_is_refused_at_once_everywhere(doors: Callable[..., Any]) -> None:
    here, there = doors()
    assert there.create().status_code == 202
    key_id = here.shown()["keys"][0]["id"]
    assert here.admin("DELETE", f"/accounts/{{account}}/keys/{key_id}").status_code == 200
    assert [door.create().status_code for door in (there, here)] == [401, 401]


def test_a_further_key_opens_both_doors_and_belongs_to_nobody_else(doors: Callable[..., Any]) -> None:
    here, there = doors()
    made = here.admin("POST", "/accounts/{account}/keys").get_json()
    other = type(there)(client=there.client, key=made["key"], account=there.account)
    assert other.create().status_code == 202
    assert there.admin("POST", "/accounts", key=made["key"]).status_code == 409
    assert there.admin("POST", "/accounts/{account}/keys", key=made["key"]).status_code == 409


def test_a_fault_hits_exactly_as_often_as_it_says(doors: Callable[..., Any]) -> None:
    here, there = doors(balance="10000")
    here.admin("POST", "/faults", effect="server_error", times=3)
    answers = [door.create().status_code for door in (there, here) * 4]
    assert (answers.count(500), answers.count(202)) == (3, 5)
    assert [door.admin("GET", "/faults").get_json()["faults"][0]["hits"] for door in (here, there)] == [3, 3]
    there.admin("DELETE", "/faults")
    assert here.admin("GET", "/faults").get_json()["faults"] == []


def test_fail_once_then_succeed_counts_in_both(doors: Callable[..., Any]) -> None:
    here, there = doors()
    answers = [door.create(prompt="mock:server_error=2 x").status_code for door in (here, there, here)]
    assert answers == [500, 500, 202]


def test_time_and_the_rate_of_the_dollar_are_everybody_s(doors: Callable[..., Any]) -> None:
    here, there = doors()
    here.admin("POST", "/clock/advance", seconds=86400)
    here.admin("POST", "/clock/freeze")
    here.admin("PUT", "/forex", usd_inr="91.5")
    assert there.admin("GET", "/clock").get_json() == here.admin("GET", "/clock").get_json()
    assert there.admin("GET", "/forex").get_json() == {"usd_inr": "91.5"}
    there.admin("POST", "/clock/advance", seconds=5, account=there.account)
    path = "/clock?account={account}"
    assert here.admin("GET", path).get_json() == there.admin("GET", path).get_json()


def test_a_task_created_here_is_settled_and_refunded_there(doors: Callable[..., Any]) -> None:
    here, there = doors(balance="1000")
    task = here.create(prompt="mock:partial=1", n=3).get_json()["task_id"]
    assert there.look(task).get_json()["status"] == "queued"
    there.admin("POST", "/clock/advance", seconds=60, account=there.account)
    done = there.look(task).get_json()
    assert (done["status"], done["billing"]["refunded_credits"]) == ("succeeded", "100.0000")
    assert here.look(task).get_json()["output"] == done["output"] or here.look(task).status_code == 200
    assert (here.check()["refunded"], here.check()["balanced"]) == ("100.0000", True)
    assert here.cancel(task).status_code == 409


def test_an_image_made_here_is_served_there(doors: Callable[..., Any]) -> None:
    here, there = doors()
    task = here.create().get_json()["task_id"]
    here.admin("POST", "/clock/advance", seconds=60, account=here.account)
    url = here.look(task).get_json()["output"]["images"][0]["url"]
    first, second = here.client.get(url), there.client.get(url)
    assert first.status_code == second.status_code == 200
    assert first.data == second.data


def test_the_journal_is_one_and_there_with_the_answer(doors: Callable[..., Any]) -> None:
    here, there = doors()
    for door in (here, there, here):
        door.create()
    lines = [door.admin("GET", "/requests?account={account}").get_json()["requests"] for door in (here, there)]
    assert lines[0] == lines[1]
    assert [line["status"] for line in lines[0]] == [202, 202, 202]
    assert len({line["seq"] for line in lines[0]}) == len({line["id"] for line in lines[0]}) == 3
    assert 'pixelproof_requests_total{status="202"} 3' in there.admin("GET", "/metrics").text
    assert there.admin("DELETE", "/requests?account={account}").get_json() == {"deleted": 3}
    assert here.admin("GET", "/requests").get_json()["requests"] == []


def test_images_ordered_here_hang_in_the_gallery_there(doors: Callable[..., Any]) -> None:
    here, there = doors()
    here.create(prompt=f"draw {here.key}", n=2)
    assert there.admin("GET", "/images").get_json()["images"] == []
    here.admin("POST", "/clock/advance", seconds=60, account=here.account)
    shown = [door.admin("GET", "/images?account={account}").get_json()["images"] for door in (here, there)]
    assert shown[0] == shown[1]
    assert [item["prompt"] for item in shown[0]] == ["draw [redacted]"] * 2
    assert there.client.get(shown[0][0]["url"]).status_code == 200
    there.admin("POST", "/reset")
    assert here.admin("GET", "/images").get_json()["images"] == []


def test_a_reset_is_everybody_s(doors: Callable[..., Any]) -> None:
    here, there = doors()
    there.create()
    here.admin("POST", "/faults", effect="latency", seconds=0)
    here.admin("POST", "/reset")
    assert there.admin("GET", "/accounts").get_json()["accounts"] == []
    assert there.admin("GET", "/faults").get_json()["faults"] == []
    assert there.create().status_code == 202, "the key opens an account of its own now"
    assert len(here.admin("GET", "/accounts").get_json()["accounts"]) == 1
    here.admin("POST", "/faults", effect="server_error", times=1)
    assert [there.create().status_code for _ in range(2)] == [500, 202]


def test_a_snapshot_put_here_is_the_state_there(doors: Callable[..., Any]) -> None:
    here, there = doors(balance="1000")
    task = here.create().get_json()["task_id"]
    state = there.admin("GET", "/snapshot").get_json()
    here.create(n=4)
    assert here.client.put("/__admin/snapshot", json=state).status_code == 200
    assert (there.shown()["balance"], there.look(task).status_code) == ("950.0000", 200)
    again = there.admin("GET", "/snapshot").get_json()
    assert {**again, "now": 0} == {**state, "now": 0, "accounts": again["accounts"]}


def test_the_oldest_idle_accounts_make_room(worlds: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    clients = worlds(2)
    monkeypatch.setattr("pixelproof.mock_server.state.shared.book.OPEN_ACCOUNTS", 5)
    head = [{"Authorization": f"Bearer szn_{number:032x}"} for number in range(7)]
    for number in range(7):
        assert clients[number % 2].get("/stratizon/v1/tasks/x", headers=head[number]).status_code == 404
    listed = [len(client.get("/__admin/accounts").get_json()["accounts"]) for client in clients]
    assert listed[0] == listed[1] <= 6
    assert clients[0].get("/stratizon/v1/tasks/x", headers=head[0]).status_code == 404, "opened anew"


def test_no_key_and_no_password_is_in_the_store(doors: Callable[..., Any]) -> None:
    here, _ = doors()
    here.create(prompt=f"draw {here.key}")
    client = here.world._link.connection._client
    kept = [_content(client, name) for name in client.scan_iter(f"{here.world._link.connection.prefix}*")]
    texts = [json.dumps(here.admin("GET", path).get_json()) for path in ("/requests", "/snapshot")]
    assert any(b"lighthouse" in item or b"draw" in item for item in kept)
    assert all(here.key.encode() not in item for item in kept)
    assert all(here.key not in text for text in texts)


def test_another_seed_is_refused(worlds: Callable[..., Any], shared_state: Callable[[], str]) -> None:
    state = shared_state()
    worlds(1, state=state, seed=1)
    with pytest.raises(BadUsage, match="has the seed 1"):
        worlds(1, state=state, seed=2)


def _content(client: Any, name: bytes) -> bytes:
    read: dict[bytes, Callable[[], Any]] = {
        b"string": lambda: client.get(name),
        b"hash": lambda: client.hgetall(name),
        b"list": lambda: client.lrange(name, 0, -1),
        b"set": lambda: client.smembers(name),
        b"zset": lambda: client.zrange(name, 0, -1),
        b"stream": lambda: client.xrange(name),
    }
    return repr(read[client.type(name)]()).encode()
