"""Limits are rolling windows on the virtual clock, and Retry-After is true."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


def frozen(one: Any) -> Any:
    one.admin("POST", "/clock/freeze", account=one.account)
    return one


def test_the_61st_request_of_a_minute_is_refused_until_retry_after_is_over(caller: Callable[..., Any]) -> None:
    one = frozen(caller("aivene"))
    assert one.generate().status_code == 200
    one.advance(20.5)
    assert {one.generate().status_code for _ in range(59)} == {200}
    refused = one.generate()
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "40")
    one.advance(39)
    assert one.generate().headers["Retry-After"] == "1"
    one.advance(1)
    assert one.generate().status_code == 200
    assert one.generate().status_code == 429


def test_requests_that_the_window_refuses_do_not_prolong_it(caller: Callable[..., Any]) -> None:
    one = frozen(caller("aivene", limits={"requests_per_minute": 1}))
    assert one.generate().status_code == 200
    for _ in range(5):
        one.advance(10)
        assert one.generate().status_code == 429
    one.advance(10)
    assert one.generate().status_code == 200


def test_a_limit_per_key_leaves_the_other_key_alone(caller: Callable[..., Any]) -> None:
    one = caller("aivene", limits={"requests_per_minute": 1})
    other = one.admin("POST", "/accounts/{account}/keys").json["key"]
    assert [one.generate().status_code for _ in range(2)] == [200, 429]
    assert one.generate({"Authorization": f"Bearer {other}"}).status_code == 200


def test_image_limits_count_images_and_a_refused_request_takes_none(caller: Callable[..., Any]) -> None:
    one = frozen(caller("openai", limits={"images_per_minute": 5, "images_per_day": 8}))
    assert one.generate(n=3).status_code == 200
    assert one.generate(n=3).status_code == 429
    assert one.generate({"X-Mock-Fault": "server_error"}, n=2).status_code == 500
    assert one.generate(n=2).status_code == 200
    one.advance(60)
    assert one.generate(n=5).headers["Retry-After"] == str(86_400 - 60)
    assert one.generate(n=3).status_code == 200


def test_more_images_than_the_whole_limit_never_fit(caller: Callable[..., Any]) -> None:
    refused = caller("openai", limits={"images_per_minute": 5}).generate(n=6)
    assert refused.status_code == 429
    assert "Retry-After" not in refused.headers


def test_a_full_house_refuses_one_more_request_in_flight(caller: Callable[..., Any]) -> None:
    one = caller("openai", limits={"in_flight": 1})
    slow = Thread(target=lambda: one.generate({"X-Mock-Fault": "latency=0.4"}))
    slow.start()
    while one.admin("GET", "/accounts/{account}").json["in_flight"] == 0:
        pass
    assert one.generate().status_code == 429
    slow.join()
    assert one.generate().status_code == 200


@pytest.mark.parametrize("value", [-1, 1.5, "3", True])
def test_a_limit_is_a_whole_number(value: object, caller: Callable[..., Any]) -> None:
    answer = caller().admin("PATCH", "/accounts/{account}", limits={"in_flight": value})
    assert answer.json["error"]["field"] == "limits.in_flight"
