"""The commands of a finding are pasted into a shell and show the same answer, from a server that never saw the run."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pixelproof import loading
from pixelproof.deviation import Deviation
from pixelproof.exchange import Exchange
from pixelproof.findings.causes import causes
from pixelproof.findings.curl import located
from pixelproof.record.origin import local_key
from pixelproof.record.recording import Record
from pixelproof.settings import MockSettings
from pixelproof.verdict import CaseVerdict
from pixelproof.verification.embedded import running

from .records import liars, recorded

#: Every so-manieth liar; all of them were tried by hand.
EVERY = 40
PATIENCE_S = 60


def pasted(command: str, key: str) -> tuple[int, str]:
    """Paste a finding's commands into sh; return the status and the body of the last answer."""
    environment = {"PATH": os.environ["PATH"], "PIXELPROOF_KEY": key}
    script = f"{command.replace('--max-time 60', '--max-time 3')} \\\n  -w '\\n%{{http_code}}'"
    done = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, env=environment, timeout=PATIENCE_S, check=False
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status or 0), body


def shape(value: object) -> object:
    """What of a body stays the same from one run to the next: keys, counts, and the words of an error."""
    if isinstance(value, Mapping):
        named = ("type", "code", "param", "status")
        return {key: item if key in named else shape(item) for key, item in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else type(value).__name__


def shown(record: Record, line: CaseVerdict) -> Exchange:
    return next(item for item in record.exchanges if item.seq == line.shown)


def same(command: str, was: Exchange, key: str) -> list[str]:
    """Paste a command and return how the answer differs from the recorded one."""
    status, body = pasted(command, key)
    if was.response is None:
        return [] if status == 0 else [f"{status} instead of silence"]
    if status != was.status:
        return [f"{status} instead of {was.status}: {body[:200]}"]
    if not was.response.is_json:
        return []
    found, wanted = shape(json.loads(body)), shape(was.response.body)
    return [] if found == wanted else [f"{found} instead of {wanted}"]


def differences(deviation: Deviation, folder: Path) -> dict[str, Any]:
    """Paste one command of every cause of a liar's findings into sh; return what comes back otherwise."""
    record = recorded(folder, deviation.profile, deviation.name, tier=deviation.tier, select=(deviation.claim,))
    contract = loading.shipped(deviation.profile)
    base = str(record.header["target"]).removesuffix("/v1")
    found: dict[str, Any] = {}
    with running(contract, MockSettings(liar=deviation.name)) as url:
        for cause in causes(record.verdicts, record.exchanges):
            line = cause.lines[0]
            command = located(line.curl, str(folder)).replace(base, url.removesuffix("/v1"))
            different = same(command, shown(record, line), local_key(contract))
            if different:
                found[f"{line.case} {line.rule}"] = [*different, command]
    return found


@pytest.mark.parametrize("deviation", liars(EVERY), ids=lambda item: item.name)
def test_the_curl_of_a_finding_shows_it_again(deviation: Deviation, tmp_path: Path) -> None:
    assert differences(deviation, tmp_path) == {}
