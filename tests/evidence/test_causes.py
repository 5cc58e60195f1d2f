"""Findings are grouped by what is behind them: one cause together, two causes apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.harness.builders import body, exchange, line

from pixelproof.contract import Json
from pixelproof.exchange import Exchange
from pixelproof.findings.causes import causes, difference
from pixelproof.verdict import CaseVerdict, Verdict

from .records import liar, recorded


def finding(wanted: str, got: str, case: str = "money/a", **more: object) -> CaseVerdict:
    return line(Verdict.FAIL, wanted=wanted, got=got, case=case, **more)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a charge of 0.02 USD", "a charge of 0.04 USD"), ("a charge of 0.036 USD", "a charge of 0.072 USD")),
        (("a charge of 250 INR", "a charge of 500 INR"), ("a charge of 8 INR", "a charge of 16 INR")),
        (("1024x1024 pixels", "image 0 has 512x512"), ("1792x1024 pixels", "image 3 has 256x256")),
        (("2 images", "200 with 1 image"), ("10 images", "200 with 4 images")),
        (("served", "400 with error {'param': 'size'}"), ("served", "400 with error {'param': 'n'}")),
        (("a URL", "http://127.0.0.1:9/a"), ("a URL", "http://127.0.0.1:8/b?c=d")),
        (("the task", "task_9dff0c53223c is gone"), ("the task", "task_4e442587a005 is gone")),
    ],
)
def test_what_varies_with_the_request_does_not_make_another_cause(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert difference(*one) == difference(*other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a charge of 0.02 USD", "a charge of 0.04 USD"), ("a charge of 0.02 USD", "a charge of 0.01 USD")),
        (("a charge of 0.02 USD", "a charge of 0.01 USD"), ("a charge of 0.02 USD", "a charge of 0.00 USD")),
        (("400 (invalid)", "422 with error {}"), ("400 (invalid)", "500 with error {}")),
        (("400 (invalid)", "422 with error {}"), ("402 (billing)", "422 with error {}")),
        (("a refusal: n is at most 10", "served"), ("a refusal: 'prompt' is required", "served")),
        (("'param' is size", "{'param': 'n'}"), ("'param' is size", "{'param': None}")),
        (("2 images", "200 with 1 image"), ("2 images", "200 with 3 images")),
    ],
)
def test_different_causes_stay_apart(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert difference(*one) != difference(*other)


@given(st.text(), st.text())
def test_whatever_a_server_says_can_be_grouped(wanted: str, got: str) -> None:
    assert difference(wanted, got) == difference(wanted, got)


def test_one_cause_names_every_claim_and_case_once() -> None:
    found = causes(
        [
            finding("2 images", "200 with 1 image", "images/a", claim="AIV-05"),
            finding("2 images", "200 with 1 image", "images/a", claim="AIV-07"),
            finding("3 images", "200 with 1 image", "images/b", claim="AIV-05"),
        ]
    )
    assert [(cause.claims, cause.cases) for cause in found] == [(("AIV-05", "AIV-07"), ("images/a", "images/b"))]
    assert [shown.case for shown in found[0].shown] == ["images/a", "images/b"]


def test_another_rule_is_another_cause() -> None:
    assert len(causes([finding("a", "b", rule="charged"), finding("a", "b", rule="served")])) == 2


def test_the_shortest_request_comes_first() -> None:
    found = causes([finding("a", "b", "images/long", curl="curl " * 9), finding("a", "b", "images/short", curl="curl")])
    assert found[0].cases == ("images/short", "images/long")


def sent(case: str, **params: Json) -> Exchange:
    return replace(exchange(said={}, sent=body(**params)), case=case)


def test_a_cause_says_what_its_requests_share_and_others_do_not() -> None:
    lines = [
        finding("a", "b", "money/1", rule="charged"),
        finding("a", "b", "money/2", rule="charged"),
        line(Verdict.PASS, case="money/3", rule="charged"),
    ]
    traffic = [
        sent("money/1", model="dall-e-3", size="1792x1024", quality="hd", response_format="url"),
        sent("money/2", model="dall-e-3", size="1792x1024", quality="standard", response_format="url"),
        sent("money/3", model="dall-e-3", size="1024x1024", quality="standard", response_format="url"),
    ]
    (cause,) = causes(lines, traffic)
    assert cause.said() == "2 cases: size=1792x1024"


def test_only_verdicts_of_the_kind_are_grouped() -> None:
    lines = [finding("a", "b"), line(Verdict.WARN, wanted="a", got="b"), line(Verdict.PASS)]
    assert len(causes(lines)) == 1
    assert len(causes(lines, kind=Verdict.WARN)) == 1


def test_a_provider_that_charges_twice_is_one_cause(tmp_path: Path) -> None:
    record = recorded(tmp_path, "aivene", "aivene-charged-twice")
    (cause,) = causes(record.verdicts, record.exchanges)
    assert (cause.rule, len(cause.cases), dict(cause.shared)) == ("charged", 24, {})


def test_a_wrong_price_of_one_size_is_named_by_model_and_size(tmp_path: Path) -> None:
    deviation = liar("aivene-wide-at-square")
    record = recorded(tmp_path, deviation.profile, deviation.name)
    (cause,) = causes(record.verdicts, record.exchanges)
    assert cause.said() == "3 cases: model=dall-e-3, size=1792x1024"
