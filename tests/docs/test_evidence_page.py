"""The page about recorded runs holds: its commands are run one after the other, and say what the page says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs/evidence.md").read_text("utf-8")
PATIENCE_S = 120


def sessions(page: str = PAGE) -> list[tuple[str, list[str], int]]:
    """Return every command of a page, the lines that it must print, and its exit code."""
    found: list[tuple[str, list[str], int]] = []
    for row in "".join(re.findall(r"```console\n(.*?)```", page, re.DOTALL)).splitlines():
        if row.startswith("$ "):
            found.append((row[2:], [], 0))
        elif row.startswith("exit code "):
            command, lines, _ = found.pop()
            found.append((command, lines, int(row.rpartition(" ")[2])))
        elif row != "…":
            found[-1][1].append(row)
    return found


def ran(command: str, folder: Path) -> tuple[int, str]:
    words = shlex.split(command)
    program = [sys.executable, "-m", "pixelproof"] if words[0] == "pixelproof" else [words[0]]
    environment = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(
        [*program, *words[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def said(line: str, output: str) -> bool:
    """Tell whether a line of the page stands in the output; ``…`` stands for anything on its line."""
    pattern = ".*".join(re.escape(part) for part in line.split("…"))
    return re.search(f"^{pattern}$" if "…" not in line else f"^{pattern}", output, re.MULTILINE) is not None


def test_every_command_of_the_page_says_what_the_page_says(tmp_path: Path) -> None:
    for command, lines, code in sessions():
        found, output = ran(command, tmp_path)
        assert found == code, f"{command}\n{output}"
        missing = [line for line in lines if not said(line, output)]
        assert missing == [], f"{command}\n{output}"


def test_the_page_runs_every_command_that_works_on_a_record() -> None:
    used = {shlex.split(command)[1] for command, _, _ in sessions() if command.startswith("pixelproof")}
    assert used >= {"verify", "report", "judge", "replay", "explain", "waivers"}
