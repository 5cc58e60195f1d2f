"""Prices are held against charges and refunds that were worked out by hand from the page."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest

from pixelproof import loading
from pixelproof.contract import MEDIA, Contract, Json, PriceExample, RefundExample
from pixelproof.matrix import Matrix, parameters_of
from pixelproof.money import Units
from pixelproof.pricing import NoPrice, charge, compile_prices, image_count, unit_price

CONTRACTS = {profile: loading.shipped(profile) for profile in loading.profiles()}
EXAMPLES = [
    pytest.param(contract, example, id=f"{profile}: {example.worked}")
    for profile, contract in CONTRACTS.items()
    for example in contract.billing.examples
]
REFUNDS = [
    pytest.param(contract, example, id=f"{profile}: {example.worked}")
    for profile, contract in CONTRACTS.items()
    for example in contract.billing.refund_examples
]
#: Every operation that makes images.
CREATING = [
    pytest.param(profile, operation.name, id=f"{profile} {operation.name}")
    for profile, contract in CONTRACTS.items()
    for operation in contract.creating()
]
PRICED = [param for param in CREATING if CONTRACTS[str(param.values[0])].billing.prices]


@cache
def matrix_of(profile: str, operation: str = "generate") -> Matrix:
    """Return the matrix that requests of an operation are read with."""
    contract = CONTRACTS[profile]
    return Matrix(contract, contract.operations[operation].capability or "")


def whole(contract: Contract, example: PriceExample | RefundExample) -> dict[str, Json]:
    """Return an example with what every request must carry and no price depends on."""
    parameters = parameters_of(contract, contract.operations[example.operation].capability or "")
    media = next(iter(contract.media.kinds.values())) if contract.media else None
    needed = [p for p in parameters.values() if p.required and p.name not in example.request]
    filled: dict[str, Json] = {p.name: dict(media or {}) if p.domain.type == MEDIA else "x" for p in needed}
    return {**filled, **example.request}


@pytest.mark.parametrize(("contract", "example"), EXAMPLES)
def test_a_worked_example_costs_what_was_worked_out(contract: Contract, example: PriceExample) -> None:
    assert charge(contract, matrix_of(contract.profile, example.operation), example.request) == example.charge


@pytest.mark.parametrize(("contract", "example"), [*EXAMPLES, *REFUNDS])
def test_a_worked_example_is_a_request_that_the_matrix_takes(
    contract: Contract, example: PriceExample | RefundExample
) -> None:
    assert matrix_of(contract.profile, example.operation).violations(whole(contract, example)) == ()


@pytest.mark.parametrize(("contract", "example"), REFUNDS)
def test_a_worked_refund_is_what_was_not_delivered_at_the_single_price(
    contract: Contract, example: RefundExample
) -> None:
    values = matrix_of(contract.profile, example.operation).effective(example.request)
    missing = image_count(values) - example.delivered
    assert missing * unit_price(contract.billing, values).price == example.refund


@pytest.mark.parametrize(("contract", "example"), REFUNDS)
def test_charge_less_refund_is_what_was_delivered(contract: Contract, example: RefundExample) -> None:
    matrix = matrix_of(contract.profile, example.operation)
    unit = unit_price(contract.billing, matrix.effective(example.request)).price
    assert charge(contract, matrix, example.request) - example.refund == example.delivered * unit


@pytest.mark.parametrize("profile", [name for name, contract in CONTRACTS.items() if contract.tasks])
def test_refunds_are_worked_out_for_a_part_for_everything_and_for_each_operation(profile: str) -> None:
    contract = CONTRACTS[profile]
    examples = contract.billing.refund_examples
    assert {example.operation for example in examples} == {operation.name for operation in contract.creating()}
    assert {example.delivered == 0 for example in examples} == {True, False}


@pytest.mark.parametrize(("profile", "operation"), PRICED)
def test_every_price_row_of_an_operation_is_reached_by_a_worked_example(profile: str, operation: str) -> None:
    contract = CONTRACTS[profile]
    capability = contract.operations[operation].capability
    rows = [r for r in contract.billing.prices if capability in r.when.get("capability", (capability,))]
    matrix = matrix_of(profile, operation)
    examples = [e for e in contract.billing.examples if e.operation == operation]
    chosen = [unit_price(contract.billing, matrix.effective(e.request)) for e in examples]
    assert [row.when for row in rows if not any(row is hit for hit in chosen)] == []


@pytest.mark.parametrize("profile", CONTRACTS)
def test_every_price_row_belongs_to_an_operation(profile: str) -> None:
    contract = CONTRACTS[profile]
    known = {operation.capability for operation in contract.creating()}
    assert {c for row in contract.billing.prices for c in row.when.get("capability", ())} <= known


@pytest.mark.parametrize(("profile", "operation"), PRICED)
def test_every_model_has_a_price_for_everything_that_moves_it(profile: str, operation: str) -> None:
    contract, matrix = CONTRACTS[profile], matrix_of(profile, operation)
    movers = sorted({name for row in contract.billing.prices for name in row.when} - {"model", "capability"})
    is_free = not any(row.price for row in contract.billing.prices)
    assert movers or is_free
    for model in contract.models.values():
        for values in product(*(model.cells[name].domain.enum or (None,) for name in movers)):
            request: dict[str, Json] = {"model": model.id, **dict(zip(movers, values, strict=True))}
            assert charge(contract, matrix, request) > 0 or is_free


@pytest.mark.parametrize("profile", CONTRACTS)
def test_documented_orders_of_prices_hold(profile: str) -> None:
    contract, matrix = CONTRACTS[profile], matrix_of(profile)
    for order in contract.billing.order:
        assert charge(contract, matrix, order.cheaper) < charge(contract, matrix, order.dearer)


@pytest.mark.parametrize("profile", CONTRACTS)
def test_the_remembering_price_function_agrees_with_the_plain_one(profile: str) -> None:
    contract = CONTRACTS[profile]
    price = compile_prices(contract.billing)
    for example in (*contract.billing.examples, *contract.billing.examples):
        values = matrix_of(profile, example.operation).effective(example.request)
        assert price(values) == unit_price(contract.billing, values).price


def test_n_images_cost_n_times_one() -> None:
    contract, matrix = CONTRACTS["aivene"], matrix_of("aivene")
    one = charge(contract, matrix, {"model": "dall-e-2"})
    assert charge(contract, matrix, {"model": "dall-e-2", "n": 10}) == Units(10 * one) == Units(200_000)
    assert charge(contract, matrix, {"model": "dall-e-2", "n": 2.0}) == 2 * one


def test_the_same_request_costs_more_where_it_starts_from_an_image() -> None:
    contract = CONTRACTS["stratizon"]
    from_text, from_image = (charge(contract, matrix_of("stratizon", name), {}) for name in ("generate", "transform"))
    assert (from_text, from_image) == (Units(500_000), Units(600_000))


def test_reference_images_do_not_move_the_price() -> None:
    contract, matrix = CONTRACTS["stratizon"], matrix_of("stratizon", "transform")
    extra: list[Json] = [{"type": "url", "url": "https://a/b.png"}] * 15
    assert charge(contract, matrix, {"extra_images": extra}) == charge(contract, matrix, {})


def test_the_prompt_does_not_move_the_price() -> None:
    contract, matrix = CONTRACTS["aivene"], matrix_of("aivene")
    short, long = ({"model": "dall-e-3", "prompt": text} for text in ("x", "x" * 3000))
    assert charge(contract, matrix, short) == charge(contract, matrix, long) == Units(40_000)


def test_a_request_that_no_row_covers_has_no_price() -> None:
    with pytest.raises(NoPrice, match="no price row covers"):
        charge(CONTRACTS["aivene"], matrix_of("aivene"), {"model": "unheard-of"})


def test_a_missing_or_senseless_n_counts_as_one_image() -> None:
    assert [image_count(values) for values in ({}, {"n": None}, {"n": "3"}, {"n": 3})] == [1, 1, 1, 3]
