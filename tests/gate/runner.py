"""As much of a GitHub runner as a composite action needs: steps in order, expressions, outputs, a summary.

What ``uses:`` names is not run: those steps are only listed, with outputs that a test gives them.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
#: How GitHub starts `shell: bash`.
_BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")


@dataclass
class Ran:
    """What came of an action."""

    code: int = 0
    said: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    #: Ids of the steps that were left to others.
    left_out: list[str] = field(default_factory=list)


@dataclass
class Runner:
    """Runs the ``run:`` steps of one action as GitHub does, in a workspace."""

    action: Path
    workspace: Path
    #: Outputs of the steps that are not run: step id → name → value.
    given: Mapping[str, Mapping[str, str]]

    def run(self, **inputs: str) -> Ran:
        document: dict[str, Any] = yaml.safe_load(self.action.read_text("utf-8"))
        values = {name: str(item.get("default", "")) for name, item in document["inputs"].items()}
        unknown = {name.replace("_", "-") for name in inputs} - set(values)
        assert not unknown, f"the action has no input {unknown}"
        known = {f"inputs.{name}": value for name, value in values.items()}
        known |= {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
        known["github.action_path"] = str(self.action.parent)
        ran = Ran()
        for step in document["runs"]["steps"]:
            self._step(step, known, ran)
        wanted = document["outputs"].items()
        ran.outputs = {name: self._filled(item["value"], known) for name, item in wanted}
        return ran

    def _step(self, step: dict[str, Any], known: dict[str, str], ran: Ran) -> None:
        name = step["id"]
        if "uses" in step:
            ran.left_out.append(name)
            known |= {f"steps.{name}.outputs.{key}": value for key, value in self.given.get(name, {}).items()}
            return
        if ran.code:  # a step without `if: always()` after one that failed
            return
        folder = self.workspace.parent / f"step-{name}"
        folder.mkdir()
        (folder / "script").write_text(self._filled(step["run"], known), "utf-8")
        files = {variable: folder / variable for variable in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.touch()
        env = {key: self._filled(str(value), known) for key, value in step.get("env", {}).items()}
        outside = {**os.environ, "RUNNER_TEMP": str(self.workspace.parent), **{k: str(v) for k, v in files.items()}}
        done = subprocess.run(
            [*_BASH, folder / "script"],
            cwd=self.workspace,
            env={**outside, **env},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        ran.code, ran.said = done.returncode, ran.said + done.stdout + done.stderr
        ran.summary += files["GITHUB_STEP_SUMMARY"].read_text("utf-8")
        for line in files["GITHUB_OUTPUT"].read_text("utf-8").splitlines():
            key, _, value = line.partition("=")
            known[f"steps.{name}.outputs.{key}"] = value

    @staticmethod
    def _filled(text: str, known: Mapping[str, str]) -> str:
        return _EXPRESSION.sub(lambda match: known.get(match[1], ""), text)
