"""The snippets about target files are what the loader takes and the schema allows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from pixelproof.loading import specs_folder
from pixelproof.targets.file import load_target

ROOT = Path(__file__).parents[2]
SNIPPETS = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/target-files.md").read_text("utf-8"), re.DOTALL)
RUN = SNIPPETS
ENVIRONMENT = {
    "KEY": "sk-one",
    "OTHER": "sk-two",
    "BROKE": "sk-three",
    "UNSCOPED": "sk-four",
    "KEY_2": "sk-five",
    "KEY_3": "sk-six",
}


def whole(snippet: str) -> str:
    return snippet if "base_url" in snippet else f"base_url: http://127.0.0.1:9001/v1\n{snippet}"


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_snippet_of_the_docs_is_a_target_file(snippet: str, tmp_path: Path) -> None:
    path = tmp_path / "target.yaml"
    path.write_text(whole(snippet), "utf-8")
    assert load_target(path, ENVIRONMENT).base_url == "http://127.0.0.1:9001/v1"


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_snippet_of_the_docs_is_what_editors_accept(snippet: str) -> None:
    schema = json.loads((specs_folder() / "schema/target.schema.json").read_text("utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(yaml.safe_load(whole(snippet)))) == []


def test_the_second_server_of_the_tests_is_what_editors_accept() -> None:
    schema = json.loads((specs_folder() / "schema/target.schema.json").read_text("utf-8"))
    target = yaml.safe_load((ROOT / "tests/otherserver/target.yaml").read_text("utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(target)) == []
