"""The routes that the page reads, and the files it is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pixelproof import loading

from .desk import Desk, serving


@pytest.fixture
def served() -> Iterator[Callable[..., Desk]]:
    opened = []

    def make(*profiles: str, **settings: Any) -> Desk:
        manager = serving(*profiles, **settings)
        opened.append(manager)
        return manager.__enter__()

    yield make
    for manager in opened:
        manager.__exit__(None, None, None)


POLICY = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


def test_the_page_and_its_files_come_with_a_strict_policy(desk: Desk) -> None:
    page = desk.http.get("/__admin/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    names = re.findall(r'"(page/[^"]+)"', page.text)
    assert sorted(names) == ["page/main.js", "page/page.css"]
    for path in ("", *names):
        headers = desk.http.get(f"/__admin/{path}").raise_for_status().headers
        assert {name: headers[name] for name in POLICY} == POLICY


def test_every_file_that_a_module_imports_is_served_as_a_script(desk: Desk) -> None:
    wanted, seen = ["main.js"], set()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        answer = desk.http.get(f"/__admin/page/{name}").raise_for_status()
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert "innerHTML" not in answer.text
        wanted += re.findall(r'from "\./([^"]+)"', answer.text)
    assert {"requests.js", "gallery.js", "wallets.js", "tasks.js", "faults.js", "clock.js"} <= seen


def test_the_page_is_also_found_without_its_last_slash(desk: Desk) -> None:
    assert desk.http.get("/__admin", follow_redirects=True).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["page/nothing.js", "page/..%2fapp.py", "page/../app.py", "page/%2e%2e/world.py"])
def test_no_other_file_is_served(path: str, desk: Desk) -> None:
    assert desk.http.get(f"/__admin/{path}").status_code == 404


def test_the_page_needs_no_token_and_its_data_do(served: Callable[..., Desk]) -> None:
    desk = served("aivene", admin_token="t0ken")
    bare = {"X-Admin-Token": ""}
    assert desk.http.get("/__admin/", headers=bare).status_code == 200
    for path in ("about", "images", "tasks", "accounts", "requests", "faults/vocabulary"):
        assert desk.http.get(f"/__admin/{path}", headers=bare).status_code == 401, path
        assert desk.http.get(f"/__admin/{path}").status_code == 200, path


def test_without_a_control_plane_there_is_no_page(served: Callable[..., Desk]) -> None:
    desk = served("aivene", admin=False)
    assert desk.http.get("/__admin/").status_code == 404
    assert desk.http.get("/__admin/page/main.js").status_code == 404


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
def test_the_page_is_for_this_machine_only(headers: dict[str, str], desk: Desk) -> None:
    assert desk.http.get("/__admin/", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("site", "mode", "destination", "status"),
    [
        ("same-origin", "cors", "empty", 200),
        ("none", "navigate", "document", 200),
        ("cross-site", "navigate", "document", 200),
        ("cross-site", "no-cors", "image", 403),
        ("same-site", "no-cors", "script", 403),
        ("cross-site", "navigate", "iframe", 403),
    ],
)
def test_what_a_browser_says_about_itself_is_heeded(
    site: str, mode: str, destination: str, status: int, desk: Desk
) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": destination}
    assert desk.http.get("/__admin/accounts", headers=headers).status_code == status


def test_a_followed_link_changes_nothing(desk: Desk) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert desk.http.post("/__admin/reset", headers=headers).status_code == 403


@pytest.mark.parametrize("profile", loading.profiles())
def test_the_example_of_every_profile_is_answered_with_success(profile: str, served: Callable[..., Desk]) -> None:
    desk = served(profile)
    (shown,) = desk.told("about")["profiles"]
    example = shown["example"]
    answer = desk.http.request(
        example["method"],
        f"{shown['base']}{example['path']}",
        json=example["body"],
        headers={"Authorization": f"Bearer {example['key']}"},
    )
    assert answer.is_success, answer.text


def test_what_is_served_is_told(served: Callable[..., Desk]) -> None:
    about = served("aivene", "aicredits", "stratizon", faults=False, closed_keys=True).told("about")
    told = [(item["profile"], item["has_tasks"], item["forex"]) for item in about["profiles"]]
    assert told == [
        ("aivene", False, None),
        ("aicredits", False, {"base": "USD", "rate": "87.50"}),
        ("stratizon", True, None),
    ]
    assert (about["faults_open"], about["opens_accounts"], about["liar"]) == (False, False, None)


def test_accounts_are_paged_with_those_that_asked_last_in_front(desk: Desk) -> None:
    first, second, third = (desk.customer() for _ in range(3))
    for customer in (third, first, second):
        desk.draw(customer)
    page = desk.told("accounts?limit=2")
    assert [account["id"] for account in page["accounts"]] == [second.id, first.id]
    assert page["total"] == 3
    assert [account["id"] for account in desk.told("accounts?limit=2&offset=2")["accounts"]] == [third.id]
    assert desk.told(f"accounts?search={third.id[5:12]}")["total"] == 1
    assert desk.told("accounts?search=stratizon") == {"accounts": [], "total": 0}


def test_the_latest_requests_come_without_those_before(desk: Desk) -> None:
    customer = desk.customer()
    for count in (1, 99, 1, 99, 99):
        desk.draw(customer, n=count)
    found = desk.told("requests?latest=2")
    assert ([line["seq"] for line in found["requests"]], found["total"], found["last"]) == ([4, 5], 5, 5)
    assert [line["seq"] for line in desk.told("requests?status_class=2")["requests"]] == [1, 3]
    assert [line["seq"] for line in desk.told("requests?status_class=4&after=2")["requests"]] == [4, 5]
    assert desk.told("requests?path_part=generations")["total"] == 5
    assert desk.told("requests?path_part=models")["total"] == 0


def test_a_ledger_is_read_from_its_end(desk: Desk) -> None:
    customer = desk.customer()
    desk.draw(customer)
    entries = desk.told(f"accounts/{customer.id}/ledger?before=4&limit=2")["entries"]
    assert [entry["seq"] for entry in entries] == [2, 3]


def test_images_come_newest_first_with_urls_that_open(desk: Desk) -> None:
    customer = desk.customer()
    desk.draw(customer, prompt="a boat", n=2, size="256x256")
    desk.draw(customer, prompt="a mill", size="512x512")
    desk.draw(customer, n=99)
    found = desk.told("images")
    seen = [(image["prompt"], image["index"], image["width"], image["price"]) for image in found["images"]]
    assert seen == [("a mill", 0, 512, "0.018000"), ("a boat", 0, 256, "0.016000"), ("a boat", 1, 256, "0.016000")]
    for image in found["images"]:
        assert image["url"].startswith("/images/")
        assert desk.http.get(image["url"]).headers["content-type"] == "image/png"


def test_images_are_paged_by_request_and_kept_apart_by_account(desk: Desk) -> None:
    one, other = desk.customer(), desk.customer()
    for customer in (one, other, one):
        desk.draw(customer)
    first = desk.told("images?limit=2")
    rest = desk.told(f"images?limit=2&before={first['next']}")
    assert ([image["seq"] for image in first["images"] + rest["images"]], rest["next"]) == ([3, 2, 1], None)
    assert [image["seq"] for image in desk.told(f"images?account={one.id}")["images"]] == [3, 1]


def test_the_images_of_a_task_are_there_once_it_has_succeeded(desk: Desk) -> None:
    customer = desk.customer("stratizon")
    desk.http.post("/__admin/clock/freeze", json={})
    desk.draw(customer, n=2)
    assert desk.told("images")["images"] == []
    desk.http.post("/__admin/clock/advance", json={"seconds": 60})
    desk.told("tasks")
    assert len(desk.told("images")["images"]) == 2


def test_images_are_gone_after_a_reset_and_show_no_key(desk: Desk) -> None:
    customer = desk.customer(key="sk-aivene-very-secret")
    desk.draw(customer, prompt="draw sk-aivene-very-secret")
    assert [image["prompt"] for image in desk.told("images")["images"]] == ["draw [redacted]"]
    desk.http.post("/__admin/reset")
    assert desk.told("images") == {"images": [], "next": None}


def test_tasks_are_listed_newest_first_with_their_timeline(desk: Desk) -> None:
    customer, other = desk.customer("stratizon"), desk.customer("stratizon")
    desk.http.post("/__admin/clock/freeze", json={})
    first = desk.draw(customer).json()["task_id"]
    desk.http.post("/__admin/clock/advance", json={"seconds": 60})
    second = desk.draw(other).json()["task_id"]
    found = desk.told("tasks")
    assert ([task["id"] for task in found["tasks"]], found["total"]) == ([second, first], 2)
    running, over = found["tasks"]
    assert (running["status"], over["status"]) == ("queued", "succeeded")
    assert over["created_at"] < over["running_at"] < over["ends_at"] < over["now"]
    assert running["created_at"] == running["now"] < running["running_at"] < running["ends_at"]
    assert [task["id"] for task in desk.told("tasks?status=succeeded")["tasks"]] == [first]
    assert [task["id"] for task in desk.told(f"tasks?account={other.id}")["tasks"]] == [second]
    assert len(desk.told("tasks?limit=1")["tasks"]) == 1


def test_a_task_ended_by_hand_ended_when_the_hand_moved_it(desk: Desk) -> None:
    desk.http.post("/__admin/clock/freeze", json={})
    task = desk.draw(desk.customer("stratizon")).json()["task_id"]
    ended = desk.http.post(f"/__admin/tasks/{task}", json={"status": "failed"}).json()
    desk.http.post("/__admin/clock/advance", json={"seconds": 60})
    after = desk.told(f"tasks/{task}")
    assert after["ends_at"] == ended["now"] < after["now"]
    assert after["running_at"] is None


def test_every_word_of_the_vocabulary_is_taken(desk: Desk) -> None:
    words = desk.told("faults/vocabulary")
    for effect in words["effects"]:
        body: dict[str, Any] = {"effect": effect["name"]}
        for name in effect["arguments"]:
            field = words["fields"][name]
            values = effect["statuses"] if name == "status" else field["choices"]
            body[name] = values[0] if values else field["least"] if field["least"] is not None else "text"
        for name in words["common"]:
            field = words["fields"][name]
            body[name] = field["least"] if field["least"] is not None else "text"
        body["match"] = {name: "x" for name in words["match"] if name != "account"}
        answer = desk.http.post("/__admin/faults", json=body)
        assert answer.status_code == 201, (body, answer.text)
    assert words["open"] is True


def test_the_vocabulary_says_who_takes_what(desk: Desk) -> None:
    words = desk.told("faults/vocabulary")
    taken = {effect["name"]: effect["arguments"] for effect in words["effects"]}
    assert len(taken) == 19
    assert taken["reset"] == ["when"]
    assert taken["latency"] == ["seconds"]
    assert taken["content_policy"] == []
    assert words["fields"]["when"]["choices"] == ["before", "after"]
    assert words["fields"]["times"]["least"] == 1
    assert words["match"] == ["account", "path", "model", "prompt", "trace"]
