"""HAR: valid by an independent schema, what was sent and came as it was recorded, bodies bounded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT6

from pixelproof import edges
from pixelproof.exchange import ImageFacts, Request, Response, Role
from pixelproof.record.recording import Record

from .records import exchange, hostile, record, with_keys

FOLDER = Path(__file__).parent / "schemas/har"
PARTS = {path.name: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}
REGISTRY: Registry[Any] = Registry().with_resources(
    [(f"{name}#", Resource(contents=part, specification=DRAFT6)) for name, part in PARTS.items()]
    + [(name, Resource(contents=part, specification=DRAFT6)) for name, part in PARTS.items()]
)
VALIDATOR = jsonschema.Draft6Validator(PARTS["har.json"], registry=REGISTRY)


def archive(shown: Record) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(edges.renderer("har").render(shown))
    return found


def entry(**more: Any) -> dict[str, Any]:
    (found,) = archive(record(exchanges=(exchange(**more),)))["log"]["entries"]
    return dict(found)


@pytest.mark.parametrize(
    "made",
    [
        record,
        lambda: record(exchanges=(exchange(1), exchange(2, response=None, error="timeout"))),
        with_keys,
        hostile,
    ],
    ids=["empty", "answered and not", "keys", "hostile"],
)
def test_an_archive_is_valid_by_the_schema_of_har(made: Callable[[], Record]) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(archive(made()))] == []


def test_the_schema_would_object() -> None:
    broken = archive(record(exchanges=(exchange(),)))
    del broken["log"]["entries"][0]["timings"]["wait"]
    assert list(VALIDATOR.iter_errors(broken))


def test_a_request_and_its_answer_stand_as_they_were_recorded() -> None:
    found = entry()
    request, response = found["request"], found["response"]
    assert (request["method"], response["status"], response["bodySize"]) == ("POST", 200, 72)
    assert json.loads(request["postData"]["text"]) == {"model": "dall-e-2", "prompt": "a lighthouse"}
    assert {"name": "authorization", "value": "[redacted]"} in request["headers"]
    assert request["queryString"] == [{"name": "trace", "value": "1"}]
    assert json.loads(response["content"]["text"])["created"] == 1


def test_a_request_began_before_its_answer_by_the_time_it_took() -> None:
    found = entry()
    assert found["startedDateTime"] == "2026-11-20T18:00:01.250+00:00"
    assert (found["time"], found["timings"]) == (250.0, {"send": 0, "wait": 250.0, "receive": 0})


def test_no_answer_is_a_status_of_0_with_the_reason() -> None:
    response = entry(response=None, error="connection reset")["response"]
    assert response["status"] == 0
    assert "connection reset" in response["comment"]


def test_an_image_is_left_out_and_the_comment_says_where_it_is() -> None:
    facts = ImageFacts(sha256="ab" * 32, bytes=70, media_type="image/png")
    said = Response(status=200, headers={"content-type": "image/png"}, size=70)
    content = entry(role=Role.IMAGE, response=said, images=(facts,))["response"]["content"]
    assert content["mimeType"] == "image/png"
    assert f"images/{'ab' * 32}" in content["comment"]
    assert "text" not in content


def test_bytes_that_are_no_text_are_left_out_with_a_comment() -> None:
    raw = Request(method="POST", url="http://127.0.0.1:9/v1/uploads", raw="\x89PNG\x00", raw_encoding="latin-1")
    sent = entry(request=raw)["request"]["postData"]
    assert (sent["text"], sent["comment"]) == ("", "binary, 5 bytes: left out")


def test_a_huge_body_is_cut_and_the_comment_says_so() -> None:
    said = Response(status=200, body={"a": "x" * 5_000_000}, is_json=True, size=5_000_010)
    content = entry(response=said)["response"]["content"]
    assert len(content["text"]) < 70_000
    assert content["comment"].startswith("cut: ")


def test_many_large_bodies_do_not_make_an_archive_that_nobody_opens() -> None:
    said = Response(status=200, body={"a": "x" * 60_000}, is_json=True, size=60_010)
    text = edges.renderer("har").render(record(exchanges=tuple(exchange(seq, response=said) for seq in range(400))))
    assert len(text) < 20 << 20


def test_readings_of_a_wallet_by_other_means_are_no_http() -> None:
    reading = exchange(role=Role.BALANCE, request=Request(method="READ", url="balance"), response=None)
    assert archive(record(exchanges=(reading,)))["log"]["entries"] == []


def test_what_stands_under_the_name_of_a_secret_is_hidden_whatever_its_form() -> None:
    said = Response(status=200, body={"a": [{"token": "plain words", "tokens": 3}]}, is_json=True, size=40)
    text = entry(response=said)["response"]["content"]["text"]
    assert json.loads(text) == {"a": [{"token": "[redacted]", "tokens": 3}]}
