"""The snippets of the page about gateways are what the loaders, the schemas and the action take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from tests.docs.pages import ROOT, blocks

from pixelproof.loading import specs_folder
from pixelproof.targets.file import load_target

RUN = [block.text for block in blocks("docs/gateways.md") if block.language == "yaml"]


def snippet(start: str) -> str:
    (found,) = (text for text in RUN if text.startswith(start))
    return found


def test_the_gate_file_is_what_editors_accept() -> None:
    schema = json.loads((specs_folder() / "schema/gate.schema.json").read_text("utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(yaml.safe_load(snippet("auth: own")))) == []


def test_the_step_for_github_has_inputs_and_outputs_that_the_action_has() -> None:
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    prove, echo = yaml.safe_load(snippet("- id: prove"))
    assert set(prove["with"]) <= set(action["inputs"])
    assert {name for name in action["outputs"] if f"outputs.{name} " in echo["run"]} == {"outcome", "findings"}


def test_the_target_before_portkey_is_a_target_file(tmp_path: Path) -> None:
    path = tmp_path / "portkey.yaml"
    path.write_text(snippet("# portkey.yaml"), "utf-8")
    assert load_target(path, {}).base_url == "http://127.0.0.1:8787/v1"


@pytest.mark.parametrize("text", RUN)
def test_every_snippet_is_yaml(text: str) -> None:
    assert yaml.safe_load(text)
