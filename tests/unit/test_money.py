"""Money is exact: integers in, integers out, floats refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelproof.money import Currency, MoneyError

MICRO_DOLLARS = Currency(code="USD", scale=6)
CREDITS = Currency(code="credits", scale=0)


@pytest.mark.parametrize(
    ("text", "units"),
    [("0.04", 40_000), ("0.040000", 40_000), ("-1", -1_000_000), (3, 3_000_000), (Decimal("0.000001"), 1), ("1e-6", 1)],
)
def test_an_exact_amount_becomes_units(text: object, units: int) -> None:
    assert MICRO_DOLLARS.parse(text) == units


@pytest.mark.parametrize(
    "text", [0.04, True, None, "", "cheap", "NaN", "Infinity", "1e999999999", "0" * 31, [], "0x10"]
)
def test_what_is_not_exact_money_is_refused(text: object) -> None:
    with pytest.raises(MoneyError):
        MICRO_DOLLARS.parse(text)


def test_an_amount_finer_than_the_smallest_unit_is_refused_and_not_rounded() -> None:
    with pytest.raises(MoneyError, match="finer than 6 decimal digits"):
        MICRO_DOLLARS.parse("0.0000001")


@pytest.mark.parametrize(
    ("reported", "units"), [(0.04, 40_000), (0.1 + 0.2, 300_000), ("0.0000005", 1), ("-0.0000005", -1)]
)
def test_a_reported_number_is_rounded_to_the_nearest_unit(reported: object, units: int) -> None:
    assert MICRO_DOLLARS.nearest(reported) == units


@pytest.mark.parametrize("reported", [float("nan"), float("inf"), "-Infinity", 1e300])
def test_a_reported_number_that_no_wallet_holds_is_refused(reported: object) -> None:
    with pytest.raises(MoneyError):
        MICRO_DOLLARS.nearest(reported)


def test_units_are_written_with_all_digits_for_machines_and_few_for_people() -> None:
    assert MICRO_DOLLARS.format(40_000) == "0.040000"
    assert MICRO_DOLLARS.show(40_000) == "0.04 USD"
    assert MICRO_DOLLARS.show(-1_500_000) == "-1.50 USD"
    assert CREDITS.format(-300) == "-300"
    assert CREDITS.show(300) == "300 credits"


@given(units=st.integers(min_value=-(10**20), max_value=10**20), scale=st.integers(min_value=0, max_value=9))
def test_writing_and_reading_an_amount_loses_nothing(units: int, scale: int) -> None:
    currency = Currency(code="XYZ", scale=scale)
    assert currency.parse(currency.format(units)) == units
