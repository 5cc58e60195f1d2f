"""What the documentation gives for other CI systems and for containers: it can be read, and its commands run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pixelproof.gate.launching import free_port

from .gateways import CALLERS, listening
from .liars import Own
from .test_action import PYTHON

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "gateways.md").read_text("utf-8")
#: Keywords of a GitLab job, as its reference lists them: those that a job like ours may want.
JOB = {
    "image",
    "stage",
    "variables",
    "before_script",
    "script",
    "after_script",
    "artifacts",
    "rules",
    "cache",
    "timeout",
}
ARTIFACTS = {"when", "paths", "reports", "expire_in", "name", "exclude", "untracked", "expose_as"}
REPORTS = {"junit", "codequality", "sast", "dotenv"}


@pytest.fixture
def job() -> dict[str, Any]:
    """Return the GitLab job of the page."""
    (text,) = (text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if text.startswith("gate:\n"))
    found: dict[str, Any] = yaml.safe_load(text)["gate"]
    return found


def test_the_gitlab_job_uses_keywords_that_there_are(job: dict[str, Any]) -> None:
    assert set(job) <= JOB
    assert set(job["artifacts"]) <= ARTIFACTS
    assert set(job["artifacts"]["reports"]) <= REPORTS
    assert job["artifacts"]["when"] in {"on_success", "on_failure", "always"}
    assert all(isinstance(line, str) for line in (*job["script"], *job["after_script"]))


def test_the_script_of_the_gitlab_job_gates_and_leaves_what_it_says(job: dict[str, Any], tmp_path: Path) -> None:
    for name in ("python", "python3"):
        stub = tmp_path / "bin" / name
        stub.parent.mkdir(exist_ok=True)
        stub.write_text(PYTHON.format(said=tmp_path / "installed", python=sys.executable), "utf-8")
        stub.chmod(0o755)
    (tmp_path / "project" / "ci").mkdir(parents=True)
    env = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "PIXELPROOF": "pixelproof.whl"}
    port, key = free_port(), "sk-upstream-of-a-running-gateway"
    with listening(Own(f"http://127.0.0.1:{port}", key)) as front:
        written = {
            "upstream": {"profile": "openai", "port": port, "key": key},
            "target": {"base_url": f"http://127.0.0.1:{front}/v1", "keys": {"default": CALLERS[0]}},
            "tier": "none",
            "hang_s": 0.1,
        }
        (tmp_path / "project" / "ci" / "gate.yaml").write_text(json.dumps(written), "utf-8")
        for lines in (job["script"], job["after_script"]):
            command = ["bash", "-eo", "pipefail", "-c", "\n".join(lines)]
            done = subprocess.run(
                command, cwd=tmp_path / "project", env=env, capture_output=True, text=True, check=False, timeout=120
            )
            assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "installed").read_text().strip().endswith("pixelproof.whl")
    for path in (*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()):
        assert (tmp_path / "project" / path).exists()


def test_the_container_runs_as_nobody_in_particular_and_says_whether_it_is_well() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
    words = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    last = dict(words)
    assert last["USER"] == "pixelproof"
    assert last["FROM"] == "python:3.11-slim"
    assert "create_connection" in last["HEALTHCHECK"]
    assert json.loads(last["ENTRYPOINT"]) == ["pixelproof"]
    order = [name for name, _ in words]
    assert order.index("USER") < order.index("ENTRYPOINT")
