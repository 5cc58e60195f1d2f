"""64 threads at the same task and the same wallet: exact every time, balanced at every instant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = 64


@pytest.mark.parametrize("_", range(20))
def test_funds_for_ten_tasks_create_exactly_ten(
    _: int, tenant: Callable[..., Any], at_once: Callable[..., Any]
) -> None:
    one = tenant(balance="500")
    answers = at_once(lambda number: one.post("/images/generations", {"prompt": f"{number}"}).status_code)
    assert (answers.count(202), answers.count(402)) == (10, 54)
    check = one.check()
    assert (check["balanced"], check["balance"], check["charged"]) == (True, "0.0000", "500.0000")
    assert one.admin("GET", "/accounts/{account}").json["tasks"] == 10


@pytest.mark.parametrize("_", range(20))
def test_polls_at_once_refund_once(_: int, tenant: Callable[..., Any], at_once: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    task = one.create(prompt="mock:partial=1", n=4)

    def act(number: int) -> bool:
        if number == THREADS // 2:
            one.advance(3)
        if number % 3 == 0:
            return bool(one.check()["balanced"])
        seen = one.look(task).json
        is_done = seen["status"] == "succeeded"
        refunded = {True: "150.0000", False: "0.0000"}[is_done]
        return seen["billing"]["refunded_credits"] == refunded and len(seen["output"]["images"]) == int(is_done)

    assert all(at_once(act))
    check = one.check()
    assert (check["balanced"], check["refunded"], check["balance"]) == (True, "150.0000", "950.0000")


@pytest.mark.parametrize("_", range(20))
def test_a_cancel_and_the_end_of_a_task_never_both_win(
    _: int, tenant: Callable[..., Any], at_once: Callable[..., Any]
) -> None:
    one = tenant(balance="1000")
    task = one.create(n=4)

    def act(number: int) -> int:
        if number == THREADS // 2:
            one.advance(3)
            return 0
        if number % 2:
            return int(one.cancel(task).status_code)
        assert one.check()["balanced"]
        return 0

    canceled = at_once(act).count(200)
    status, check = one.look(task).json["status"], one.check()
    assert (status, canceled, check["refunded"]) in {("canceled", 1, "200.0000"), ("succeeded", 0, "0.0000")}
    assert check["balanced"]


@pytest.mark.parametrize("_", range(20))
def test_many_ends_of_one_task_refund_for_one_of_them(
    _: int, tenant: Callable[..., Any], at_once: Callable[..., Any]
) -> None:
    one = tenant(balance="1000")
    task = one.create(n=4)
    moves = [{"status": "failed"}, {"status": "canceled"}, {"status": "succeeded", "images": 1}, {"status": "running"}]
    answers = at_once(lambda number: one.admin("POST", f"/tasks/{task}", **moves[number % 4]).status_code)
    seen, check = one.look(task).json, one.check()
    refunded = {"failed": "200.0000", "canceled": "200.0000", "succeeded": "150.0000"}[seen["status"]]
    assert set(answers) <= {200, 409}
    assert seen["billing"]["refunded_credits"] == check["refunded"] == refunded
    assert check["balanced"]
