"""Prices are held against charges that were worked out by hand from the page."""

from __future__ import annotations

import pytest

from pixelproof import loading
from pixelproof.contract import Contract, PriceExample
from pixelproof.matrix import Matrix
from pixelproof.money import Units
from pixelproof.pricing import NoPrice, charge, compile_prices, image_count, unit_price

CONTRACTS = {profile: loading.shipped(profile) for profile in loading.profiles()}
EXAMPLES = [
    pytest.param(contract, example, id=f"{profile}: {example.worked}")
    for profile, contract in CONTRACTS.items()
    for example in contract.billing.examples
]


@pytest.mark.parametrize(("contract", "example"), EXAMPLES)
def test_a_worked_example_costs_what_was_worked_out(contract: Contract, example: PriceExample) -> None:
    assert charge(contract, Matrix(contract), example.request) == example.charge


@pytest.mark.parametrize(("contract", "example"), EXAMPLES)
def test_a_worked_example_is_a_request_that_the_matrix_takes(contract: Contract, example: PriceExample) -> None:
    assert Matrix(contract).violations({"prompt": "x", **example.request}) == ()


@pytest.mark.parametrize("profile", CONTRACTS)
def test_every_price_row_is_reached_by_a_worked_example(profile: str) -> None:
    contract = CONTRACTS[profile]
    matrix = Matrix(contract)
    chosen = [unit_price(contract.billing, matrix.effective(e.request)) for e in contract.billing.examples]
    unreached = [row.when for row in contract.billing.prices if not any(row is hit for hit in chosen)]
    assert unreached == []


@pytest.mark.parametrize("profile", CONTRACTS)
def test_every_model_has_a_price_for_every_size_and_quality(profile: str) -> None:
    contract = CONTRACTS[profile]
    if not contract.billing.prices:
        pytest.skip("no documented prices")
    for model in contract.models.values():
        for size in model.cells["size"].domain.enum or (None,):
            for quality in model.cells["quality"].domain.enum or (None,):
                request = {"model": model.id, "size": size, "quality": quality}
                assert charge(contract, Matrix(contract), request) > 0


@pytest.mark.parametrize("profile", CONTRACTS)
def test_documented_orders_of_prices_hold(profile: str) -> None:
    contract = CONTRACTS[profile]
    matrix = Matrix(contract)
    for order in contract.billing.order:
        assert charge(contract, matrix, order.cheaper) < charge(contract, matrix, order.dearer)


@pytest.mark.parametrize("profile", CONTRACTS)
def test_the_remembering_price_function_agrees_with_the_plain_one(profile: str) -> None:
    contract = CONTRACTS[profile]
    matrix = Matrix(contract)
    price = compile_prices(contract.billing)
    for example in (*contract.billing.examples, *contract.billing.examples):
        values = matrix.effective(example.request)
        assert price(values) == unit_price(contract.billing, values).price


def test_n_images_cost_n_times_one() -> None:
    contract = CONTRACTS["aivene"]
    matrix = Matrix(contract)
    one = charge(contract, matrix, {"model": "dall-e-2"})
    assert charge(contract, matrix, {"model": "dall-e-2", "n": 10}) == Units(10 * one) == Units(200_000)
    assert charge(contract, matrix, {"model": "dall-e-2", "n": 2.0}) == 2 * one


def test_the_prompt_does_not_move_the_price() -> None:
    contract = CONTRACTS["aivene"]
    matrix = Matrix(contract)
    short, long = ({"model": "dall-e-3", "prompt": text} for text in ("x", "x" * 3000))
    assert charge(contract, matrix, short) == charge(contract, matrix, long) == Units(40_000)


def test_a_request_that_no_row_covers_has_no_price() -> None:
    contract = CONTRACTS["aivene"]
    with pytest.raises(NoPrice, match="no price row covers"):
        charge(contract, Matrix(contract), {"model": "unheard-of"})


def test_a_missing_or_senseless_n_counts_as_one_image() -> None:
    assert [image_count(values) for values in ({}, {"n": None}, {"n": "3"}, {"n": 3})] == [1, 1, 1, 3]
