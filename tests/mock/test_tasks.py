"""A task is created at once, runs on the clock, and once final never changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from pixelproof import loading
from pixelproof.edges import create_mock
from pixelproof.settings import MockSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask


def test_a_task_is_accepted_at_once_and_names_itself(tenant: Callable[..., Any]) -> None:
    answer = tenant().post("/images/generations", {"prompt": "a lighthouse"})
    assert answer.status_code == 202
    assert set(answer.json) == {
        "task_id",
        "status",
        "capability",
        "model",
        "created_at",
        "billing",
        "input",
        "output",
        "error",
    }
    assert answer.json["status"] == "queued"
    assert answer.json["output"] == {"images": []}
    assert answer.json["error"] is None


def test_a_task_waits_one_second_runs_two_and_succeeds(tenant: Callable[..., Any]) -> None:
    one = tenant()
    task = one.create(n=2)
    seen = []
    for _ in range(4):
        seen.append(one.look(task).json["status"])
        one.advance(1)
    assert seen == ["queued", "running", "running", "succeeded"]


def test_each_image_has_a_url_and_an_artifact_of_its_own(tenant: Callable[..., Any]) -> None:
    one = tenant()
    images = one.finished(one.create(n=4))["output"]["images"]
    assert [set(image) for image in images] == [{"url", "artifact_id"}] * 4
    assert len({image["artifact_id"] for image in images}) == 4
    assert len({one.picture(image["url"]).tobytes() for image in images}) == 4


@pytest.mark.parametrize(
    ("ratio", "size"),
    [
        ("1:1", (1024, 1024)),
        ("16:9", (1536, 864)),
        ("9:16", (864, 1536)),
        ("4:3", (1152, 864)),
        ("3:4", (864, 1152)),
        ("2:1", (1536, 768)),
        ("auto", (1024, 1024)),
    ],
)
def test_a_ratio_is_delivered_in_its_pixels(ratio: str, size: tuple[int, int], tenant: Callable[..., Any]) -> None:
    one = tenant()
    images = one.finished(one.create(aspect_ratio=ratio))["output"]["images"]
    assert one.picture(images[0]["url"]).size == size


def test_auto_is_served_by_the_model_it_routes_to(tenant: Callable[..., Any]) -> None:
    one = tenant()
    assert one.look(one.create(model="auto")).json["model"] == "gpt-image-2"
    assert one.look(one.transform(model="gpt-image-2")).json["capability"] == "image_to_image"


def test_a_final_task_stays_as_it_is(tenant: Callable[..., Any]) -> None:
    one = tenant()
    done, failed, canceled = one.create(), one.create(prompt="mock:fail x"), one.create()
    one.cancel(canceled)
    before = [one.finished(task)["status"] for task in (done, failed, canceled)]
    assert before == ["succeeded", "failed", "canceled"]
    for task in (done, failed, canceled):
        assert one.cancel(task).status_code == 409
        assert one.admin("POST", f"/tasks/{task}", status="running").status_code == 409
        assert one.admin("POST", f"/tasks/{task}", hold=False).status_code == 409
    one.advance(10**6)
    assert [one.look(task).json["status"] for task in (done, failed, canceled)] == before


def test_a_failed_task_says_why_and_shows_no_image(tenant: Callable[..., Any]) -> None:
    one = tenant()
    task = one.finished(one.create(prompt="mock:task_failure", n=3))
    assert task["output"]["images"] == []
    assert set(task["error"]) == {"code", "message"}


def test_a_task_on_demand_fails_twice_and_then_succeeds(tenant: Callable[..., Any]) -> None:
    one = tenant()
    tasks = [one.create(prompt="mock:fail=2") for _ in range(3)]
    assert [one.finished(task)["status"] for task in tasks] == ["failed", "failed", "succeeded"]


def test_a_slow_task_runs_longer_and_its_creation_does_not_wait(tenant: Callable[..., Any]) -> None:
    one = tenant()
    task = one.create(prompt="mock:slow=50")
    one.advance(52)
    assert one.look(task).json["status"] == "running"
    one.advance(1)
    assert one.look(task).json["status"] == "succeeded"


def test_a_task_of_another_account_is_not_found(tenant: Callable[..., Any]) -> None:
    mine, theirs = tenant(), tenant()
    task = mine.create()
    for answer in (theirs.look(task), theirs.cancel(task), mine.look("task_of_nobody")):
        assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")
    assert mine.look(task).json["status"] == "queued"


def test_a_task_advances_by_looks_where_the_account_says_so(tenant: Callable[..., Any]) -> None:
    one = tenant(task_polls=3)
    task = one.create()
    one.advance(10**6)
    assert [one.look(task).json["status"] for _ in range(4)] == ["running", "running", "succeeded", "succeeded"]


def test_a_held_task_waits_until_it_is_released(tenant: Callable[..., Any]) -> None:
    one = tenant()
    task = one.create()
    one.advance(2)
    assert one.admin("POST", f"/tasks/{task}", hold=True).json["held"] is True
    one.advance(1000)
    assert one.look(task).json["status"] == "running"
    one.admin("POST", f"/tasks/{task}", hold=False)
    assert one.look(task).json["status"] == "running"
    one.advance(1)
    assert one.look(task).json["status"] == "succeeded"


def test_a_task_put_into_running_by_hand_has_all_of_its_running_before_it(tenant: Callable[..., Any]) -> None:
    one = tenant()
    task = one.create()
    assert one.admin("POST", f"/tasks/{task}", status="running").json["status"] == "running"
    one.advance(1000)
    one.admin("POST", f"/tasks/{task}", hold=False)
    seen = []
    for _ in range(3):
        seen.append(one.look(task).json["status"])
        one.advance(1)
    assert seen == ["running", "running", "succeeded"]


def test_a_hand_decides_how_many_images_a_task_delivers(tenant: Callable[..., Any]) -> None:
    one = tenant()
    task = one.create(n=4)
    assert one.admin("POST", f"/tasks/{task}", status="succeeded", images=5).status_code == 400
    assert one.admin("POST", f"/tasks/{task}", status="failed", images=1).status_code == 400
    assert one.admin("POST", f"/tasks/{task}", status="queued").status_code == 400
    assert one.admin("POST", f"/tasks/{task}").status_code == 400
    assert one.admin("POST", f"/tasks/{task}", status="succeeded", images=3).json["images"] == 3
    assert len(one.look(task).json["output"]["images"]) == 3
    assert one.admin("POST", "/tasks/task_of_nobody", hold=True).status_code == 404


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"n": 5}, "n"),
        ({"n": 0}, "n"),
        ({"quality": "ultra"}, "quality"),
        ({"aspect_ratio": "3:2"}, "aspect_ratio"),
        ({"aspect_ratio": "auto", "quality": "hd"}, "aspect_ratio"),
        ({"model": "gpt-image-1"}, "model"),
        ({"prompt": None}, "prompt"),
    ],
)
def test_an_invalid_request_creates_no_task(body: dict[str, Any], parameter: str, tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    answer = one.post("/images/generations", {"prompt": "x", **body})
    assert (answer.status_code, answer.json["error"]["param"]) == (400, parameter)
    assert one.balance == "1000.0000"
    assert one.admin("GET", "/accounts/{account}").json["tasks"] == 0


@pytest.mark.parametrize("variant", ["no_data", "empty_data", "null_items"])
def test_a_spoiled_success_reaches_whoever_polls(variant: str, tenant: Callable[..., Any]) -> None:
    one = tenant()
    output = one.finished(one.create(prompt=f"mock:bad_success={variant}", n=2))["output"]
    empty = {"url": None, "artifact_id": None}
    assert output == {"no_data": {}, "empty_data": {"images": []}, "null_items": {"images": [empty, empty]}}[variant]


@pytest.mark.parametrize(
    ("variant", "broken"),
    [
        ("empty", lambda answer: answer.data == b""),
        ("html", lambda answer: answer.content_type == "text/html"),
        ("text_plain", lambda answer: answer.content_type == "text/plain"),
        ("no_created", lambda answer: "created_at" not in answer.json),
        ("created_string", lambda answer: isinstance(answer.json["created_at"], str)),
        ("error_body", lambda answer: "error" in answer.json and "task_id" not in answer.json),
    ],
)
def test_a_spoiled_creation_is_a_task_all_the_same(
    variant: str, broken: Callable[[Any], bool], tenant: Callable[..., Any]
) -> None:
    one = tenant(balance="1000")
    answer = one.post("/images/generations", {"prompt": f"mock:bad_success={variant}"})
    assert answer.status_code == 202
    assert broken(answer)
    assert one.balance == "950.0000"


def test_a_fault_on_the_path_of_a_task_meets_whoever_looks(tenant: Callable[..., Any]) -> None:
    one = tenant()
    task = one.create()
    one.admin("POST", "/faults", effect="unavailable", match={"path": "/tasks/{task_id}"}, times=1)
    assert [one.look(task).status_code for _ in range(2)] == [503, 200]


def test_the_oldest_final_tasks_go_when_an_account_has_too_many(tenant: Callable[..., Any]) -> None:
    one = tenant()
    jobs = one.client.application.extensions["pixelproof"].book.account(one.account).jobs
    jobs.cap = 3
    running, *ended = [one.create() for _ in range(4)]
    assert [one.look(task).status_code for task in (running, *ended)] == [200] * 4
    one.admin("POST", f"/tasks/{running}", hold=True)
    one.advance(60)
    newest = [one.create() for _ in range(2)]
    assert [one.look(task).status_code for task in (running, *ended, *newest)] == [200, 404, 200, 200, 200, 200]
    assert one.check()["balanced"]


def test_a_contract_may_use_other_words_and_let_charges_fall_with_a_refund() -> None:
    contract = loading.shipped("stratizon")
    assert contract.tasks is not None
    words = {"queued": ("pending",), "running": ("processing",), "succeeded": ("completed",)}
    tasks = replace(contract.tasks, states={**contract.tasks.states, **words})
    net = tuple(replace(point, mock="net") for point in contract.ambiguities)
    client = cast("Flask", create_mock([replace(contract, tasks=tasks, ambiguities=net)], MockSettings())).test_client()
    headers = {"Authorization": "Bearer sz-somebody"}
    body = {"prompt": "mock:partial=1", "n": 3}
    task = client.post("/v1/images/generations", json=body, headers=headers).get_json()
    assert (task["status"], task["billing"]["charged_credits"]) == ("pending", "150.0000")
    client.post("/__admin/clock/advance", json={"seconds": 3})
    done = client.get(f"/v1/tasks/{task['task_id']}", headers=headers).get_json()
    assert (done["status"], done["billing"]["charged_credits"]) == ("completed", "50.0000")
