"""The curl of a finding sends the very bytes that the run sent."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from pixelproof.exchange import Request
from pixelproof.findings.curl import curl

URL = "http://127.0.0.1:9001/v1/images/generations"


@pytest.mark.parametrize("raw", [b'{"prompt": "a red \xff\xfe apple"}', b"100 %s \\n it's \x80\n"])
def test_bytes_beyond_utf8_go_through_a_pipe(raw: bytes) -> None:
    command = curl(Request(method="POST", url=URL, raw=raw.decode("latin-1"), raw_encoding="latin-1"))
    printf, _, rest = command.partition(" | ")
    assert subprocess.run(["sh", "-c", printf], capture_output=True, check=True).stdout == raw
    assert shlex.split(rest)[-2:] == ["--data-binary", "@-"]


def test_a_body_that_begins_with_an_at_sign_names_no_file() -> None:
    assert shlex.split(curl(Request(method="POST", url=URL, raw="@secret")))[-2:] == ["--data-raw", "@secret"]
