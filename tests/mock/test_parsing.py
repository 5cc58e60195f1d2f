"""Whatever bytes arrive, the answer is a 4xx in the envelope, never a 5xx."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

PROFILES = ["openai", "aivene"]
DEEP = b"[" * 200 + b"]" * 200

MALFORMED = {
    "nothing": b"",
    "no JSON": b"prompt=cat",
    "cut": b'{"prompt": "x"',
    "an array": b"[]",
    "a string": b'"prompt"',
    "null": b"null",
    "a number": b"1",
    "NaN": b'{"prompt": "x", "model": "dall-e-2", "n": NaN}',
    "Infinity": b'{"prompt": "x", "model": "dall-e-2", "n": -Infinity}',
    "a huge exponent": b'{"prompt": "x", "model": "dall-e-2", "n": 1e999}',
    "a key twice": b'{"prompt": "x", "model": "dall-e-2", "prompt": "y"}',
    "an inner key twice": b'{"prompt": "x", "model": "dall-e-2", "user": {"a": 1, "a": 2}}',
    "nested without end": b'{"prompt": "x", "model": "dall-e-2", "x": ' + DEEP + b"}",
    "nested for ever": b'{"x": ' + b"[" * 100_000,
    "no UTF-8": b'{"prompt": "\xff\xfe", "model": "dall-e-2"}',
    "a lone surrogate": b'{"prompt": "\\ud800", "model": "dall-e-2"}',
    "a null byte": b'{"prompt": "x\x00y", "model": "dall-e-2"}',
    "a null character": b'{"prompt": "x\\u0000y", "model": "dall-e-2"}',
    "a byte order mark": b'\xef\xbb\xbf{"prompt": "x", "model": "dall-e-2"}',
    "two values": b'{"prompt": "x", "model": "dall-e-2"} {}',
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_no_strict_json_object_is_refused(profile: str, raw: bytes, caller: Callable[..., Any]) -> None:
    one = caller(profile, balance="1.00")
    answer = one.send(raw)
    assert answer.status_code == 400
    assert answer.json["error"]["type"] == "invalid_request_error"
    assert one.balance == "1.000000"


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
@pytest.mark.parametrize("profile", PROFILES)
def test_another_content_type_is_refused(profile: str, content_type: str, caller: Callable[..., Any]) -> None:
    assert caller(profile).send(b'{"prompt": "x", "model": "dall-e-2"}', content_type).status_code == 400


def test_a_content_type_may_carry_parameters(caller: Callable[..., Any]) -> None:
    answer = caller().send(b'{"prompt": "x"}', "Application/JSON; charset=utf-8")
    assert answer.status_code == 200


def test_what_only_looks_strange_is_fine(caller: Callable[..., Any]) -> None:
    one = caller("openai")
    for prompt in ('a: b: c, {"x": 1}', "back\\u0000slash", "emoji 🦀 and äöü", "line\nbreak", "\u2028x"):
        assert one.generate(prompt=prompt).status_code == 200, prompt


WRONG_VALUES = [0, -1, 1.5, True, "", "x", [], ["x"], {}, {"a": 1}, 10**30, -(10**30), "9" * 500]
FIELDS = {
    "openai": [
        "prompt", "model", "n", "size", "quality", "style", "background", "moderation", "output_format",
        "output_compression", "response_format", "stream", "partial_images", "user",
    ],
    "aivene": ["prompt", "model", "n", "size", "quality", "style", "background", "response_format", "user"],
}  # fmt: skip


@pytest.mark.parametrize("model", ["dall-e-2", "dall-e-3", "gpt-image-1"])
@pytest.mark.parametrize("profile", PROFILES)
def test_wrong_values_in_every_field_never_break_the_server(
    profile: str, model: str, caller: Callable[..., Any]
) -> None:
    one = caller(profile, limits={"requests_per_minute": None})
    for field in FIELDS[profile]:
        for value in WRONG_VALUES:
            body = {"prompt": "x", "model": model, field: value}
            answer = one.send(json.dumps(body).encode())
            assert answer.status_code in {200, 400}, (field, value, answer.text)
            assert answer.status_code == 400 or "data" in answer.json


@pytest.mark.parametrize("profile", PROFILES)
def test_a_prompt_of_200_kilobytes_is_judged_by_its_length(profile: str, caller: Callable[..., Any]) -> None:
    # Aivene documents no longest prompt
    assert caller(profile).generate(prompt="x" * 200_000).status_code == (400 if profile == "openai" else 200)


def test_a_body_beyond_ten_megabytes_is_too_large(caller: Callable[..., Any]) -> None:
    assert caller().send(b'{"prompt": "' + b"x" * (10 * 1024 * 1024) + b'"}').status_code == 413


class Socket:
    """A body on a plain connection: reading beyond it would wait for ever."""

    def __init__(self, length: int) -> None:
        self.left = length

    def read(self, size: int) -> bytes:
        assert size <= self.left, "read on behind the body"
        self.left -= size
        return b"x" * size


def test_a_body_that_is_too_long_is_read_to_its_end_and_not_beyond() -> None:
    parsing = import_module("pixelproof.mock_server.steps.parsing")
    socket = Socket(3_500_000)
    assert parsing.read_body({"wsgi.input": socket, "CONTENT_LENGTH": "3500000"}, 1000) is None
    assert socket.left == 0


def test_huge_headers_are_survived(caller: Callable[..., Any]) -> None:
    one = caller()
    assert one.generate({"User-Agent": "x" * 60_000}).status_code == 200
    assert one.generate({"Authorization": f"Bearer {'x' * 60_000}"}).status_code == 401
    assert one.generate({"X-Mock-Fault": "x" * 60_000}).status_code == 400
