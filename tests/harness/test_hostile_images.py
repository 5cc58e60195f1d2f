"""What a server says its images are is not trusted: bounded, decoded with care, and fetched from few places."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from pixelproof.client import Answer
from pixelproof.exchange import Role
from pixelproof.running.conducting.downloading import MAX_HOPS, MAX_TIMEOUTS, Downloads
from pixelproof.verdict import Verdict

from . import zoo
from .builders import ScriptedWire
from .visiting import BOUND_S, KEY, Visit, visit
from .zoo import Animal, always, answer, endless

PUBLIC = "https://images.example"
#: What the names of these tests resolve to.
ADDRESSES = {"api.example": ["93.184.216.34"], "images.example": ["93.184.216.35"], "inside.example": ["10.0.0.7"]}
ADDRESSES["localhost"] = ["127.0.0.1"]


def png(width: int, height: int, rows: bytes) -> bytes:
    """Return a PNG of the size it says, whatever its rows hold."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


BOMB = png(60_000, 60_000, b"\0" * 1_000_000)
LARGE = png(8_000, 8_000, b"\0" * 1_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """Where images stand, and what a finding says of them."""

    animal: Animal
    words: str


GALLERIES: Mapping[str, Gallery] = {
    name: Gallery(animal=animal, words=words)
    for name, animal, words in (
        ("a picture that never ends", endless(b"HTTP/1.1 200 OK\r\n\r\n\x89PNG", b"x", zoo.DRIP_S), "timeout"),
        ("a picture of huge dimensions", always(answer("200 OK", BOMB, "image/png")), "decompression bomb"),
        ("a picture of too many pixels", always(answer("200 OK", LARGE, "image/png")), "too many pixels"),
        ("a picture that is text", always(answer("200 OK", b"<svg/>", "image/png")), "no image"),
        ("a picture that is nothing", always(answer("200 OK", b"", "image/png")), "no image"),
        (
            "an endless row of redirects",
            always(answer("302 Found", b"", "a/b", "location: /again"), then_close=False),
            "redirects",
        ),
        (
            "a redirect to a file",
            always(answer("302 Found", b"", "a/b", "location: file:///etc/passwd")),
            "no absolute",
        ),
        ("a redirect to half an address", always(answer("302 Found", b"", "a/b", "location: http://[::1")), "Invalid"),
    )
}
PLACES = {
    "a secure shell": "http://127.0.0.1:22/key",
    "a file": "file:///etc/passwd",
    "data": "data:image/png;base64,AAAA",
    "a relative address": "/images/1.png",
    "half an address": "http://[::1/1.png",
    "no address": "http://",
    "a port of nonsense": "http://127.0.0.1:port/x.png",
    "a blank": "http://127.0.0.1:1/a b\r\nx: 1",
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Visit]]:
    """Verify a server whose images stand in each of the galleries and places."""

    folder = tmp_path_factory.mktemp("looks")

    def look(name: str) -> Visit:
        animal = GALLERIES[name].animal if name in GALLERIES else always(b"")
        with zoo.caged(animal) as there:
            url = PLACES.get(name, f"http://127.0.0.1:{there.port}/1.png")
            with zoo.caged(zoo.pictured(url)) as cage:
                found = visit(cage.url(), folder / name)
            assert all(KEY not in str(asked.headers) for asked in there.asked)
        return found

    everything = [*GALLERIES, *PLACES]
    with ThreadPoolExecutor(max_workers=8) as pool:
        yield dict(zip(everything, pool.map(look, everything), strict=True))


@pytest.mark.parametrize("name", GALLERIES)
def test_a_picture_that_is_none_is_a_finding_in_time(seen: Mapping[str, Visit], name: str) -> None:
    found = seen[name]
    problems = [image.problem for exchange in found.record.exchanges for image in exchange.images]
    errors = [exchange.error for exchange in found.record.exchanges if exchange.role is Role.IMAGE]
    assert any(GALLERIES[name].words in said for said in problems + errors), (problems, errors)
    assert (found.code, found.seconds < BOUND_S) == (1, True)


@pytest.mark.parametrize("name", PLACES)
def test_an_address_that_is_none_is_a_finding_and_not_a_crash(seen: Mapping[str, Visit], name: str) -> None:
    found = seen[name]
    assert found.code == 1
    assert all(line.verdict is not Verdict.ERROR for line in found.record.verdicts)
    assert all(not exchange.images for exchange in found.record.exchanges)


def downloads(*script: Answer, home: str = "https://api.example/v1") -> tuple[Downloads, ScriptedWire]:
    wire = ScriptedWire(list(script))
    return Downloads(wire, home, lambda host: ADDRESSES.get(host, [])), wire  # type: ignore[arg-type]  # a fake


def moved(location: str) -> Answer:
    return Answer(status=302, headers={"location": location})


PICTURE = Answer(status=200, body=b"png")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8765/__admin/accounts",
        "http://localhost/x",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/x",
        "http://[::ffff:127.0.0.1]/x",
        "http://10.0.0.7/x",
        "http://inside.example/x",
        "file:///etc/passwd",
    ],
)
def test_a_target_elsewhere_cannot_make_us_look_into_our_own_network(url: str) -> None:
    direct, wire = downloads()
    assert direct.fetch(url).error.startswith(("not fetched", "no absolute"))
    assert wire.sent == []
    by_way_of, wire = downloads(moved(url))
    assert by_way_of.fetch(f"{PUBLIC}/1.png").error.startswith(("not fetched", "no absolute"))
    assert len(wire.sent) == 1


def test_a_target_of_our_own_may_point_at_what_is_beside_it() -> None:
    found, wire = downloads(PICTURE, home="http://127.0.0.1:9001/v1")
    assert found.fetch("http://10.0.0.7/1.png").body == b"png"
    assert [request[:2] for request in wire.sent] == [("GET", "http://10.0.0.7/1.png")]


def test_a_picture_is_fetched_without_anything_of_ours_and_behind_a_few_redirects() -> None:
    found, wire = downloads(moved("/2.png"), moved("https://images.example/3.png"), PICTURE)
    assert found.fetch(f"{PUBLIC}/1.png").body == b"png"
    assert [request[1] for request in wire.sent] == [f"{PUBLIC}/{n}.png" for n in (1, 2, 3)]
    assert [request[2] for request in wire.sent] == [{}, {}, {}]


def test_redirects_have_an_end() -> None:
    found, wire = downloads(*[moved("/again")] * (MAX_HOPS + 1))
    assert "redirects" in found.fetch(f"{PUBLIC}/1.png").error
    assert len(wire.sent) == MAX_HOPS + 1


def test_pictures_that_never_come_are_not_waited_for_again_and_again() -> None:
    found, wire = downloads(*[Answer(error="timeout")] * MAX_TIMEOUTS)
    said = [found.fetch(f"{PUBLIC}/1.png").error for _ in range(MAX_TIMEOUTS + 3)]
    assert said[:MAX_TIMEOUTS] == ["timeout"] * MAX_TIMEOUTS
    assert all(error.startswith("not tried") for error in said[MAX_TIMEOUTS:])
    assert len(wire.sent) == MAX_TIMEOUTS


def test_one_picture_that_comes_forgives_those_that_did_not() -> None:
    late = Answer(error="timeout")
    found, _ = downloads(late, late, PICTURE, late, late, PICTURE)
    assert [found.fetch(f"{PUBLIC}/1.png").error for _ in range(6)] == ["timeout", "timeout", ""] * 2
