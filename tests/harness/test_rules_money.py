"""Rules about money: what left the wallet against what the document says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelproof.verdict import Verdict

from .builders import error, say, silence, success, verdict_of, wallet

PASS, FAIL, NOT_RUN = Verdict.PASS, Verdict.FAIL, Verdict.NOT_RUN
#: 0.02 USD in millionths.
PRICE = 20_000


def spending(start: int, end: int | None, answer: Any = None) -> tuple[Any, ...]:
    return wallet("before", start), answer or success(), wallet("after", end)


def test_a_served_request_takes_its_price_once() -> None:
    assert verdict_of("charged", *spending(100_000, 80_000), price=PRICE) is PASS


@pytest.mark.parametrize(
    ("end", "got"),
    [
        (60_000, "a charge of 0.04 USD"),
        (100_000, "a charge of 0.00 USD"),
        (120_000, "a charge of -0.02 USD"),
        (79_999, "a charge of 0.020001 USD"),
    ],
    ids=["twice", "free", "paid out", "one unit off"],
)
def test_any_other_charge_is_a_finding_in_words(end: int, got: str) -> None:
    said = say("charged", *spending(100_000, end), price=PRICE)
    assert (said.verdict, said.wanted, said.got) == (FAIL, "a charge of 0.02 USD", got)


def test_a_wallet_that_shows_whole_cents_is_judged_in_whole_cents() -> None:
    wallets = spending(100_000, 80_000 - 4_000)
    assert verdict_of("charged", *wallets, price=PRICE, resolution=10_000) is PASS
    assert verdict_of("charged", *wallets, price=PRICE) is FAIL


@pytest.mark.parametrize(("end", "verdict"), [(99_999, PASS), (100_000, FAIL), (100_001, FAIL)])
def test_where_no_price_is_known_something_must_leave_the_wallet(end: int, verdict: Verdict) -> None:
    assert verdict_of("charged", *spending(100_000, end), price=None) is verdict


def test_a_wallet_that_could_not_be_read_proves_nothing() -> None:
    assert verdict_of("charged", *spending(100_000, None), price=PRICE) is NOT_RUN
    assert verdict_of("not_charged", *spending(100_000, None, error(400))) is NOT_RUN


def test_what_was_not_served_is_no_matter_of_the_charge() -> None:
    assert verdict_of("charged", *spending(100_000, 80_000, error(500)), price=PRICE) is NOT_RUN


@given(start=st.integers(0, 10**12), price=st.integers(1, 10**9), off=st.integers(-(10**9), 10**9))
def test_no_unit_is_lost_or_forgiven(start: int, price: int, off: int) -> None:
    said = verdict_of("charged", *spending(start, start - price - off), price=price)
    assert (said is PASS) == (off == 0)


@pytest.mark.parametrize("answer", [error(400), error(402), error(500), silence()], ids=["400", "402", "500", "none"])
def test_a_request_that_made_no_image_leaves_the_wallet_as_it_was(answer: Any) -> None:
    assert verdict_of("not_charged", *spending(100_000, 100_000, answer)) is PASS
    assert verdict_of("not_charged", *spending(100_000, 99_999, answer)) is FAIL


def test_a_failed_request_that_pays_out_is_a_finding_too() -> None:
    assert verdict_of("not_charged", *spending(100_000, 100_001, error(500))) is FAIL


def test_a_request_that_was_served_may_be_charged() -> None:
    assert verdict_of("not_charged", *spending(100_000, 80_000)) is Verdict.NOT_APPLICABLE


def pair(first: str, second: str, wallets: tuple[int, int, int], refused: str = "") -> tuple[Any, ...]:
    answers = {name: error(400, name) if name == refused else success(name) for name in (first, second)}
    before, between, after = wallets
    return (
        wallet("before", before),
        answers[first],
        wallet("between", between),
        answers[second],
        wallet("after", after),
    )


@pytest.mark.parametrize(
    ("wallets", "verdict"),
    [((100, 60, 20), PASS), ((100, 40, 0), FAIL), ((100, 80, 40), FAIL)],
    ids=["alike", "dearer", "cheaper"],
)
def test_leaving_a_parameter_out_costs_what_its_default_costs(wallets: tuple[int, int, int], verdict: Verdict) -> None:
    said = say("priced_alike", *pair("omitted", "named", wallets), parameter="quality", default="standard")
    assert said.verdict is verdict


@pytest.mark.parametrize(
    ("wallets", "verdict"),
    [((100, 90, 60), PASS), ((100, 80, 60), FAIL), ((100, 60, 50), FAIL)],
    ids=["cheaper", "the same", "dearer"],
)
def test_the_cheaper_model_costs_less_and_not_the_same(wallets: tuple[int, int, int], verdict: Verdict) -> None:
    assert verdict_of("cheaper", *pair("cheaper", "dearer", wallets), says="as documented") is verdict


@pytest.mark.parametrize(
    ("rule", "names"), [("priced_alike", ("omitted", "named")), ("cheaper", ("cheaper", "dearer"))]
)
def test_a_comparison_needs_both_of_its_requests(rule: str, names: tuple[str, str]) -> None:
    for refused in names:
        assert verdict_of(rule, *pair(*names, (100, 90, 60), refused)) is NOT_RUN
