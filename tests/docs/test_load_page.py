"""Every command of the page about load runs, and says what the page shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pixelproof import loading
from pixelproof.edges import create_mock
from pixelproof.settings import MockSettings
from pixelproof.verification.embedded import listening

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/load.md").read_text("utf-8")
SHOWN = [block.split("\n", 1) for block in re.findall(r"```console\n\$ (.*?)```", PAGE, re.DOTALL)]
LOCUST = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
RUN = {*LOCUST, *(f"$ {command}\n{output}" for command, output in SHOWN)}


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=[command[:60] for command, _ in SHOWN])
def test_a_command_of_the_page_says_what_the_page_shows(command: str, output: str, tmp_path: Path) -> None:
    words = shlex.split(command)
    ran = subprocess.run([sys.executable, "-m", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    pattern = ".*".join(re.escape(part) for part in output.strip().split("…"))
    assert re.fullmatch(pattern, ran.stdout.strip(), re.DOTALL), ran.stdout + ran.stderr
    assert ran.returncode == (1 if "NOT EXACT" in output else 0)


@pytest.mark.parametrize("command", LOCUST)
def test_plain_locust_takes_our_users_and_reconciles_at_its_end(command: str, tmp_path: Path) -> None:
    setting, *words = shlex.split(command)
    name, value = setting.split("=")
    environment = {**os.environ, name: value, "PIXELPROOF_REPORT_DIR": str(tmp_path)}
    with listening(create_mock([loading.shipped(value)], MockSettings(faults=False))) as port:
        words[-1] = f"http://127.0.0.1:{port}/v1"
        run = [sys.executable, "-m", *words]
        ran = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert '"exact": true' in ran.stdout, ran.stderr
    assert ran.returncode == 0
