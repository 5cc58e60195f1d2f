"""Ten gigabytes of an answer fill no memory: the whole command is measured, as a person runs it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from pixelproof.record.recording import read_record

from . import zoo
from .visiting import hold_valid
from .zoo import Animal, Asked, Cage, always, answer, endless, tame_list

GIGABYTES_10 = 10 << 30
#: What a run may take beyond a run against a server of small answers, in MiB.
ALLOWANCE_MIB = 200
TIMEOUT_S = 4.0
#: Preflight, and no more than six requests that run into the time limit; with room for a busy machine.
BOUND_S = 10 * TIMEOUT_S + 20
#: One refusal and one success show as much as all.
CASES = ("refusals/prompt-missing", "images/dall-e-2/minimal")
#: Says at its end how much it once held: the system's own figure for a child begins with its parent's.
COMMAND = """
import pathlib, sys
from pixelproof.cli import main
try:
    main()
finally:
    peak = next(line for line in pathlib.Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    print("KiB", peak.split()[1])
"""
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
CHUNK = b"100000\r\n" + b"7" * (1 << 20) + b"\r\n"


def zeros_zipped() -> Animal:
    """Return an animal that sends ten gigabytes of zeros as ten megabytes of gzip."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = packer.compress(b"\0" * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    # behind a full flush each block stands alone, so that one can be sent again and again
    block = packer.compress(b"\0" * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    start = HEAD + b"content-encoding: gzip\r\nconnection: close\r\n\r\n" + head
    return always(start + block * (GIGABYTES_10 >> 20))


def text_of(size: int) -> Animal:
    return tame_list(always(answer("200 OK", b'{"created": 1, "data": [], "x": "' + b"y" * size + b'"}')))


def long_picture(size: int) -> Animal:
    """Return an animal that points at a picture of its own, and sends that much of it."""
    picture = always(answer("200 OK", b"\x89PNG\r\n\x1a\n" + b"z" * size, "image/png"))

    def animal(connection: socket.socket, asked: Asked, cage: Cage) -> bool:
        if asked.path.endswith(".png"):
            return picture(connection, asked, cage)
        return zoo.pictured(f"http://127.0.0.1:{cage.port}/1.png")(connection, asked, cage)

    return animal


GIANTS: Mapping[str, tuple[Animal, str]] = {
    "a length of 10 GB, and its bytes": (
        tame_list(endless(HEAD + b"content-length: %d\r\n\r\n" % GIGABYTES_10, b"7" * (1 << 20))),
        "body longer than",
    ),
    "chunks without an end": (
        tame_list(endless(HEAD + b"transfer-encoding: chunked\r\n\r\n", CHUNK)),
        "body longer than",
    ),
    "10 GB in 10 MB of gzip": (tame_list(zeros_zipped()), "body longer than"),
    "10 GB of a list of models": (endless(HEAD + b"\r\n", b"7" * (1 << 20)), "is it an HTTP server?"),
    "a picture of 120 MB": (long_picture(120_000_000), "body longer than"),
    "a whole body of 60 MB": (text_of(60_000_000), ""),
}
SMALL = "small answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    code: int
    said: str
    mib: float
    seconds: float
    folder: Path


def measured(url: str, folder: Path) -> Measured:
    """Run the command to its end, in a process of its own."""
    options = ["verify", url, "--profile", "openai", "--tier", "smoke", "--timeout", str(TIMEOUT_S)]
    options += [word for case in CASES for word in ("--select", case)]
    command = [sys.executable, "-c", COMMAND, *options, "--report-dir", str(folder)]
    started = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=90, check=False)
    said, _, kib = done.stdout.rpartition("KiB ")
    seconds = time.monotonic() - started
    return Measured(code=done.returncode, said=said, mib=int(kib) / 1024, seconds=seconds, folder=folder)


pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")


@pytest.fixture(scope="module")
def weighed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Measured]]:
    """Verify every giant, and a server of small answers to compare with."""
    parent = tmp_path_factory.mktemp("giants")

    def weigh(name: str) -> Measured:
        animal = GIANTS[name][0] if name in GIANTS else tame_list(always(answer("400 Bad Request", b"{}")))
        with zoo.caged(animal) as cage:
            return measured(cage.url(), parent / name)

    with ThreadPoolExecutor(max_workers=3) as pool:
        everything = [*GIANTS, SMALL]
        yield dict(zip(everything, pool.map(weigh, everything), strict=True))


@pytest.mark.parametrize("name", GIANTS)
def test_a_giant_is_cut_in_time_and_in_bounded_memory(weighed: Mapping[str, Measured], name: str) -> None:
    found = weighed[name]
    assert found.code in {1, 3}, found.said
    assert found.mib - weighed[SMALL].mib < ALLOWANCE_MIB
    assert found.seconds < BOUND_S
    hold_valid(found.folder / "run.jsonl")
    record = read_record(found.folder)
    said = [found.said, *(exchange.error for exchange in record.exchanges)]
    assert any(GIANTS[name][1] in words for words in said), found.said
