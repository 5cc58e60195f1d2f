"""64 threads in front of two worlds: exact every time, balanced at every instant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = 64


@pytest.mark.parametrize("_", range(3))
def test_funds_for_ten_tasks_create_exactly_ten(_: int, doors: Callable[..., Any], at_once: Callable[..., Any]) -> None:
    pair = doors(balance="500")
    answers = at_once(lambda number: pair[number % 2].create(prompt=f"{number}").status_code)
    assert (answers.count(202), answers.count(402)) == (10, 54)
    for door in pair:
        check = door.check()
        assert (check["balanced"], check["balance"], check["charged"]) == (True, "0.0000", "500.0000")
        assert door.shown()["tasks"] == 10


@pytest.mark.parametrize("_", range(3))
def test_a_limit_of_ten_a_minute_admits_exactly_ten(
    _: int, doors: Callable[..., Any], at_once: Callable[..., Any]
) -> None:
    pair = doors(balance="100000", limits={"requests_per_minute": 10})
    answers = at_once(lambda number: pair[number % 2].create(prompt=f"{number}").status_code)
    assert (answers.count(202), answers.count(429)) == (10, 54)


@pytest.mark.parametrize("_", range(3))
def test_a_budget_for_ten_lets_exactly_ten_through(
    _: int, doors: Callable[..., Any], at_once: Callable[..., Any]
) -> None:
    pair = doors(balance="100000", budget="500")
    answers = at_once(lambda number: pair[number % 2].create(prompt=f"{number}").status_code)
    assert (answers.count(202), answers.count(402)) == (10, 54)


@pytest.mark.parametrize("_", range(3))
def test_a_fault_for_ten_hits_exactly_ten(_: int, doors: Callable[..., Any], at_once: Callable[..., Any]) -> None:
    pair = doors(balance="100000")
    pair[1].admin("POST", "/faults", effect="server_error", times=10)
    answers = at_once(lambda number: pair[number % 2].create(prompt=f"{number}").status_code)
    assert (answers.count(500), answers.count(202)) == (10, 54)


@pytest.mark.parametrize("_", range(3))
def test_a_cancel_and_the_end_of_a_task_never_both_win(
    _: int, doors: Callable[..., Any], at_once: Callable[..., Any]
) -> None:
    pair = doors(balance="1000")
    task = pair[0].create(n=4).get_json()["task_id"]

    def act(number: int) -> int:
        door = pair[number % 2]
        if number == THREADS // 2:
            door.admin("POST", "/clock/advance", seconds=3, account=door.account)
            return 0
        if number % 3:
            return int(door.cancel(task).status_code)
        assert door.check()["balanced"]
        return 0

    canceled = at_once(act).count(200)
    status, check = pair[1].look(task).get_json()["status"], pair[0].check()
    assert (status, canceled, check["refunded"]) in {("canceled", 1, "200.0000"), ("succeeded", 0, "0.0000")}


@pytest.mark.parametrize("_", range(3))
def test_many_ends_of_one_task_refund_for_one_of_them(
    _: int, doors: Callable[..., Any], at_once: Callable[..., Any]
) -> None:
    pair = doors(balance="1000")
    task = pair[0].create(n=4).get_json()["task_id"]
    moves = [{"status": "failed"}, {"status": "canceled"}, {"status": "succeeded", "images": 1}]

    def act(number: int) -> int:
        return int(pair[number % 2].admin("POST", f"/tasks/{task}", **moves[number % 3]).status_code)

    answers = at_once(act)
    seen = [door.look(task).get_json() for door in pair]
    refunded = {"failed": "200.0000", "canceled": "200.0000", "succeeded": "150.0000"}[seen[0]["status"]]
    assert (answers.count(200), answers.count(409)) == (1, 63)
    assert [item["billing"]["refunded_credits"] for item in seen] == [refunded, refunded]
    assert pair[1].check()["refunded"] == refunded
