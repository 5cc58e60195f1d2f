"""Rules about what meets: requests at one time, several images and one price, a task and a wallet without credit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from pixelproof.planning.case import Check
from pixelproof.rules import judge
from pixelproof.verdict import Verdict

from .builders import CREATED, error, evidence, exchange, say, silence, success, verdict_of, wallet

PASS, FAIL, NOT_RUN, MOOT = Verdict.PASS, Verdict.FAIL, Verdict.NOT_RUN, Verdict.NOT_APPLICABLE
BESIDE = ["beside-1", "beside-2", "beside-3"]
STRATIZON = {"profile": "stratizon"}


def crowd(left: int, *answers: Any) -> tuple[Any, ...]:
    """One request that takes 20 of 100, then three at one time that leave ``left``."""
    beside = answers or tuple(map(success, BESIDE))
    return wallet("before", 100), success("alone"), wallet("between", 80), *beside, wallet("after", left)


@pytest.mark.parametrize(("left", "verdict"), [(20, PASS), (40, FAIL), (60, FAIL), (0, FAIL), (21, FAIL)])
def test_requests_at_one_time_cost_what_they_cost_alone(left: int, verdict: Verdict) -> None:
    assert verdict_of("charged_together", *crowd(left), steps=BESIDE) is verdict


def test_what_a_coarse_wallet_hides_is_no_loss() -> None:
    assert verdict_of("charged_together", *crowd(24), steps=BESIDE, resolution=1) is PASS
    assert verdict_of("charged_together", *crowd(25), steps=BESIDE, resolution=1) is FAIL


def test_who_was_turned_away_in_a_crowd_pays_nothing() -> None:
    answers = (success("beside-1"), success("beside-2"), error(429, "beside-3"))
    assert verdict_of("charged_together", *crowd(40, *answers), steps=BESIDE) is PASS
    assert verdict_of("charged_together", *crowd(20, *answers), steps=BESIDE) is FAIL


@pytest.mark.parametrize(
    "answers",
    [
        (success("beside-1"), error(429, "beside-2"), error(429, "beside-3")),
        (success("beside-1"), success("beside-2"), silence("beside-3")),
    ],
    ids=["one served", "one silent"],
)
def test_a_crowd_of_one_or_with_a_silent_one_proves_nothing(answers: tuple[Any, ...]) -> None:
    assert verdict_of("charged_together", *crowd(60, *answers), steps=BESIDE) is NOT_RUN


def tour(*taken: int, refused: str = "") -> tuple[Any, ...]:
    """A plain request, another one and three images, by what each takes of 1000."""
    found: list[Any] = [wallet("before", 1000)]
    left = 1000
    for name, amount in zip(("plain", "otherwise", "several"), taken, strict=True):
        left -= amount
        found += [error(400, name) if name == refused else success(name), wallet(f"after-{name}", left)]
    return tuple(found)


IMAGES: Any = {"plain": 1, "otherwise": 1, "several": 3}


@pytest.mark.parametrize(
    ("taken", "verdict", "step"),
    [((40, 40, 120), PASS, ""), ((40, 42, 120), FAIL, "otherwise"), ((40, 40, 80), FAIL, "several")],
    ids=["by the image", "surcharge", "discount"],
)
def test_an_image_costs_the_same_whatever_else_is_asked_for(
    taken: tuple[int, ...], verdict: Verdict, step: str
) -> None:
    said = say("priced_per_image", *tour(*taken), images=IMAGES)
    assert (said.verdict, said.step or "") == (verdict, step)


def test_rounding_adds_up_with_the_images() -> None:
    assert verdict_of("priced_per_image", *tour(40, 41, 123), images=IMAGES, resolution=1) is PASS
    assert verdict_of("priced_per_image", *tour(40, 43, 120), images=IMAGES, resolution=1) is FAIL


def test_prices_are_compared_where_everything_was_served() -> None:
    assert verdict_of("priced_per_image", *tour(40, 80, 120, refused="otherwise"), images=IMAGES) is NOT_RUN


def task(step: str = "main", status: int = 202, **facts: Any) -> Any:
    known = {"id": "t-1", "state": "succeeded", "images": [], **facts}
    return exchange(step, status, {"task_id": "t-1"}, facts={"task": known})


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ((error(402),), PASS),
        ((error(400),), PASS),
        ((task(state="queued"), task("done", 200)), FAIL),
        ((task(state="queued"), task("done", 200, state="failed")), PASS),
        ((task(),), FAIL),
        ((error(500),), FAIL),
        ((error(401),), NOT_RUN),
        ((error(429),), NOT_RUN),
    ],
    ids=["402", "400", "made", "failed", "never looked at", "500", "401", "429"],
)
def test_what_is_paid_in_advance_is_not_made_without_credit(answers: tuple[Any, ...], verdict: Verdict) -> None:
    assert verdict_of("prepaid", *answers, **STRATIZON) is verdict


IMAGE = {"url": "http://127.0.0.1:9/a.png", "artifact_id": "art-1"}


@pytest.mark.parametrize(("refunded", "verdict"), [(None, PASS), (0, PASS), (500_000, FAIL)])
def test_a_complete_task_shows_no_refund(refunded: int | None, verdict: Verdict) -> None:
    done = task("done", 200, images=[IMAGE], refunded=refunded)
    assert verdict_of("no_refund_shown", done, n=1, unit=500_000, **STRATIZON) is verdict


def test_a_refund_of_what_is_missing_is_judged_elsewhere() -> None:
    done = task("done", 200, images=[IMAGE], refunded=500_000)
    assert verdict_of("no_refund_shown", done, n=2, unit=500_000, **STRATIZON) is NOT_RUN
    assert verdict_of("refund_shown", done, n=2, unit=500_000, **STRATIZON) is PASS
    assert verdict_of("refund_shown", done, n=1, unit=500_000, **STRATIZON) is MOOT


@pytest.mark.parametrize(
    ("minutes", "verdict"), [(0, PASS), (10, PASS), (15, FAIL), (-330, FAIL)], ids=["now", "late", "a quarter", "india"]
)
def test_created_agrees_with_the_date_of_its_own_answer(minutes: int, verdict: Verdict) -> None:
    made = datetime.fromtimestamp(CREATED, UTC)
    dated = format_datetime(made + timedelta(minutes=minutes), usegmt=True)
    answer = replace(success(headers={"content-type": "application/json", "date": dated}), at=made.isoformat())
    check = Check(rule="response_field", claim="AIV-18", args={"field": "created"})
    live = replace(evidence(answer), real_time=True)
    assert (judge(live, check).verdict, judge(evidence(answer), check).verdict) == (verdict, PASS)


@pytest.mark.parametrize(("reset", "verdict"), [("60", PASS), ("0", PASS), ("66", FAIL), ("1795000060", FAIL)])
def test_a_reset_is_seconds_of_a_minute(reset: str, verdict: Verdict) -> None:
    headers = {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "59", "x-ratelimit-reset": reset}
    assert verdict_of("rate_headers_given", success(headers=headers), profile="aicredits") is verdict
