"""References are copied into the account's store, never fetched, and seen in the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pixelproof.running.conducting.references import data_uri
from pixelproof.running.conducting.references import picture as plain

if TYPE_CHECKING:
    from collections.abc import Callable

RED, GREEN, BLUE = (196, 48, 43), (46, 117, 89), (30, 60, 200)
#: Nothing answers here; a server that fetched it would fail or hang.
OUTSIDE = "https://images.invalid/picture.png"


def artifact(artifact_id: str) -> dict[str, str]:
    return {"type": "artifact", "artifact_id": artifact_id}


def by_url(url: str) -> dict[str, str]:
    return {"type": "url", "url": url}


def by_data(data: bytes) -> dict[str, str]:
    return {"type": "data_uri", "data_uri": data_uri(data)}


@pytest.mark.parametrize("reference", [by_url(OUTSIDE), by_data(plain(RED))], ids=["url", "data uri"])
def test_a_copied_reference_is_named_and_can_be_used_again(reference: Any, tenant: Callable[..., Any]) -> None:
    one = tenant()
    (copied,) = one.finished(one.transform(reference))["input"]["images"]
    assert copied["type"] == "artifact"
    again = one.finished(one.transform(copied))
    assert (again["status"], again["input"]["images"]) == ("succeeded", [copied])


def test_the_inputs_stand_in_the_order_of_the_request(tenant: Callable[..., Any]) -> None:
    one = tenant()
    first, third = artifact(one.upload()), artifact(one.upload())
    task = one.look(one.transform(first, extra_images=[by_url(OUTSIDE), third])).json
    assert len(task["input"]["images"]) == 3
    assert (task["input"]["images"][0], task["input"]["images"][2]) == (first, third)


def test_every_result_can_be_the_reference_of_a_following_task(tenant: Callable[..., Any]) -> None:
    one = tenant()
    results = one.finished(one.create(n=4))["output"]["images"]
    for result in results:
        following = one.finished(one.transform(artifact(result["artifact_id"])))
        assert following["status"] == "succeeded"
    assert one.finished(one.transform(artifact(following["output"]["images"][0]["artifact_id"])))["output"]["images"]


def test_a_result_is_no_artifact_before_its_task_has_succeeded(tenant: Callable[..., Any]) -> None:
    one = tenant()
    task = one.create(prompt="mock:partial=1", n=2)
    account = one.client.application.extensions["pixelproof"].book.account(one.account)
    early = account.jobs.find(task).artifact_ids

    def answers() -> list[int]:
        bodies = [{"prompt": "x", "image": artifact(name)} for name in early]
        return [one.post("/images/image-to-image", body).status_code for body in bodies]

    assert answers() == [404, 404]
    one.advance(3)
    assert answers() == [202, 404]


def test_sixteen_references_are_taken_and_seventeen_are_not(tenant: Callable[..., Any]) -> None:
    one = tenant()
    stored = artifact(one.upload())
    assert len(one.look(one.transform(stored, extra_images=[stored] * 15)).json["input"]["images"]) == 16
    answer = one.post("/images/image-to-image", {"prompt": "x", "image": stored, "extra_images": [stored] * 16})
    assert (answer.status_code, answer.json["error"]["param"]) == (400, "extra_images")


@pytest.mark.parametrize(
    "reference",
    [
        by_url("http://images.example.com/a.png"),
        by_url("ftp://images.example.com/a.png"),
        by_url("file:///etc/passwd"),
        by_url("https://"),
        by_url("https://[::1"),
        by_url("nonsense"),
        by_url("http://localhost/images/forged.png"),
        by_data(b"no image"),
        by_data(plain(RED)[:50]),
        {"type": "data_uri", "data_uri": "data:image/png;base64,%%%"},
        {"type": "data_uri", "data_uri": "data:image/png,plain"},
        {"type": "data_uri", "data_uri": "aGVsbG8="},
        {"type": "picture", "url": OUTSIDE},
        {"type": "url"},
        OUTSIDE,
        [by_url(OUTSIDE)],
    ],
    ids=str,
)
def test_a_reference_that_is_none_is_refused_for_free(reference: Any, tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    for body in ({"image": reference}, {"image": by_url(OUTSIDE), "extra_images": [reference]}):
        answer = one.post("/images/image-to-image", {"prompt": "x", **body})
        assert (answer.status_code, answer.json["error"]["param"]) == (400, list(body)[-1])
    account = one.admin("GET", "/accounts/{account}").json
    assert (account["balance"], account["artifacts"]) == ("1000.0000", 0)


def test_an_image_is_required(tenant: Callable[..., Any]) -> None:
    answer = tenant().post("/images/image-to-image", {"prompt": "x"})
    assert (answer.status_code, answer.json["error"]["param"]) == (400, "image")


def test_our_own_image_url_is_a_reference_while_it_lives(tenant: Callable[..., Any]) -> None:
    one = tenant()
    url = one.finished(one.create())["output"]["images"][0]["url"]
    assert one.finished(one.transform(by_url(url)))["status"] == "succeeded"
    one.advance(86_400)
    assert one.post("/images/image-to-image", {"prompt": "x", "image": by_url(url)}).status_code == 400


@pytest.mark.parametrize("colour", [RED, GREEN, BLUE])
def test_the_colour_of_a_reference_is_found_in_the_result(
    colour: tuple[int, int, int], tenant: Callable[..., Any]
) -> None:
    one = tenant()
    assert _share(one, [by_data(plain(colour))], colour) > 0.3


def test_every_one_of_twelve_references_is_seen(tenant: Callable[..., Any]) -> None:
    one = tenant()
    colours = [(20 * number, 255 - 20 * number, 7) for number in range(12)]
    references = [by_data(plain(colour)) for colour in colours]
    assert all(_share(one, references, colour) > 0.02 for colour in colours)


def test_other_references_give_visibly_other_results(tenant: Callable[..., Any]) -> None:
    one = tenant()
    assert _share(one, [by_data(plain(RED))], GREEN) == 0
    assert _share(one, [by_data(plain(GREEN))], GREEN) > 0.3


def test_a_chained_result_shows_the_colours_of_the_first_one(tenant: Callable[..., Any]) -> None:
    one = tenant()
    first = one.finished(one.transform(by_data(plain(BLUE))))["output"]["images"][0]
    second = one.finished(one.transform(artifact(first["artifact_id"])))["output"]["images"][0]
    quarter = one.picture(first["url"]).crop((0, 0, 512, 512)).resize((1, 1), 4).getpixel((0, 0))
    found = {colour for _, colour in one.picture(second["url"]).getcolors()}
    assert any(all(abs(a - b) <= 2 for a, b in zip(quarter, colour, strict=True)) for colour in found)


def test_the_images_of_one_task_differ_whatever_the_references(tenant: Callable[..., Any]) -> None:
    one = tenant()
    references = [by_data(plain(RED))] * 16
    task = one.finished(one.transform(references[0], extra_images=references[1:], n=4))
    assert len({one.picture(image["url"]).tobytes() for image in task["output"]["images"]}) == 4


def _share(one: Any, references: list[Any], colour: tuple[int, int, int]) -> float:
    """Return how much of the result has exactly this colour."""
    task = one.finished(one.transform(references[0], extra_images=references[1:]))
    picture = one.picture(task["output"]["images"][0]["url"])
    counts = {found: count for count, found in picture.getcolors()}
    return float(counts.get(colour, 0) / (picture.width * picture.height))
