"""The GitHub action does in its steps what its inputs say, and hands on what came of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from pixelproof.gate.launching import free_port

from .gateways import CALLERS, listening
from .liars import Own
from .runner import Runner

ROOT = Path(__file__).resolve().parents[2]
ACTION = ROOT / "action.yml"
#: Stands for the runner's Python: makes no network, and a venv whose `pixelproof` is the one under test.
PYTHON = """#!/bin/sh
test "$1 $2" = "-m venv" || exit 9
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho "$@" > "{said}"\\n' > "$3/bin/pip"
printf '#!/bin/sh\\nexec "{python}" -m pixelproof "$@"\\n' > "$3/bin/pixelproof"
chmod +x "$3/bin/pip" "$3/bin/pixelproof"
"""


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """Return a runner whose Python installs nothing: what it would have installed is written down."""
    python = tmp_path / "python"
    python.write_text(PYTHON.format(said=tmp_path / "installed", python=sys.executable), "utf-8")
    python.chmod(0o755)
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    return Runner(action=ACTION, workspace=workspace, given={"python": {"python-path": str(python)}})


@contextmanager
def served(*words: str) -> Iterator[str]:
    command = [sys.executable, "-m", "pixelproof", "serve", *words, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(20)


def attached(workspace: Path, front: int, port: int, key: str) -> str:
    """Write the gate file of a gateway that runs already; return its name."""
    written = {
        "auth": "own",
        "upstream": {"profile": "openai", "port": port, "key": key},
        "target": {"base_url": f"http://127.0.0.1:{front}/v1", "keys": {"default": CALLERS[0], "other": CALLERS[1]}},
        "tier": "none",
        "hang_s": 0.1,
    }
    (workspace / "gate.yaml").write_text(json.dumps(written), "utf-8")
    return "gate.yaml"


def test_a_gate_file_is_run_and_its_verdict_handed_on(runner: Runner, tmp_path: Path) -> None:
    port, key = free_port(), "sk-upstream-of-a-running-gateway"
    with listening(Own(f"http://127.0.0.1:{port}", key)) as front:
        ran = runner.run(gate=attached(runner.workspace, front, port, key))
    assert ran.code == 0, ran.said
    assert ran.outputs == {
        "exit-code": "0",
        "outcome": "partial",  # nobody told it how to read a caller's balance
        "findings": "0",
        "report-dir": "pixelproof-out",
    }
    assert "GWY-12" in ran.summary
    made = {path.name for path in (runner.workspace / "pixelproof-out").iterdir()}
    assert made >= {"run.jsonl", "report.html", "junit.xml", "pixelproof.sarif", "upstream.log"}
    assert (tmp_path / "installed").read_text().split()[:3] == ["install", "-q", "-c"]
    assert ran.left_out == ["python", "upload"]


def test_findings_fail_the_action_after_everything_was_written(runner: Runner) -> None:
    with served("openai", "--liar", "openai-n-ignored") as url:
        ran = runner.run(url=url, profile="openai", tier="smoke", report_dir="ci/out")
    assert (ran.code, ran.outputs["exit-code"], ran.outputs["outcome"]) == (1, "1", "findings"), ran.said
    assert int(ran.outputs["findings"]) > 0
    assert "## " in ran.summary
    assert (runner.workspace / "ci" / "out" / "report.html").exists()


def test_without_a_server_the_mock_itself_is_proven(runner: Runner) -> None:
    ran = runner.run(profile="aivene", tier="smoke")
    assert (ran.code, ran.outputs["outcome"]) == (0, "conformant"), ran.said
    assert ran.outputs["report-dir"] == "pixelproof-out/aivene"


def test_a_target_file_its_limit_and_its_waivers_are_given_on(runner: Runner) -> None:
    with served("openai", "--liar", "openai-n-ignored") as url:
        (runner.workspace / "target.yaml").write_text(f"profile: openai\nbase_url: {url}\n", "utf-8")
        waivers = "waivers:\n  - {rule: image_count, reason: it is a liar, expires: 2099-01-31}\n"
        (runner.workspace / "waivers.yaml").write_text(waivers, "utf-8")
        ran = runner.run(target="target.yaml", tier="smoke", max_cost="5.00 USD", waivers="waivers.yaml")
    assert ran.code == 0, ran.said
    assert ran.outputs["exit-code"] == "0"


def test_what_a_gate_file_says_itself_is_not_said_twice(runner: Runner) -> None:
    ran = runner.run(gate="gate.yaml", max_cost="5.00 USD")
    assert ran.code == 2
    assert "a gate file says 'max_cost' itself" in ran.said


def test_an_input_is_a_word_and_never_a_command(runner: Runner) -> None:
    ran = runner.run(profile='x"; touch broken-in; "$(touch broken-in)')
    assert ran.code == 2, ran.said
    assert not list(runner.workspace.glob("broken-in"))


def test_every_action_of_others_is_pinned_to_a_commit() -> None:
    steps = yaml.safe_load(ACTION.read_text("utf-8"))["runs"]["steps"]
    used = [step["uses"] for step in steps if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name) for name in used), used


def test_every_input_is_used_and_every_one_used_is_declared() -> None:
    text = ACTION.read_text("utf-8")
    assert set(re.findall(r"inputs\.([a-z-]+)", text)) == set(yaml.safe_load(text)["inputs"])
