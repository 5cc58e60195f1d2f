"""Schemathesis walks one document against the mock of its profile."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
#: Bodies that JSON allows and our strict parser does not: a null character in any text.
_SETTINGS = ("--generation-allow-x00", "false", "--seed", "1", "--no-color")
_DEADLINE_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What Schemathesis printed, in figures."""

    operations: str
    cases: str
    links: str
    failures: int
    warnings: int
    text: str

    @property
    def is_clean(self) -> bool:
        return self.failures == self.warnings == 0 and self.operations.partition("/")[::2] != ("", "")


def walk(document: Path, url: str, key: str, examples: int) -> Walk:
    """Run Schemathesis as its users do: from the command line, with a key."""
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", str(document), "--url", url]
    command += ["-H", f"Authorization: Bearer {key}", "--max-examples", str(examples), *_SETTINGS]
    environment = {**os.environ, "PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "hooks", "COLUMNS": "120"}
    with TemporaryDirectory() as away:  # it leaves folders of its own behind
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_DEADLINE_S, check=False, cwd=away
        )
    return read(done.stdout + done.stderr, failed=done.returncode != 0)


def read(text: str, *, failed: bool) -> Walk:
    """Return the figures of a report; a run that failed without naming a failure counts as one."""
    failures = sum(map(int, re.findall(r"^  ❌ .+: (\d+)$", text, re.MULTILINE)))
    return Walk(
        operations=_found(r"Tested: (\d+)", text) + "/" + _found(r"Selected: \d+/(\d+)", text),
        cases=_found(r"(\d+) generated", text),
        links=_found(r"API Links: +(\d+) covered", text) + "/" + _found(r"API Links: .* (\d+) total", text),
        failures=max(failures, int(failed)),
        warnings=len(re.findall(r"^(?:WARNINGS|⚠|Warnings:).*$|⚠️", text, re.MULTILINE)),
        text=text,
    )


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else "-"
