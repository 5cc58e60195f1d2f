"""Rules about rate limits, and about the life of image URLs."""

from __future__ import annotations

from typing import Any

import pytest

from pixelproof.verdict import Verdict

from .builders import download, error, exchange, picture, say, success, verdict_of

PASS, FAIL, NOT_RUN = Verdict.PASS, Verdict.FAIL, Verdict.NOT_RUN


def pressed(*statuses: int, **headers: str) -> list[Any]:
    """Three requests within a minute, by status."""
    names = ("first", "second", "over", "after")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return [exchange(name, status, {}, headers=named) for name, status in zip(names, statuses, strict=False)]


WITHIN: dict[str, Any] = {"within": ["first", "second"], "limit": 2}


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ((200, 200, 429), PASS),
        ((200, 200, 200), FAIL),
        ((200, 429, 429), FAIL),
        ((200, 200, 503), FAIL),
        ((503, 200, 200), NOT_RUN),
    ],
    ids=["held", "not enforced", "too early", "another status", "not used up"],
)
def test_a_limit_serves_what_is_within_and_refuses_what_is_past_it(statuses: tuple[int, ...], verdict: Verdict) -> None:
    assert verdict_of("limit_enforced", *pressed(*statuses), **WITHIN) is verdict


def test_a_limit_that_bites_too_early_names_the_request() -> None:
    said = say("limit_enforced", *pressed(429, 429, 429), **WITHIN)
    assert (said.verdict, said.step) == (FAIL, "first")


@pytest.mark.parametrize("value", ["60", " 7 ", "0", "Fri, 20 Nov 2026 18:00:00 GMT"])
def test_a_429_says_when_to_come_back(value: str) -> None:
    assert verdict_of("retry_after_given", *pressed(200, 200, 429, retry_after=value)) is PASS


@pytest.mark.parametrize("value", ["soon", "", "retry-after", "1.5", "-3", "2026-11-20T18:00:00Z", "\u00b2"])
def test_a_wait_in_no_known_form_is_a_finding(value: str) -> None:
    assert verdict_of("retry_after_given", *pressed(200, 200, 429, retry_after=value)) is FAIL


@pytest.mark.parametrize(("value", "verdict"), [("3600", PASS), ("3601", FAIL), ("60000", FAIL), ("9" * 5000, FAIL)])
def test_a_wait_in_milliseconds_or_until_an_instant_is_a_finding(value: str, verdict: Verdict) -> None:
    assert verdict_of("retry_after_given", *pressed(200, 200, 429, retry_after=value)) is verdict


def test_a_wait_that_nobody_waits_for_is_not_called_untrue() -> None:
    assert verdict_of("retry_after_true", *pressed(200, 200, 429, 429, retry_after="60000")) is NOT_RUN
    assert verdict_of("retry_after_true", *pressed(200, 200, 429, 429, retry_after="60")) is FAIL


def test_a_429_without_a_wait_is_a_finding() -> None:
    assert verdict_of("retry_after_given", *pressed(200, 200, 429)) is FAIL


@pytest.mark.parametrize(("after", "verdict"), [(200, PASS), (400, PASS), (429, FAIL)])
def test_after_the_announced_wait_a_request_is_served_again(after: int, verdict: Verdict) -> None:
    said = say("retry_after_true", *pressed(200, 200, 429, after, retry_after="9"))
    assert said.verdict is verdict
    assert verdict is PASS or "9 s" in said.wanted


@pytest.mark.parametrize("rule", ["retry_after_given", "retry_after_true"])
def test_without_a_429_there_is_no_wait_to_judge(rule: str) -> None:
    assert verdict_of(rule, *pressed(200, 200, 200, 200)) is NOT_RUN


def test_every_delivered_url_answers_with_the_image() -> None:
    assert verdict_of("url_reachable", success(n=2), download(), download()) is PASS


@pytest.mark.parametrize("url", ["/files/1", "file:///etc/passwd", "data:image/png;base64,AAAA", "www.x.com/1"])
def test_a_url_that_is_not_absolute_is_a_finding(url: str) -> None:
    assert verdict_of("url_reachable", success(data=[{"url": url}])) is FAIL


@pytest.mark.parametrize("status", [302, 403, 404, 500])
def test_a_url_that_does_not_answer_is_a_finding(status: int) -> None:
    said = say("url_reachable", success(n=2), download(), download(status))
    assert said.verdict is FAIL
    assert str(status) in said.got


def test_images_in_base64_have_no_url_to_reach() -> None:
    assert verdict_of("url_reachable", success(key="b64_json")) is NOT_RUN
    assert verdict_of("url_reachable", error(400)) is NOT_RUN


BROKEN = picture(problem="no image: cut")


@pytest.mark.parametrize(
    ("last", "alive", "dead"),
    [
        (download(200, "later"), PASS, FAIL),
        (download(404, "later"), FAIL, PASS),
        (download(403, "later"), FAIL, PASS),
        (download(200, "later", BROKEN), FAIL, FAIL),
    ],
    ids=["image", "404", "403", "200 without an image"],
)
def test_a_url_is_alive_or_dead_as_its_age_wants(last: Any, alive: Verdict, dead: Verdict) -> None:
    assert verdict_of("url_alive", success(), download(), last, step="later", after_s=3000) is alive
    assert verdict_of("url_dead", success(), download(), last, step="later", after_s=7200) is dead


def test_without_a_url_no_life_is_judged() -> None:
    assert verdict_of("url_alive", error(400), step="later") is NOT_RUN
    assert verdict_of("url_dead", error(400), step="later") is NOT_RUN
