"""Documented quotas: headers on every answer, requests in flight, tiers in images, test keys apart."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


@pytest.fixture
def user(caller: Callable[..., Any], serve_mock: Callable[..., FlaskClient]) -> Callable[..., Any]:
    """Open an account of the provider with rate headers, its clock standing still."""
    return _opener(caller, serve_mock("aicredits"), "aicredits")


@pytest.fixture
def tiered(caller: Callable[..., Any], serve_mock: Callable[..., FlaskClient]) -> Callable[..., Any]:
    """Open an account of the provider with tiers and test keys: ``tiered(tier="free")``."""
    return _opener(caller, serve_mock("perf"), "perf")


def _opener(caller: Callable[..., Any], client: FlaskClient, profile: str) -> Callable[..., Any]:
    def make(**account: Any) -> Any:
        one = caller(profile, client=client, **account)
        one.admin("POST", "/clock/freeze", account=one.account)
        return one

    return make


def rate(answer: TestResponse) -> tuple[str | None, ...]:
    return tuple(answer.headers.get(f"X-RateLimit-{name}") for name in ("Limit", "Remaining", "Reset"))


def with_key(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def another_key(one: Any, **settings: Any) -> str:
    answer = one.admin("POST", "/accounts/{account}/keys", **settings)
    assert answer.status_code == 201, answer.text
    return str(answer.json["key"])


def flux(one: Any, n: int = 1, **headers: str) -> TestResponse:
    answer: TestResponse = one.generate(headers or None, model="flux-pro", n=n)
    return answer


def test_every_answer_tells_what_is_left_of_the_minute(user: Callable[..., Any]) -> None:
    one = user()
    assert rate(one.generate()) == ("60", "59", "60")
    one.advance(20.5)
    assert rate(one.generate(size="1x1")) == ("60", "58", "40")
    assert rate(one.send(b"{")) == ("60", "57", "40")
    assert rate(one.client.get(one.path("/models"), headers=one.auth)) == ("60", "56", "40")
    assert rate(one.generate({"X-Mock-Fault": "server_error"})) == ("60", "55", "40")
    one.advance(39.5)
    assert rate(one.generate()) == ("60", "55", "21")


def test_a_429_says_when_the_next_request_fits(user: Callable[..., Any]) -> None:
    one = user(limits={"requests_per_minute": 2})
    assert [rate(one.generate())[1] for _ in range(2)] == ["1", "0"]
    one.advance(15)
    refused = one.generate()
    assert (refused.status_code, refused.headers["Retry-After"], rate(refused)) == (429, "45", ("2", "0", "45"))
    one.advance(45)
    assert rate(one.generate()) == ("2", "1", "60")


def test_without_a_key_the_whole_limit_is_left(user: Callable[..., Any]) -> None:
    one = user()
    for headers in ({"Authorization": ""}, with_key("sk-invalid-key")):
        refused = one.generate(headers)
        assert (refused.status_code, rate(refused)) == (401, ("60", "60", "0"))


def test_a_path_or_method_that_is_not_there_counts_nothing_but_tells_too(user: Callable[..., Any]) -> None:
    one = user()
    one.generate()
    for answer, status in (
        (one.client.get(one.path("/images/generations"), headers=one.auth), 405),
        (one.client.get(one.path("/nowhere"), headers=one.auth), 404),
    ):
        assert (answer.status_code, rate(answer)) == (status, ("60", "59", "60"))


def test_a_provider_without_rate_headers_sends_none(tiered: Callable[..., Any]) -> None:
    assert rate(tiered().generate()) == (None, None, None)


def test_the_sixth_request_in_flight_is_refused_over_all_keys_of_an_account(user: Callable[..., Any]) -> None:
    one = user()
    second = with_key(another_key(one))

    def send(index: int) -> None:
        own = one.client.application.test_client()
        prompt = f"mock:latency=0.5 lighthouse {index}"
        own.post(one.path("/images/generations"), json={"prompt": prompt}, headers=second if index % 2 else one.auth)

    slow = [Thread(target=send, args=(index,)) for index in range(5)]
    for thread in slow:
        thread.start()
    while one.admin("GET", "/accounts/{account}").json["in_flight"] < 5:
        pass
    assert one.generate().status_code == 429
    assert one.generate(second).status_code == 429
    for thread in slow:
        thread.join()
    assert one.generate(second).status_code == 200
    assert one.admin("GET", "/accounts/{account}").json["charged"] == "21.00"  # six images at 3.50, none for a 429


def test_the_free_tier_makes_five_images_a_minute_whole_or_not_at_all(tiered: Callable[..., Any]) -> None:
    one = tiered(tier="free")
    assert flux(one, 4).status_code == 200
    one.advance(10)
    refused = flux(one, 2)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "50")
    assert flux(one).status_code == 200
    assert flux(one).status_code == 429
    one.advance(50)
    assert flux(one, 4).status_code == 200


def test_a_day_of_the_free_tier_is_50_images_in_any_24_hours(tiered: Callable[..., Any]) -> None:
    one = tiered(tier="free")
    for _ in range(12):
        assert flux(one, 4).status_code == 200
        one.advance(60)
    assert flux(one, 2).status_code == 200
    one.advance(60)
    refused = flux(one)
    # thirteen minutes have gone since the first four: 86400 - 780
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "85620")
    one.advance(85_620)
    assert flux(one, 4).status_code == 200
    assert flux(one).status_code == 429


def test_the_pro_tier_makes_thirty_images_a_minute(tiered: Callable[..., Any]) -> None:
    one = tiered(tier="pro")
    assert [one.generate(model="dall-e-2", n=10).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_without_a_tier_nothing_is_limited(tiered: Callable[..., Any]) -> None:
    one = tiered()
    assert {one.generate(model="dall-e-2", n=10).status_code for _ in range(6)} == {200}


def test_a_key_may_have_a_tier_of_its_own(tiered: Callable[..., Any]) -> None:
    one = tiered(tier="pro")
    free = with_key(another_key(one, tier="free"))
    assert [flux(one, 4, **free).status_code for _ in range(2)] == [200, 429]
    assert flux(one, 4).status_code == 200


def test_more_images_than_the_whole_limit_never_fit_even_when_it_is_used_up(tiered: Callable[..., Any]) -> None:
    one = tiered(tier="free")
    assert flux(one, 4).status_code == 200
    refused = one.generate(model="dall-e-2", n=6)
    assert (refused.status_code, refused.headers.get("Retry-After")) == (429, None)
    assert flux(one).status_code == 200


def test_retry_after_waits_for_the_window_that_has_room_last(tiered: Callable[..., Any]) -> None:
    one = tiered(limits={"images_per_minute": 1, "images_per_day": 1})
    assert flux(one).status_code == 200
    assert flux(one).headers["Retry-After"] == "86400"


@pytest.mark.parametrize("fault", ["server_error", "content_policy", "unavailable"])
def test_a_request_that_made_no_image_gives_its_places_back(tiered: Callable[..., Any], fault: str) -> None:
    one = tiered(tier="free")
    assert one.generate({"X-Mock-Fault": fault}, model="flux-pro", n=4).status_code >= 400
    assert flux(one, 4).status_code == 200


def test_an_unknown_tier_is_named(tiered: Callable[..., Any]) -> None:
    one = tiered()
    answer = one.admin("PATCH", "/accounts/{account}", tier="gold")
    assert (answer.status_code, answer.json["error"]["field"]) == (400, "tier")


def test_a_test_key_of_an_account_pays_nothing(tiered: Callable[..., Any]) -> None:
    one = tiered(balance="0.00")
    key = another_key(one, billed=False)
    assert key.startswith("pk_test_")
    assert one.generate().status_code == 402
    answer = one.generate(with_key(key))
    assert (answer.status_code, answer.json["perf"]["cost_usd"]) == (200, 0)
    assert one.admin("GET", "/accounts/{account}/ledger/check").json["charged"] == "0.000000"


def test_test_keys_have_quotas_of_their_own_and_share_them(tiered: Callable[..., Any]) -> None:
    one = tiered(tier="free")
    first, second = (with_key(another_key(one, billed=False)) for _ in range(2))
    assert [flux(one, 4).status_code, flux(one, 2).status_code] == [200, 429]
    assert [flux(one, 4, **first).status_code, flux(one, 2, **second).status_code] == [200, 429]
    assert flux(one).status_code == 200


def test_an_unknown_test_key_opens_an_account_that_is_never_billed(serve_mock: Callable[..., FlaskClient]) -> None:
    client = serve_mock("perf")
    body = {"prompt": "a lighthouse at dawn"}
    for key, charged in (("pk_test_stranger", "0.000000"), ("pk_live_stranger", "0.040000")):
        assert client.post("/v1/images/generations", json=body, headers=with_key(key)).status_code == 200
        account = client.get(f"/__admin/accounts/{key}").get_json()
        assert (account["charged"], account["keys"][0]["billed"]) == (charged, charged != "0.000000")


def test_a_test_key_and_its_windows_survive_a_snapshot(tiered: Callable[..., Any]) -> None:
    one = tiered(tier="free")
    key = with_key(another_key(one, billed=False))
    assert flux(one, 4, **key).status_code == 200
    assert one.admin("PUT", "/snapshot", **one.client.get("/__admin/snapshot").get_json()).status_code == 200
    assert flux(one, 2, **key).status_code == 429
    assert flux(one, 4).status_code == 200
