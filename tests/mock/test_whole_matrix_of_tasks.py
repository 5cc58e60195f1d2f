"""Every cell of the matrix of tasks: charged when created, delivered, refunded for what was not, canceled, reused."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from PIL import Image

from pixelproof import loading
from pixelproof.contract import Contract
from pixelproof.matrix import excludes, parameters_of
from pixelproof.running.conducting.references import data_uri
from pixelproof.running.conducting.references import picture as plain

from .pricelists import CREDITS, TASK_CELLS, TASK_MODELS, TASK_MOST

CONTRACT = loading.shipped("stratizon")
NUMBERS = range(1, TASK_MOST + 1)
#: (capability, quality, n): all that money depends on.
BILLS = [(capability, quality, n) for capability, quality in CREDITS for n in NUMBERS]
#: "extra_images[] adds up to 15 more"
EXTRA = 15
OUTSIDE = {"type": "url", "url": "https://images.invalid/picture.png"}
INLINE = {"type": "data_uri", "data_uri": data_uri(plain())}


# --- the list that was typed by hand names the whole matrix, and nothing else ---


def test_every_cell_of_the_matrix_is_in_the_list_once() -> None:
    of_matrix = [cell for operation in CONTRACT.creating() for cell in cells(CONTRACT, operation.capability or "")]
    assert len(of_matrix) == len(TASK_CELLS) == len(set(TASK_CELLS))
    assert set(of_matrix) == set(TASK_CELLS)
    assert CONTRACT.parameters["model"].default == "auto"
    assert (CONTRACT.parameters["n"].domain.minimum, CONTRACT.parameters["n"].domain.maximum) == (1, TASK_MOST)
    assert CONTRACT.parameters["extra_images"].domain.maximum == EXTRA


def test_every_other_parameter_is_tried_below() -> None:
    names = {name for operation in CONTRACT.creating() for name in parameters_of(CONTRACT, operation.capability or "")}
    assert names - {"model", "quality", "aspect_ratio", "n"} == {"prompt", "image", "extra_images"}
    assert CONTRACT.media is not None
    assert set(CONTRACT.media.kinds) == {"url", "artifact", "data_uri"}


def cells(contract: Contract, capability: str) -> list[tuple[str, str, str, str]]:
    """Return the cells of one capability as the contract has them."""
    found = []
    for model in contract.models.values():
        for quality, ratio in product(*(model.cells[name].domain.enum or () for name in ("quality", "aspect_ratio"))):
            values = {"model": model.id, "quality": quality, "aspect_ratio": ratio}
            if not any(excludes(exclusion, values) for exclusion in contract.exclusions):
                found.append((capability, model.id, quality, ratio))
    return found


# --- the mock serves each, and the ledger says what the list says ---


@pytest.mark.parametrize(("capability", "model", "quality", "ratio"), TASK_CELLS)
def test_every_cell_and_every_number_is_charged_and_delivered(
    capability: str, model: str, quality: str, ratio: str, tenant: Callable[..., Any]
) -> None:
    one, price = tenant(balance="100000"), Decimal(CREDITS[capability, quality])
    spent = Decimal(0)
    for n in NUMBERS:
        created = create(one, capability, model=model, quality=quality, aspect_ratio=ratio, n=n)
        spent += n * price
        assert money(one) == (spent, 0, Decimal(100000) - spent)  # "at task creation"
        task = one.finished(created)
        assert (task["status"], len(task["output"]["images"])) == ("succeeded", n)
        assert Decimal(task["billing"]["charged_credits"]) == n * price
        assert money(one) == (spent, 0, Decimal(100000) - spent)
        assert all(is_of(ratio, fetched(one, item)) for item in task["output"]["images"])
    assert one.check()["balanced"]


@pytest.mark.parametrize(("capability", "quality", "n"), BILLS)
def test_whatever_is_delivered_the_rest_comes_back(
    capability: str, quality: str, n: int, tenant: Callable[..., Any]
) -> None:
    price = Decimal(CREDITS[capability, quality])
    for delivered in range(1, n):
        one = tenant(balance="2000")
        task = one.finished(create(one, capability, prompt=f"mock:partial={delivered}", quality=quality, n=n))
        assert (task["status"], len(task["output"]["images"])) == ("succeeded", delivered)
        assert Decimal(task["billing"]["refunded_credits"]) == (n - delivered) * price
        assert money(one) == (n * price, (n - delivered) * price, 2000 - delivered * price)


@pytest.mark.parametrize(("capability", "quality", "n"), BILLS)
def test_a_failed_task_gives_everything_back(capability: str, quality: str, n: int, tenant: Callable[..., Any]) -> None:
    one, price = tenant(balance="2000"), Decimal(CREDITS[capability, quality])
    task = one.finished(create(one, capability, prompt="mock:task_failure", quality=quality, n=n))
    assert task["status"] == "failed"
    assert Decimal(task["billing"]["refunded_credits"]) == n * price
    assert money(one) == (n * price, n * price, 2000)


@pytest.mark.parametrize("after_s", [0, 1.5], ids=["queued", "running"])
@pytest.mark.parametrize(("capability", "quality", "n"), BILLS)
def test_a_canceled_task_gives_everything_back(
    capability: str, quality: str, n: int, after_s: float, tenant: Callable[..., Any]
) -> None:
    one, price = tenant(balance="2000"), Decimal(CREDITS[capability, quality])
    created = create(one, capability, quality=quality, n=n)
    one.advance(after_s)
    assert one.cancel(created).get_json()["status"] == "canceled"
    assert money(one) == (n * price, n * price, 2000)
    assert one.finished(created)["status"] == "canceled"
    assert money(one) == (n * price, n * price, 2000)


@pytest.mark.parametrize(("capability", "quality", "n"), BILLS)
def test_a_wallet_that_lacks_the_smallest_part_is_refused(
    capability: str, quality: str, n: int, tenant: Callable[..., Any]
) -> None:
    total = n * Decimal(CREDITS[capability, quality])
    poor = tenant(balance=str(total - Decimal("0.0001")))
    assert sent(poor, capability, quality=quality, n=n).status_code == 402
    assert money(poor) == (0, 0, total - Decimal("0.0001"))
    exact = tenant(balance=str(total))
    assert sent(exact, capability, quality=quality, n=n).status_code == 202
    assert money(exact) == (total, 0, 0)


@pytest.mark.parametrize(("capability", "quality", "n"), BILLS)
def test_a_key_that_is_not_billed_pays_nothing(
    capability: str, quality: str, n: int, tenant: Callable[..., Any]
) -> None:
    one = tenant(balance="0", billed=False)
    assert one.finished(create(one, capability, quality=quality, n=n))["status"] == "succeeded"
    assert money(one) == (0, 0, 0)


@pytest.mark.parametrize("capability", ["text_to_image", "image_to_image"])
def test_a_request_that_names_nothing_costs_one_standard_image(capability: str, tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    task = one.finished(create(one, capability))
    assert money(one)[0] == Decimal(CREDITS[capability, "standard"])
    assert is_of("1:1", fetched(one, task["output"]["images"][0]))


@pytest.mark.parametrize("capability", ["text_to_image", "image_to_image"])
@pytest.mark.parametrize("length", [1, 32000])
def test_the_shortest_and_the_longest_prompt_cost_the_same(
    length: int, capability: str, tenant: Callable[..., Any]
) -> None:
    one = tenant(balance="1000")
    create(one, capability, prompt="x" * length)
    assert money(one)[0] == Decimal(CREDITS[capability, "standard"])


@pytest.mark.parametrize("model", TASK_MODELS)
@pytest.mark.parametrize("extra", range(EXTRA + 1))
def test_any_number_of_references_of_any_kind_costs_the_same(
    extra: int, model: str, tenant: Callable[..., Any]
) -> None:
    one = tenant(balance="1000")
    kinds = [OUTSIDE, {"type": "artifact", "artifact_id": one.upload()}, INLINE]
    references = [kinds[place % 3] for place in range(extra)]
    task = one.finished(create(one, "image_to_image", model=model, image=kinds[extra % 3], extra_images=references))
    assert (task["status"], len(task["input"]["images"])) == ("succeeded", 1 + extra)
    assert money(one) == (60, 0, 940)


@pytest.mark.parametrize("capability", ["text_to_image", "image_to_image"])
def test_every_result_of_a_cell_starts_another_task(capability: str, tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    for item in one.finished(create(one, capability, n=TASK_MOST))["output"]["images"]:
        again = one.transform({"type": "artifact", "artifact_id": item["artifact_id"]})
        assert one.finished(again)["status"] == "succeeded"
    assert money(one)[0] == TASK_MOST * (Decimal(CREDITS[capability, "standard"]) + 60)


@pytest.mark.parametrize("model", TASK_MODELS)
@pytest.mark.parametrize("capability", ["text_to_image", "image_to_image"])
def test_an_undecided_ratio_in_hd_is_refused_for_free(capability: str, model: str, tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    assert sent(one, capability, model=model, aspect_ratio="auto", quality="hd").status_code == 400
    assert sent(one, capability, model=model, n=TASK_MOST + 1).status_code == 400
    assert money(one) == (0, 0, 1000)


@pytest.mark.parametrize("model", TASK_MODELS)
@pytest.mark.parametrize("capability", ["text_to_image", "image_to_image"])
def test_a_retired_model_is_refused_for_free(capability: str, model: str, tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    fault = {"effect": "model_retired", "match": {"account": one.account, "model": model}}
    assert one.admin("POST", "/faults", **fault).status_code == 201
    assert sent(one, capability, model=model).status_code == 400
    assert money(one) == (0, 0, 1000)


# --- what is sent, and what came ---


def sent(one: Any, capability: str, **body: Any) -> Any:
    """Send a request of a capability; from an inline image where it needs one."""
    path = "/images/generations" if capability == "text_to_image" else "/images/image-to-image"
    image = {} if capability == "text_to_image" else {"image": INLINE}
    return one.post(path, {"prompt": "a lighthouse at dawn", **image, **body})


def create(one: Any, capability: str, **body: Any) -> str:
    answer = sent(one, capability, **body)
    assert answer.status_code == 202, answer.text
    return str(answer.get_json()["task_id"])


def money(one: Any) -> tuple[Decimal, Decimal, Decimal]:
    """Return what the ledger charged, refunded and still holds."""
    check = one.check()
    charged, refunded, balance = (Decimal(check[name]) for name in ("charged", "refunded", "balance"))
    return charged, refunded, balance


def fetched(one: Any, item: dict[str, Any]) -> tuple[int, int]:
    """Return the pixels of a result, an image file of a documented type."""
    answer = one.client.get(item["url"])
    with Image.open(io.BytesIO(answer.data)) as image:
        assert Image.MIME[str(image.format)] == answer.headers["Content-Type"]
        return image.size


def is_of(ratio: str, pixels: tuple[int, int]) -> bool:
    """Tell whether pixels have a ratio within 2 percent; any will do where none was asked for."""
    if ratio == "auto":
        return True
    wide, _, high = ratio.partition(":")
    return abs(Fraction(*pixels) / Fraction(int(wide), int(high)) - 1) <= Fraction(2, 100)
