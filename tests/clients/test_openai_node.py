"""The stock OpenAI client for Node, too: ``node/check.mjs`` against the same mocks (AIV-02)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from .provider import Provider

FOLDER = Path(__file__).parent / "node"
LIMIT_S = 120


@pytest.mark.node
def test_the_client_for_node_works_unchanged(openai_mock: Provider, aivene_mock: Provider) -> None:
    node = shutil.which("node")
    assert node is not None, "Node is not installed: this test needs node 20 or newer"
    assert (FOLDER / "node_modules" / "openai").is_dir(), "no packages: run `npm ci` in tests/clients/node first"
    command = [node, "--test-reporter=tap", "check.mjs", openai_mock.base_url, aivene_mock.base_url]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False, timeout=LIMIT_S)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n# pass 0" not in done.stdout, "no test ran"


def test_the_lock_file_names_no_registry() -> None:
    lock = (FOLDER / "package-lock.json").read_text("utf-8")
    assert "integrity" in lock
    assert '"resolved"' not in lock
