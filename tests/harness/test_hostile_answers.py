"""Whatever a server sends, a run ends within a bound, with one clear sentence or honest findings."""

from __future__ import annotations

import contextlib
import gzip
import socket
import time
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from pixelproof.client import Wire
from pixelproof.verdict import Verdict

from . import zoo
from .visiting import BOUND_S, KEY, Visit, visit
from .zoo import Animal, Asked, Cage, always, answer, endless, tame_list

FINDINGS, UNREACHABLE = 1, 3
OK = "200 OK"
JSON_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
PAGE = b"<!doctype html><html><title>Sign in</title><form action=/login></form></html>"
CDN_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>cdn ray 8f2</body></html>"


def drip(connection: socket.socket, _asked: Asked, cage: Cage) -> bool:
    """Send a status line and headers, one byte at a time, for ever."""
    for byte in JSON_HEAD + b"x-a: b\r\n" * 10_000:
        if cage.over.is_set():
            break
        connection.sendall(bytes([byte]))
        time.sleep(zoo.DRIP_S)
    return False


def storm(connection: socket.socket, _asked: Asked, cage: Cage) -> bool:
    """Announce for ever that an answer will come."""
    while not cage.over.is_set():
        connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")
        time.sleep(0.01)
    return False


def cut(connection: socket.socket, *_: object) -> bool:
    connection.sendall(JSON_HEAD + b'content-length: 400\r\n\r\n{"created": 1, "data": [')
    return False


def reset_inside(connection: socket.socket, asked: Asked, cage: Cage) -> bool:
    connection.sendall(JSON_HEAD + b'content-length: 400\r\n\r\n{"created": 1, ')
    time.sleep(0.02)
    return zoo.reset(connection)


def keeps_no_promise(connection: socket.socket, *_: object) -> bool:
    """Say keep-alive and hang up."""
    connection.sendall(answer("400 Bad Request", b"{}", "application/json", "connection: keep-alive"))
    return False


def turns(connection: socket.socket, asked: Asked, cage: Cage) -> bool:
    """Answer properly for a while, then never again."""
    if asked.number < 4:
        body = b'{"error": {"message": "no", "type": "invalid_request_error", "param": null, "code": null}}'
        connection.sendall(answer("400 Bad Request", body))
        return True
    return zoo.mute(connection, asked, cage)


def sets_cookies(connection: socket.socket, *_: object) -> bool:
    connection.sendall(answer("400 Bad Request", b"{}", "application/json", "set-cookie: session=stolen; Path=/"))
    return True


def redirecting(status: str, location: str) -> Animal:
    return always(answer(status, b"", "text/plain", f"location: {location}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """An animal, and what its visit must come to."""

    animal: Animal
    code: int
    #: Words of the sentence, or of what the findings got.
    words: str


def wild(animal: Animal, words: str) -> Exhibit:
    """Return the exhibit of an animal that is only wild about images: findings."""
    return Exhibit(animal=tame_list(animal), code=FINDINGS, words=words)


def body(text: bytes, content_type: str = "application/json") -> Animal:
    return always(answer(OK, text, content_type), then_close=False)


#: Not to be verified at all: one sentence says why.
ABSENT: Mapping[str, Exhibit] = {
    name: Exhibit(animal=animal, code=UNREACHABLE, words=words)
    for name, animal, words in (
        ("never answers", zoo.mute, "does not answer (timeout"),
        ("headers one byte at a time for ever", drip, "does not answer (timeout"),
        ("announces for ever", storm, "does not answer (timeout"),
        ("endless garbage", endless(b"", b"\x00\xff" * 500), "is it an HTTP server?"),
        ("HTTP/0.9", always(b"<html>hello</html>"), "is it an HTTP server?"),
        ("HTTP/2 preface", always(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + b"\x00" * 18), "is it an HTTP server?"),
        ("closes without a word", always(b""), "is it an HTTP server?"),
        ("resets", zoo.reset, "is it an HTTP server?"),
        ("one header of 1 MB", always(b"HTTP/1.1 200 OK\r\nx: " + b"a" * (1 << 20) + b"\r\n\r\n"), "HTTP server?"),
        ("redirects round and round", redirecting("302 Found", "/v1/models"), "redirects POST"),
        ("redirects 301 to another host", redirecting("301 Moved", "http://elsewhere.example/v1"), "elsewhere.example"),
        ("redirects 307 to another host", redirecting("307 Temporary", "https://elsewhere.example/"), "redirects POST"),
        ("redirects 308 without a place", always(answer("308 Permanent", b"")), "redirects POST"),
        ("a login page everywhere", body(PAGE, "text/html; charset=utf-8"), "answers with web pages"),
        (
            "502 of a CDN",
            always(answer("502 Bad Gateway", CDN_PAGE, "text/html"), then_close=False),
            "is the API behind it running?",
        ),
    )
}

#: Looks like an API, and breaks its promises: honest findings.
PRESENT: Mapping[str, Exhibit] = {
    "never answers about images": wild(zoo.mute, "no answer (timeout"),
    "a body of one byte at a time for ever": wild(
        endless(JSON_HEAD + b"\r\n{", b" ", zoo.DRIP_S), "no answer (timeout"
    ),
    "empty 200": wild(always(answer(OK, b"")), "no JSON"),
    "invalid JSON": wild(body(b'{"created": 1, "data": [}'), "no JSON"),
    "invalid UTF-8": wild(body(b'{"created": "\xff\xfe"}'), "no JSON"),
    "a million levels of JSON": wild(body(b"[" * 1_000_000 + b"]" * 1_000_000), "no JSON"),
    "a number of ten million digits": wild(body(b'{"created": ' + b"9" * 10_000_000 + b"}"), "no JSON"),
    "NaN": wild(body(b'{"created": NaN, "data": []}'), "no JSON"),
    "duplicate keys": wild(body(b'{"data": [], "data": [{}]}'), "1 image"),
    "five million empty maps": wild(body(b'{"data": [' + b"{}," * 5_000_000 + b"{}]}"), "no JSON"),
    "bad gzip": wild(always(answer(OK, b"not zipped", "application/json", "content-encoding: gzip")), "undecodable"),
    "cut gzip": wild(
        always(answer(OK, gzip.compress(b'{"a": 1}' * 99)[:30], "application/json", "content-encoding: gzip")),
        "it ends in the middle",
    ),
    "gzip in gzip": wild(
        always(answer(OK, gzip.compress(gzip.compress(b"{}")), "application/json", "content-encoding: gzip, gzip")),
        "was not asked for",
    ),
    "a header with a control character": wild(always(b"HTTP/1.1 200 OK\r\nx-a: b\x00c\r\n\r\n"), "cut"),
    "a header folded into a second one": wild(always(answer(OK, b"{}", "a/b\r\n x-injected: 1")), "200 with"),
    "two lengths": wild(always(JSON_HEAD + b"content-length: 2\r\ncontent-length: 5\r\n\r\n{}"), "cut"),
    "a length of nonsense": wild(always(JSON_HEAD + b"content-length: many\r\n\r\n{}"), "cut"),
    "a body cut in the middle": wild(cut, "connection closed or cut"),
    "a reset in the middle": wild(reset_inside, "connection reset"),
    "100 without being asked": wild(always(b"HTTP/1.1 100 Continue\r\n\r\n" + answer(OK, b"{}")), "200 with"),
    "101 to another protocol": wild(always(b"HTTP/1.1 101 Switching\r\nupgrade: h2c\r\n\r\n"), ""),
    "status 999": wild(always(answer("999 Odd", b"{}")), "999"),
    "keep-alive that is none": wild(keeps_no_promise, ""),
    "sets cookies": wild(sets_cookies, ""),
    "stops answering midway": wild(turns, "6 requests in a row were not answered"),
    "redirects of posts": wild(redirecting("302 Found", "http://elsewhere.example/"), "302"),
}
EXHIBITS = {**ABSENT, **PRESENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    visit: Visit
    asked: tuple[Asked, ...]


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Seen]]:
    """Visit the whole zoo at once: most of a visit is waiting."""

    folder = tmp_path_factory.mktemp("visits")

    def go(name: str) -> Seen:
        with zoo.caged(EXHIBITS[name].animal) as cage:
            found = visit(cage.url(), folder / name.replace("/", "-"))
            return Seen(visit=found, asked=tuple(cage.asked))

    with ThreadPoolExecutor(max_workers=12) as pool:
        yield dict(zip(EXHIBITS, pool.map(go, EXHIBITS), strict=True))


@pytest.mark.parametrize("name", EXHIBITS)
def test_a_run_ends_in_time_with_the_right_code_and_words(tour: Mapping[str, Seen], name: str) -> None:
    seen, exhibit = tour[name].visit, EXHIBITS[name]
    assert (seen.code, exhibit.words in seen.got) == (exhibit.code, True), (seen.code, seen.got[:2000])
    assert seen.seconds < BOUND_S
    assert seen.record.end is not None


@pytest.mark.parametrize("name", ABSENT)
def test_a_target_that_is_none_is_told_in_one_sentence_and_nothing_is_held_against_it(
    tour: Mapping[str, Seen], name: str
) -> None:
    seen = tour[name].visit
    assert seen.said
    assert "\n" not in seen.said
    assert not seen.findings
    assert seen.record.end is not None
    assert seen.record.end["outcome"] == "unreachable"


def test_no_defect_of_a_server_is_one_of_ours(tour: Mapping[str, Seen]) -> None:
    lines = [line for seen in tour.values() for line in seen.visit.record.verdicts]
    assert len(lines) > 100
    broken = [line for line in lines if line.verdict is Verdict.ERROR]
    assert broken == []


def test_no_cookie_of_the_target_comes_back(tour: Mapping[str, Seen]) -> None:
    assert len(tour["sets cookies"].asked) > 10
    assert not [asked for asked in tour["sets cookies"].asked if "cookie" in asked.headers]


def test_a_target_that_fell_silent_is_not_asked_any_more(tour: Mapping[str, Seen]) -> None:
    seen = tour["stops answering midway"]
    stopped = [line for line in seen.visit.record.verdicts if "6 requests in a row" in line.got]
    assert stopped
    assert "is the target still running?" in stopped[0].hint
    assert len(seen.asked) <= 1 + 4 + 6


def test_nobody_at_a_name_that_does_not_exist(tmp_path: Path) -> None:
    seen = visit("http://pixelproof.invalid/v1", tmp_path, max_cost="0 USD")
    assert (seen.code, "is the host's name right?" in seen.said) == (UNREACHABLE, True), seen.said


def test_a_redirect_never_takes_the_key_along(tmp_path: Path) -> None:
    with zoo.caged(always(answer(OK, zoo.MODELS))) as other:
        for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"):
            with zoo.caged(redirecting(status, other.url())) as cage:
                found = visit(cage.url(), tmp_path / status[:3])
                assert found.code == UNREACHABLE
                assert [asked.headers["authorization"] for asked in cage.asked] == [f"Bearer {KEY}"] * 2
        assert other.asked == []


def test_gzip_and_deflate_that_are_right_are_read(tmp_path: Path) -> None:
    bare = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = {
        "gzip": gzip.compress(zoo.MODELS),
        "x-gzip": gzip.compress(zoo.MODELS),
        "deflate": zlib.compress(zoo.MODELS),
        "Deflate": bare.compress(zoo.MODELS) + bare.flush(),
        "identity": zoo.MODELS,
    }
    for name, data in packed.items():
        raw = answer(OK, data, "application/json", f"content-encoding: {name}")
        with zoo.caged(always(raw)) as cage, contextlib.closing(Wire()) as wire:
            got = wire.send("GET", cage.url())
        assert (got.body, got.error) == (zoo.MODELS, ""), name
