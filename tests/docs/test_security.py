"""The limits that the page states are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pixelproof.mock_server import faults
from pixelproof.mock_server.control import snapshot
from pixelproof.mock_server.images import samples
from pixelproof.mock_server.state import accounts, journal
from pixelproof.mock_server.steps import parsing, references, uploads, waiting
from pixelproof.mock_server.worker import relief, serving

PAGE = (Path(__file__).parents[2] / "docs/security.md").read_text("utf-8")
STATED = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", PAGE, re.MULTILINE))
MIB = 1024 * 1024

LIMITS: dict[str, str] = {
    "time for the head, and between requests of a connection": f"{serving.HEAD_S} s",
    "time from the head to the end of the body": f"{relief.BODY_S:g} s",
    "connections at once": f"{serving.CONNECTIONS:,}",
    "requests at once, with those that wait for a body or a latency": f"{relief.THREADS}",
    "threads that serve at once": f"{relief.BUSY}",
    f"bodies above {waiting.LARGE_BODY // MIB} MiB in memory at once": f"{waiting.LARGE_BODIES}",
    "body": f"{parsing.MAX_BODY // MIB} MiB",
    "body with reference images": f"{parsing.MAX_MEDIA_BODY // MIB} MiB",
    "body of a snapshot": f"{snapshot._LONGEST // MIB} MiB",
    "nesting of a JSON body": f"{parsing._DEPTH} levels",
    "parts of an upload": f"{uploads._PARTS}",
    "file in a data URI, where the provider documents none": f"{references._MAX_BYTES:,} bytes",
    "pixels of an image that is decoded": f"{samples.MOST_PIXELS:,}",
    "side of an image": f"{samples.LONGEST:,} pixels",
    f"images above {samples._LARGE:,} pixels decoded at once": "1",
    "latency on demand": f"{faults.LONGEST_WAIT_S:g} s",
    "standing faults": f"{faults.MOST_FAULTS:,}",
    "accounts opened by unknown keys": f"{accounts.OPEN_ACCOUNTS:,}",
    "ledger entries of all accounts": f"{accounts.LEDGER_ROOM:,}",
    "lines of the journal": f"{journal.ENTRIES:,}",
    "bodies in the journal": f"{journal.BYTES // MIB} MiB",
    "one body in the journal": f"{journal._BODY:,} bytes",
}
#: Limits that granian has and does not name.
OF_GRANIAN = {"line and headers of a request"}


@pytest.mark.parametrize("what", LIMITS)
def test_a_stated_limit_is_the_one_of_the_code(what: str) -> None:
    assert STATED[what] == LIMITS[what]


def test_no_limit_is_stated_without_a_check() -> None:
    assert set(STATED) - {"what", "---"} == set(LIMITS) | OF_GRANIAN


def test_the_head_may_be_as_long_as_granian_says() -> None:
    from granian.http import HTTP1Settings

    assert STATED["line and headers of a request"].startswith(f"{HTTP1Settings().max_buffer_size // 1024} KiB")
