"""Runs side by side: who is who, where they differ, what an image cost and how long an answer took."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.harness.builders import line

from pixelproof.money import Units
from pixelproof.planning.case import Case, Poll, Send, Together
from pixelproof.record.comparison import compared, identity
from pixelproof.record.drift import Trend
from pixelproof.record.measuring import figures
from pixelproof.record.recording import Conducted, Record
from pixelproof.verdict import Verdict

from .records import exchange, record

MOCK = {"mock": {"seed": 0, "liar": None}}


def at(target: str, *verdicts: Any, **header: Any) -> Record:
    return record(*verdicts, header={"target": target, **header})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (at("https://api.vendor.example/v1"), at("https://API.vendor.example/v1/"), True),
        (at("https://api.vendor.example/v1"), at("https://eu.vendor.example/v1"), False),
        (at("https://api.vendor.example/v1"), at("https://api.vendor.example/v2"), False),
        (at("http://127.0.0.1:9001/v1"), at("http://127.0.0.1:9002/v1"), False),
        (at("http://127.0.0.1:41235/v1", **MOCK), at("http://127.0.0.1:37785/v1", **MOCK), True),
        (at("http://h/v1", profile="aivene"), at("http://h/v1", profile="openai"), False),
        (
            at("http://127.0.0.1:1/v1", line(case="gate/tools")),
            at("http://127.0.0.1:2/v1", line(case="gate/tools")),
            True,
        ),
    ],
    ids=["same", "host", "path", "port", "mock", "profile", "gateway"],
)
def test_two_runs_are_of_one_target_by_profile_and_address(one: Record, other: Record, *, same: bool) -> None:
    assert (identity(one) == identity(other)) is same


def test_runs_of_one_target_are_held_against_the_one_before() -> None:
    kept, broken = line(), line(Verdict.FAIL)
    runs = [
        at("http://a.example/v1", kept, started="2026-11-01T10:00"),
        at("http://b.example/v1", kept),
        at("http://a.example/v1", broken, started="2026-11-02T10:00"),
        at("http://a.example/v1", kept, started="2026-11-03T10:00"),
    ]
    found = compared(runs)
    assert [(before.letter, after.letter) for before, after, _ in found.drifts] == [("A", "C"), ("C", "D")]
    assert [[item.trend for item in what.findings] for _, _, what in found.drifts] == [[Trend.NEW], [Trend.FIXED]]


def test_a_run_is_named_by_its_host_and_where_there_are_more_by_its_time() -> None:
    one = at("http://a.example/v1", started="2026-11-01T10:00:00")
    assert [column.label for column in compared([one, at("http://b.example/v1")]).columns] == [
        "aivene a.example",
        "aivene b.example",
    ]
    assert compared([one, one]).columns[0].label == "aivene a.example 2026-11-01 10:00"


def test_a_claim_differs_where_two_runs_judged_it_otherwise() -> None:
    found = compared([at("http://a/v1", line(), line(claim="AIV-06")), at("http://b/v1", line(Verdict.FAIL))])
    assert {row.name: row.differs for row in found.claims} == {"AIV-05": True, "AIV-06": False}
    (count, size) = found.claims
    assert [cell.verdict if cell else None for cell in count.cells] == ["pass", "fail"]
    assert size.cells[1] is None


def test_other_profiles_are_compared_by_rule_as_well() -> None:
    ours = at("http://a/v1", line(claim="AIV-05"))
    theirs = at("http://b/v1", line(Verdict.FAIL, claim="OAI-07"), profile="openai")
    assert [(row.name, row.differs) for row in compared([ours, theirs]).rules] == [("image_count", True)]
    assert compared([ours, ours]).rules == ()


def paid(case: str, price: str, images: int) -> dict[str, Any]:
    return {"kind": "sent", "case": case, "step": "main", "price": price, "worst": price, "images": images}


def conducted(case: str, *steps: Any) -> Conducted:
    return Conducted(case=Case(id=case, steps=steps, checks=(), model="dall-e-2"))


def test_a_figure_is_the_price_of_one_image_and_the_time_to_the_answer() -> None:
    send = Send(name="main", operation="generate", price=Units(1))
    shown = record(
        exchanges=tuple(exchange(n, f"c/{n}", elapsed_s=n / 10) for n in range(1, 21)),
        cases={f"c/{n}": conducted(f"c/{n}", send) for n in range(1, 21)},
        sent=(paid("c/1", "0.04", 2), paid("c/2", "0.03", 1), paid("c/3", "0.00", 1), paid("c/4", "none", 1)),
    )
    (found,) = figures(shown)
    assert (found.operation, found.model, found.requests) == ("generate", "dall-e-2", 20)
    assert (found.least, found.most, found.currency) == (Decimal("0.02"), Decimal("0.03"), "USD")
    assert (found.median_s, found.p95_s) == (1.0, 1.9)


def test_what_was_refused_or_not_answered_has_no_figure() -> None:
    send = Send(name="main", operation="generate")
    shown = record(
        exchanges=(exchange(1, "c/1", response=None, error="timeout"), exchange(2, "unknown")),
        cases={"c/1": conducted("c/1", send)},
    )
    assert figures(shown) == ()


@pytest.mark.parametrize(("real", "seconds"), [(True, 3.25), (False, 0.25)])
def test_a_task_takes_until_it_is_final_where_no_clock_was_moved(*, real: bool, seconds: float) -> None:
    steps = (Send(name="main", operation="generate"), Poll(name="done", of="main"))
    calls = (
        exchange(1, "c", at="2026-11-20T18:00:01+00:00"),
        exchange(2, "c", step="done", at="2026-11-20T18:00:02+00:00"),
        exchange(3, "c", step="done", at="2026-11-20T18:00:04+00:00"),
    )
    told = {"judging": {"real_time": real}}
    (found,) = figures(record(exchanges=calls, cases={"c": conducted("c", *steps)}, header=told))
    assert found.median_s == seconds


def test_requests_that_were_sent_together_count_each() -> None:
    pair = Together(name="both", sends=tuple(Send(name=name, operation="generate") for name in ("x", "y")))
    calls = tuple(exchange(n, "c", step=name) for n, name in enumerate(("x", "y")))
    assert [found.requests for found in figures(record(exchanges=calls, cases={"c": conducted("c", pair)}))] == [2]
