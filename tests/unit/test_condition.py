"""One meaning of a condition, wherever a contract has one: prices, exclusions, disputes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pixelproof import loading
from pixelproof.contract import About, Ambiguity, Exclusion, Json, When, holds, spelled
from pixelproof.matrix import excludes
from pixelproof.pricing import covers


@pytest.mark.parametrize(
    ("value", "spelling"),
    [
        (True, "true"),
        (False, "false"),
        (None, "null"),
        (5, "5"),
        (5.0, "5"),
        (0.5, "0.5"),
        ("True", "True"),
        ("5", "5"),
        (float("inf"), "inf"),
    ],
)
def test_a_value_is_spelled_as_in_yaml(value: Json, spelling: str) -> None:
    assert spelled(value) == spelling


CONDITIONS: list[tuple[When, dict[str, Json], bool]] = [
    ({"stream": ("true",)}, {"stream": True}, True),
    ({"stream": ("true",)}, {"stream": False}, False),
    ({"stream": ("True",)}, {"stream": True}, False),
    ({"n": ("5", "10")}, {"n": 5}, True),
    ({"n": ("5", "10")}, {"n": 10.0}, True),
    ({"n": ("5",)}, {"n": 50}, False),
    ({"size": ("512x512",), "n": ("2",)}, {"size": "512x512", "n": 2}, True),
    ({"size": ("512x512",), "n": ("2",)}, {"size": "512x512"}, False),
    ({"quality": ("null", "None")}, {"quality": None}, False),
    ({}, {"quality": "hd"}, True),
]


@pytest.mark.parametrize(("when", "values", "met"), CONDITIONS)
def test_prices_exclusions_and_disputes_mean_the_same_by_a_condition(
    when: When,
    values: dict[str, Json],
    met: bool,  # noqa: FBT001 - a row of the table
) -> None:
    dispute = Ambiguity(claim="X-1", about=About.REQUEST, readings={}, mock="", subject=when)
    assert holds(when, values) is met
    assert covers(when, values) is met
    assert excludes(Exclusion(when=when, parameter="n", claim=()), values) is met
    assert dispute.covers(values) is met
    assert not replace(dispute, about=About.PRICE).covers(values)


def test_a_condition_of_a_shipped_contract_is_spelled_so_that_it_can_be_met() -> None:
    contract = loading.shipped("perf")
    disputed = next(point for point in contract.ambiguities if "n" in point.subject)
    assert disputed.covers({"model": "imagen-3", "n": 5})
    assert not disputed.covers({"model": "imagen-3", "n": 4})
