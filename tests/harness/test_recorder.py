"""What is recorded: exchanges without secrets and without payloads, and a curl that sends the same again."""

from __future__ import annotations

import base64
import io
import json
import shlex
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pixelproof.client import MAX_JSON_DEPTH, Answer
from pixelproof.exchange import Exchange, Request, Role
from pixelproof.findings.curl import curl
from pixelproof.record.recorder import Recorder
from pixelproof.targets.keyring import INVALID_KEY

from .builders import GENERATE, body

KEY = "sk-caller-0123456789"
OTHER = "sk-caller-0123456789-other"
HEADERS = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}


def png(width: int = 4, height: int = 2, mode: str = "RGBA") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height)).save(file, "PNG")
    return file.getvalue()


def request(**changes: Any) -> Request:
    return Request(**{"method": "POST", "url": GENERATE, "headers": HEADERS, "body": body(), **changes})


def record(answer: Answer, role: Role = Role.API, *, secrets: tuple[str, ...] = (KEY, OTHER), **sent: Any) -> Exchange:
    return Recorder(secrets=secrets).exchange("a/case", "main", role, request(**sent), answer)


def answer(said: object, status: int = 200, **headers: str) -> Answer:
    return Answer(status=status, headers=headers, body=json.dumps(said).encode())


LEAKS = {
    "request header": ({"headers": {"authorization": f"Bearer {KEY}"}}, answer({})),
    "request body": ({"body": body(user=KEY)}, answer({})),
    "raw request": ({"body": None, "raw": f'{{"user": "{KEY}"'}, answer({})),
    "request url": ({"url": f"{GENERATE}?key={KEY}"}, answer({})),
    "response header": ({}, answer({}, x_echo=f"you are {KEY}")),
    "cookie": ({}, Answer(status=200, headers={"set-cookie": f"session={KEY}"}, body=b"{}")),
    "response body": ({}, answer({"error": {"message": f"bad key {KEY}", "keys": [KEY], KEY: 1}})),
    "html body": ({}, Answer(status=502, body=f"<h1>{KEY}</h1>".encode())),
    "cut html body": ({}, Answer(status=502, body=b"x" * 3990 + KEY.encode())),
    "error text": ({}, Answer(error=f"cannot connect: {KEY}@host")),
    "longer key": ({}, answer({"message": OTHER})),
}


@pytest.mark.parametrize("place", LEAKS)
def test_a_key_never_reaches_the_record(place: str) -> None:
    sent, came = LEAKS[place]
    recorded = repr(record(came, **sent))
    assert "sk-caller" not in recorded
    assert "-other" not in recorded


@given(st.permutations([KEY, OTHER, KEY + "x", KEY[:9]]))
def test_a_key_that_begins_with_another_is_hidden_whole(keys: list[str]) -> None:
    said = record(answer({"message": " ".join(keys)}), secrets=tuple(keys)).response
    assert said is not None
    assert said.body == {"message": " ".join(["[redacted]"] * 4)}


@pytest.mark.parametrize("name", ["x-api-key", "X-Portkey-Api-Key", "Cookie", "x-admin-token", "proxy-authorization"])
def test_a_secret_header_is_hidden_and_so_is_its_echo(name: str) -> None:
    came = answer({"error": {"message": "unknown: another-secret"}})
    recorded = repr(record(came, headers={name: "another-secret"}))
    assert "another-secret" not in recorded


def test_a_bearer_that_nobody_told_us_of_is_hidden_too() -> None:
    assert "sk-foreign" not in repr(record(answer({"message": "got Bearer sk-foreign"})))


def test_a_secret_that_came_up_during_the_run_is_hidden() -> None:
    recorder = Recorder()
    recorder.hide("sk-minted-1")
    recorder.hide("")
    came = answer({"message": "sk-minted-1"})
    assert "sk-minted" not in repr(recorder.exchange("a/case", "main", Role.API, request(headers={}), came))


def test_the_key_that_nobody_can_know_is_no_secret() -> None:
    recorded = record(answer({"m": INVALID_KEY}), headers={"authorization": f"Bearer {INVALID_KEY}"})
    assert recorded.request.headers["authorization"] == f"Bearer {INVALID_KEY}"
    assert recorded.response is not None
    assert recorded.response.body == {"m": INVALID_KEY}


def test_an_image_in_base64_is_taken_out_and_looked_into() -> None:
    kept: dict[str, bytes] = {}
    recorder = Recorder(keep_image=kept.__setitem__)
    payload = base64.b64encode(png()).decode()
    came = answer({"created": 1, "data": [{"b64_json": payload, "revised_prompt": "x"}, {"url": "http://x"}]})
    exchange = recorder.exchange("a/case", "main", Role.API, request(), came)
    image = exchange.images[0]
    assert (image.media_type, image.width, image.height, image.alpha) == ("image/png", 4, 2, True)
    assert kept == {image.sha256: png()}
    assert payload not in repr(exchange.response)
    assert exchange.items()[0]["b64_json"] == f"<image/png {image.bytes} bytes {image.sha256}>"
    assert exchange.items()[0]["revised_prompt"] == "x"


@pytest.mark.parametrize(("payload", "problem"), [("no base64!", "no base64"), ("AAAA", "no image")])
def test_a_payload_that_is_no_image_is_said_to_be_none(payload: str, problem: str) -> None:
    image = record(answer({"data": [{"b64_json": payload}]})).images[0]
    assert image.problem.startswith(problem)


def test_a_downloaded_image_leaves_facts_and_no_bytes() -> None:
    exchange = record(Answer(status=200, body=png(8, 8, "RGB")), Role.IMAGE)
    assert (exchange.images[0].width, exchange.images[0].alpha) == (8, False)
    assert exchange.response is not None
    assert (exchange.response.body, exchange.response.text) == (None, "")


def test_a_download_that_failed_has_no_image() -> None:
    assert record(Answer(status=404, body=b"gone"), Role.IMAGE).images == ()


def test_a_cut_body_is_no_response() -> None:
    exchange = record(Answer(status=200, body=b'{"data": [', error="connection closed or cut"))
    assert (exchange.response, exchange.error) == (None, "connection closed or cut")


@pytest.mark.parametrize(
    "raw",
    [b"", b"<html>", b'{"a": NaN}', b'{"a": 1', b"\xff\xfe", b"[" * 5000, b"[" * 300 + b"]" * 300],
    ids=["empty", "html", "NaN", "cut", "bytes", "bomb", "deep"],
)
def test_what_is_no_json_is_kept_as_text(raw: bytes) -> None:
    said = record(Answer(status=200, body=raw)).response
    assert said is not None
    assert (said.is_json, said.body, said.size) == (False, None, len(raw))


def test_a_body_may_be_nested_as_deep_as_servers_nest() -> None:
    deep = b"[" * MAX_JSON_DEPTH + b"]" * MAX_JSON_DEPTH
    wide = json.dumps([{} for _ in range(1000)]).encode()
    for raw in (deep, wide):
        said = record(Answer(status=200, body=raw)).response
        assert said is not None
        assert said.is_json


def test_a_number_beyond_all_bounds_is_recorded_as_json_can_say_it() -> None:
    said = record(Answer(status=200, body=b'{"created": 1e999}')).response
    assert said is not None
    assert said.body == {"created": "inf"}


def test_exchanges_are_numbered_and_dated() -> None:
    recorder = Recorder(now=lambda: datetime(2026, 11, 20, 18, tzinfo=UTC))
    made = [recorder.exchange("a/case", "main", Role.API, request(), answer({})) for _ in range(3)]
    assert [exchange.seq for exchange in made] == [1, 2, 3]
    assert made[0].at == "2026-11-20T18:00:00.000+00:00"


def parsed(command: str) -> dict[str, Any]:
    """Read a curl command as a shell would, variables left alone."""
    # shlex keeps the newline of a continued line as a word of its own
    words = [word for word in shlex.split(command) if word != "\n"]
    assert words[:3] == ["curl", "-sS", "-X"]
    rest = words[5:]
    options = list(zip(rest[::2], rest[1::2], strict=True))
    return {
        "method": words[3],
        "url": words[4],
        "headers": dict(value.split(": ", 1) for name, value in options if name == "-H"),
        "data": next((value for name, value in options if name == "--data-raw"), None),
    }


def test_a_curl_sends_the_request_again_with_the_key_from_the_environment() -> None:
    found = parsed(curl(record(answer({})).request))
    assert (found["method"], found["url"]) == ("POST", GENERATE)
    assert json.loads(found["data"]) == body()
    assert found["headers"] == {"content-type": "application/json", "authorization": "Bearer $PIXELPROOF_KEY"}


def test_a_curl_of_a_keyless_request_names_no_key() -> None:
    sent = request(headers={"content-type": "application/json"})
    assert "PIXELPROOF_KEY" not in curl(sent)


def test_a_curl_takes_other_secret_headers_from_the_environment_too() -> None:
    sent = record(answer({}), headers={"x-api-key": "another-secret"}).request
    assert parsed(curl(sent))["headers"] == {"x-api-key": "$X_API_KEY"}


PROMPTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))


@given(PROMPTS)
def test_no_prompt_breaks_out_of_the_shell(text: str) -> None:
    found = parsed(curl(request(body=body(prompt=text))))
    assert json.loads(found["data"])["prompt"] == text


@pytest.mark.parametrize("raw", ["", "[]", '{"prompt": "it\'s cut', '$(id) `id` \\ "quoted"\nnext'])
def test_a_raw_body_is_sent_again_as_it_was(raw: str) -> None:
    assert parsed(curl(request(body=None, raw=raw)))["data"] == raw


def test_bytes_that_no_command_line_carries_go_through_a_pipe() -> None:
    raw = b"a \xff%d '\\\x00"
    command = curl(request(body=None, raw=raw.decode("latin-1"), raw_encoding="latin-1", headers={}))
    words = shlex.split(command)
    assert words[:3] == ["printf", "a \\377\\045d \\047\\134\\000", "|"]
    assert words[-2:] == ["--data-binary", "@-"]
