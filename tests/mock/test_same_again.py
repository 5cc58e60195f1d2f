"""The same seed, key and distinct requests: the same ids, bytes and outcomes, at any concurrency."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient

CONNECTIONS = 64


def outcomes(one: Any, order: int) -> dict[str, Any]:
    """Send distinct requests at once, in an order of their own; return what became of each."""
    prompts = [f"lighthouse {number}" for number in range(CONNECTIONS)]
    prompts += [f"mock:partial=1 {number}" for number in range(CONNECTIONS)]
    Random(order).shuffle(prompts)

    def outcome(prompt: str) -> Any:
        task = one.create(prompt=prompt, n=2)
        seen = one.finished(task)
        images = [(image["artifact_id"], one.picture(image["url"]).tobytes()) for image in seen["output"]["images"]]
        return task, seen["status"], seen["billing"], images

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return dict(zip(prompts, pool.map(outcome, prompts), strict=True))


def test_distinct_requests_end_the_same_in_another_run(
    tenant: Callable[..., Any], serve_mock: Callable[..., FlaskClient]
) -> None:
    runs = [outcomes(tenant(serve_mock("stratizon", seed=7), key="st_the_same_key_0001"), order) for order in range(2)]
    assert runs[0] == runs[1]
    assert len({task for task, *_ in runs[0].values()}) == 2 * CONNECTIONS


@pytest.mark.parametrize(("seed", "key"), [(8, "st_the_same_key_0001"), (7, "st_another_key_00001")])
def test_another_seed_or_key_gives_other_ids(
    seed: int, key: str, tenant: Callable[..., Any], serve_mock: Callable[..., FlaskClient]
) -> None:
    first = tenant(serve_mock("stratizon", seed=7), key="st_the_same_key_0001").create()
    assert tenant(serve_mock("stratizon", seed=seed), key=key).create() != first


def test_equal_requests_and_files_get_ids_of_their_own(tenant: Callable[..., Any]) -> None:
    one = tenant()
    assert len({one.create() for _ in range(3)}) == 3
    assert len({one.upload() for _ in range(3)}) == 3


def test_an_upload_has_the_same_id_in_another_run(
    tenant: Callable[..., Any], serve_mock: Callable[..., FlaskClient]
) -> None:
    ids = [tenant(serve_mock("stratizon", seed=7), key="st_the_same_key_0001").upload() for _ in range(2)]
    assert ids[0] == ids[1]
