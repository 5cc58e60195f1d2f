"""Every cell of every matrix is served, delivers what was asked for and costs what the page says: none is left out."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from pixelproof import loading
from pixelproof.contract import Contract, Model, Support
from pixelproof.matrix import parameters_of

from .pricelists import PAGES, Cell, Page

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

CONTRACTS = {profile: loading.shipped(profile) for profile in PAGES}
MODELS = [(profile, model) for profile, page in PAGES.items() for model in page.most]
#: What has a column in the price list, wherever a model takes it.
PRICED = ("size", "quality")
#: Pixels of a request that leaves them to the model.
AUTO = "1024x1024"

Payer = Callable[..., Any]


@pytest.fixture
def payer(caller: Callable[..., Any], serve_mock: Callable[..., FlaskClient]) -> Payer:
    """Open a rich account without limits: ``payer("perf")``."""

    def make(profile: str, **account: Any) -> Any:
        limits = dict.fromkeys(CONTRACTS[profile].limits)
        settings = {"balance": "100000", "limits": limits, **account}
        return caller(profile, client=serve_mock(profile), **settings)

    return make


# --- the list that was typed by hand names the whole matrix, and nothing else ---


@pytest.mark.parametrize("profile", PAGES)
def test_the_page_and_the_matrix_have_the_same_models(profile: str) -> None:
    page, contract = PAGES[profile], CONTRACTS[profile]
    assert set(page.most) == set(page.plain) == set(page.others) == set(contract.models)
    assert contract.parameters["model"].default == page.default_model


@pytest.mark.parametrize("profile", PAGES)
def test_every_cell_of_the_matrix_is_in_the_price_list_once(profile: str) -> None:
    page, contract = PAGES[profile], CONTRACTS[profile]
    listed = [cell for cell in page.prices if cell[1] not in page.custom]
    of_matrix = [
        (model.id, size, quality)
        for model in contract.models.values()
        for size in values_of(model, "size")
        for quality in values_of(model, "quality")
    ]
    assert len(listed) == len(of_matrix)
    assert set(listed) == set(of_matrix)


@pytest.mark.parametrize(("profile", "name"), MODELS)
def test_custom_sizes_are_those_of_models_that_have_them(profile: str, name: str) -> None:
    page = PAGES[profile]
    custom = CONTRACTS[profile].models[name].cells["size"].domain.custom
    tried = [str(size) for model, size, _ in page.prices if model == name and size in page.custom]
    assert bool(tried) is (custom is not None)
    assert all(custom is not None and custom.covers(size) for size in tried)


@pytest.mark.parametrize(("profile", "name"), MODELS)
def test_a_model_makes_as_many_images_as_the_page_says(profile: str, name: str) -> None:
    domain = CONTRACTS[profile].models[name].cells["n"].domain
    assert (domain.minimum, domain.maximum) == (1, PAGES[profile].most[name])


@pytest.mark.parametrize(("profile", "name"), MODELS)
def test_every_other_parameter_of_a_model_has_its_values_in_the_list(profile: str, name: str) -> None:
    model, typed = CONTRACTS[profile].models[name], PAGES[profile].others[name]
    assert set(typed) == set(others_of(CONTRACTS[profile], model))
    for parameter, values in typed.items():
        cell = model.cells[others_of(CONTRACTS[profile], model)[parameter]]
        if cell.domain.enum is not None:
            assert values == cell.domain.enum
        if cell.domain.maximum is not None and not cell.parameter.startswith("partial"):
            assert values == (cell.domain.minimum, cell.domain.maximum)
        if cell.domain.max_length is not None:
            assert tuple(map(len, values)) == (cell.domain.min_length, cell.domain.max_length)


# --- the mock serves each, and the ledger says what the list says ---


@pytest.mark.parametrize(("profile", "name"), MODELS)
def test_every_cell_and_every_number_is_served_and_charged(profile: str, name: str, payer: Payer) -> None:
    page, one = PAGES[profile], payer(profile)
    cells = [cell for cell in page.prices if cell[0] == name]
    wanted = {(cell, n): expected(page, cell, n) for cell in cells for n in range(1, page.most[name] + 1)}
    assert {(cell, n): served(one, page, cell, n) for cell, n in wanted} == wanted
    assert one.admin("GET", "/accounts/{account}/ledger/check").json["balanced"]


@pytest.mark.parametrize(("profile", "name"), MODELS)
def test_every_other_value_is_served_and_moves_no_price(profile: str, name: str, payer: Payer) -> None:
    page, one = PAGES[profile], payer(profile)
    cell = cheapest(page, name)
    for parameter, values in page.others[name].items():
        for value in values:
            beside = {**page.companions.get(parameter, {}), parameter: value}
            assert served(one, page, cell, 1, **beside) == expected(page, cell, 1, **beside), beside


@pytest.mark.parametrize(("profile", "name"), MODELS)
def test_a_request_that_names_only_the_model_costs_what_the_defaults_cost(
    profile: str, name: str, payer: Payer
) -> None:
    page, one = PAGES[profile], payer(profile)
    cell = (name, *page.plain[name])
    assert paid(one, lambda: one.generate(model=name))[1] == total(page, cell, 1)
    assert paid(one, lambda: one.generate(model=name, n=None, size=None, quality=None))[1] == total(page, cell, 1)


@pytest.mark.parametrize("profile", PAGES)
def test_a_request_without_a_model_costs_what_the_default_model_costs(profile: str, payer: Payer) -> None:
    page, one = PAGES[profile], payer(profile)
    answer, cost = paid(one, lambda: one.generate(model=None))
    if page.default_model is None:
        assert (answer.status_code, cost) == (400, Decimal(0))
    else:
        cell = (page.default_model, *page.plain[page.default_model])
        assert (answer.status_code, cost) == (200, total(page, cell, 1))


@pytest.mark.parametrize(("profile", "name"), MODELS)
def test_one_more_image_than_a_model_makes_is_refused_for_free(profile: str, name: str, payer: Payer) -> None:
    one = payer(profile)
    answer, cost = paid(one, lambda: one.generate(model=name, n=PAGES[profile].most[name] + 1))
    assert (answer.status_code, cost) == (400, Decimal(0))


@pytest.mark.parametrize(("profile", "name"), MODELS)
def test_what_stands_in_another_models_row_is_refused_for_free(profile: str, name: str, payer: Payer) -> None:
    page, one = PAGES[profile], payer(profile)
    for column, parameter in enumerate(PRICED, start=1):
        own = {cell[column] for cell in page.prices if cell[0] == name}
        foreign = {cell[column] for cell in page.prices} - own - {None}
        if None in own or own & page.custom:
            continue  # ignored here, or an open list
        for value in sorted(map(str, foreign)):
            answer, cost = paid(one, lambda changes: one.generate(model=name, **changes), {parameter: value})
            assert (answer.status_code, cost) == (400, Decimal(0)), value


@pytest.mark.parametrize(("profile", "name"), MODELS)
def test_a_retired_model_is_refused_for_free(profile: str, name: str, payer: Payer) -> None:
    one = payer(profile)
    fault = {"effect": "model_retired", "match": {"account": one.account, "model": name}}
    assert one.admin("POST", "/faults", **fault).status_code == 201
    answer, cost = paid(one, lambda: one.generate(model=name))
    assert (answer.status_code, "error" in answer.json, cost) == (400, True, Decimal(0))


@pytest.mark.parametrize(("profile", "name"), MODELS)
def test_a_key_that_is_not_billed_is_served_every_cell_for_nothing(profile: str, name: str, payer: Payer) -> None:
    page, one = PAGES[profile], payer(profile, balance="0", billed=False)
    for cell in (cell for cell in page.prices if cell[0] == name):
        images, cost = served(one, page, cell, page.most[name])
        assert (images, cost) == (expected(page, cell, page.most[name])[0], Decimal(0))


@pytest.mark.parametrize("cell", PAGES["perf"].prices, ids=lambda cell: ",".join(map(str, cell)))
def test_a_test_key_beside_a_billed_one_charges_nothing(cell: Cell, payer: Payer) -> None:
    one = payer("perf")
    limits = dict.fromkeys(CONTRACTS["perf"].limits)
    key = one.admin("POST", "/accounts/{account}/keys", billed=False, limits=limits).json["key"]
    assert key.startswith("pk_test_")
    answer, cost = paid(one, lambda: one.generate({"Authorization": f"Bearer {key}"}, **asked(cell, 1)))
    assert (answer.status_code, cost) == (200, Decimal(0))


@pytest.mark.parametrize("rate", ["175.00", "87.50", "88.125", "61.03"])
def test_every_cell_moves_with_the_rate_rounded_for_each_image(rate: str, payer: Payer) -> None:
    page, one = PAGES["aicredits"], payer("aicredits")
    assert one.admin("PUT", "/forex", usd_inr=rate).status_code == 200
    for cell, price in page.prices.items():
        each = (Decimal(price) * Decimal(rate) / Decimal("87.50")).quantize(Decimal("0.01"), ROUND_HALF_UP)
        for n in (1, page.most[cell[0]]):
            assert paid(one, lambda body: one.generate(**body), asked(cell, n))[1] == each * n, (cell, n)


# --- what is asked, and what came ---


def values_of(model: Model, parameter: str) -> tuple[str | None, ...]:
    """Return the listed values of a column; a model that does not take it has one empty cell."""
    cell = model.cells[parameter]
    return (cell.domain.enum or ()) if cell.support is Support.TAKEN else (None,)


def others_of(contract: Contract, model: Model) -> Mapping[str, str]:
    """Return the parameters outside the price list that a model does not refuse: spelling → name."""
    return {
        spelling: name
        for name, parameter in parameters_of(contract, "text_to_image").items()
        if name not in {"model", "n"} and model.cells[name].support is not Support.REFUSED
        if name not in PRICED or model.cells[name].support is Support.IGNORED
        for spelling in (name, *parameter.aliases)
    }


def asked(cell: Cell, n: int) -> dict[str, Any]:
    """Return the parameters of a request for one cell."""
    model, size, quality = cell
    return {"model": model, "size": size, "quality": quality, "n": n}


def paid(one: Any, ask: Callable[..., TestResponse], *values: Any) -> tuple[TestResponse, Decimal]:
    """Return an answer, and what the ledger charged meanwhile."""
    before = charged(one)
    answer = ask(*values)
    return answer, charged(one) - before


def charged(one: Any) -> Decimal:
    return Decimal(one.admin("GET", "/accounts/{account}/ledger/check").json["charged"])


def served(one: Any, page: Page, cell: Cell, n: int, **beside: Any) -> tuple[list[Any], Decimal]:
    """Return the images that a request brought, as (type, size), and what it cost."""
    answer, cost = paid(one, lambda: one.generate(**{**asked(cell, n), **beside}))
    assert answer.status_code == 200, (cell, n, beside, answer.text)
    return [measured(data) for data in files(one, answer, page, cell, **beside)], cost


def expected(page: Page, cell: Cell, n: int, **beside: Any) -> tuple[list[Any], Decimal]:
    size = AUTO if cell[1] == "auto" else str(cell[1])
    wide, high = map(int, size.split("x"))
    kind = str(beside.get("output_format", "png")).upper()
    return [(kind, (wide, high))] * n, total(page, cell, n)


def total(page: Page, cell: Cell, n: int) -> Decimal:
    return Decimal(page.prices[cell]) * n


def files(one: Any, answer: TestResponse, page: Page, cell: Cell, **beside: Any) -> Iterator[bytes]:
    """Yield each image, in the format that was asked for and in no other."""
    takes_format = "response_format" in page.others[cell[0]]
    inline = not takes_format or beside.get("response_format") == "b64_json"
    for item in answer.get_json()["data"]:
        assert {"url", "b64_json"} & {key for key, value in item.items() if value} == {"b64_json" if inline else "url"}
        if inline:
            yield base64.b64decode(item["b64_json"], validate=True)
        else:
            fetched = one.client.get(item["url"])
            assert fetched.status_code == 200
            yield fetched.data


def measured(data: bytes) -> tuple[str | None, tuple[int, int]]:
    with Image.open(io.BytesIO(data)) as image:
        return image.format, image.size


def cheapest(page: Page, model: str) -> Cell:
    """Return the model's first cell: small enough for values that are tried for their own sake."""
    return next(cell for cell in page.prices if cell[0] == model)
