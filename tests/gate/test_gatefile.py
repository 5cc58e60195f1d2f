"""A gate file is read whole before anything is started, and every slip is told with its line."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from pixelproof import loading
from pixelproof.documents.document import read
from pixelproof.findings.waivers import load_waivers
from pixelproof.gate.file import PLACES, Auth, filled, load_gate, target_at
from pixelproof.problems import BadDocument

WHOLE = """\
auth: own
upstream: {profile: openai, balance: "100.00"}
gateway:
  command: [litellm, --config, litellm.yaml, --host, 127.0.0.1, --port, "{port}"]
  env: {OPENAI_BASE_URL: "{upstream_url}", OPENAI_API_KEY: "{upstream_key}"}
  env_pass: [LANG]
  files: {litellm.yaml: litellm.yaml.tmpl}
  ready: {path: /health/liveliness, timeout_s: 60}
target: {base_url: "http://127.0.0.1:{port}/v1", keys: {default: sk-gateway}, headers: {}, waivers: waivers.yaml}
maps: {models: {}, params: {}}
timeout_s: 60
load: {requests: 500}
"""


def write(folder: Path, text: str = WHOLE) -> Path:
    (folder / "litellm.yaml.tmpl").write_text("port: {port}\n", "utf-8")
    path = folder / "gate.yaml"
    path.write_text(text, "utf-8")
    return path


def test_the_file_of_the_documentation_is_read_as_it_stands(tmp_path: Path) -> None:
    gate = load_gate(write(tmp_path), {})
    assert (gate.auth, gate.upstream.profile, gate.upstream.balance) == (Auth.OWN, "openai", "100.00")
    assert gate.launch.command[-1] == "{port}"
    assert gate.launch.files == {"litellm.yaml": tmp_path / "litellm.yaml.tmpl"}
    assert (gate.launch.ready_path, gate.launch.ready_timeout_s) == ("/health/liveliness", 60)
    assert (gate.timeout_s, gate.hang_s, gate.load_requests) == (60, 3, 500)


def test_the_target_gets_its_port_and_finds_its_waivers_beside_the_gate_file(tmp_path: Path) -> None:
    target = target_at(load_gate(write(tmp_path), {}), {"port": "4000"})
    assert target.base_url == "http://127.0.0.1:4000/v1"
    assert target.waivers == str(tmp_path / "waivers.yaml")


def test_braces_that_are_none_of_ours_stay() -> None:
    assert filled("location / { listen {port}; }", {"port": "80"}) == "location / { listen 80; }"


@pytest.mark.parametrize(
    ("was", "slip", "line", "told"),
    [
        ("auth: own", "auht: own", 1, "did you mean 'auth'?"),
        ("auth: own", "auth: owner", 1, "'owner' is none of own, passthrough"),
        ("balance:", "balence:", 2, "did you mean 'balance'?"),
        ("env_pass", "env_passed", 6, "did you mean 'env_pass'?"),
        ('"{upstream_url}"', '"{upstream_uri}"', 5, "nothing fills '{upstream_uri}'"),
        ("litellm.yaml.tmpl", "nowhere.tmpl", 7, "there is no file"),
        ("{litellm.yaml:", "{../litellm.yaml:", 7, "below the folder the gateway runs in"),
        ("timeout_s: 60}", "timeout_s: soon}", 8, "must be seconds"),
        ("keys: {default", "keys: {defualt", 9, "did you mean 'default'?"),
        ("sk-gateway", "'${GATEWAY_KEY}'", 9, "the environment has no variable GATEWAY_KEY"),
        ("base_url:", "base_uri:", 9, "did you mean 'base_url'?"),
        ("requests: 500", "requests: many", 12, "must be a whole number"),
        ("auth: own", "auth: own\nidempotency: 'Key:'", 2, "must be the name of a header"),
        ("auth: own", "auth: own\ntier: deep", 2, "'deep' is none of"),
    ],
)
def test_a_slip_is_told_with_its_line_and_what_to_do(was: str, slip: str, line: int, told: str, tmp_path: Path) -> None:
    path = write(tmp_path, WHOLE.replace(was, slip, 1))
    with pytest.raises(BadDocument) as caught:
        load_gate(path, {})
    assert told in str(caught.value)
    assert caught.value.line == line


def test_a_file_without_a_target_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDocument, match="'target' is missing"):
        load_gate(write(tmp_path, "upstream: {profile: openai}\n"), {})


def test_a_variable_of_the_environment_is_filled_in(tmp_path: Path) -> None:
    gate = load_gate(write(tmp_path, WHOLE.replace("sk-gateway", "'${GATEWAY_KEY}'")), {"GATEWAY_KEY": "sk-other"})
    assert target_at(gate, {"port": "1"}).keys == {"default": "sk-other"}


@pytest.mark.parametrize(
    "path", sorted((loading.specs_folder() / "gateway").glob("*/gate.yaml")), ids=lambda p: p.parent.name
)
def test_every_example_is_a_gate_file_and_keeps_the_schema(path: Path) -> None:
    load_gate(path, {})
    schema = json.loads((loading.specs_folder() / "schema" / "gate.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(read(path).value)


def test_the_blank_example_names_every_place_that_is_filled() -> None:
    text = (loading.specs_folder() / "gateway" / "blank" / "gate.yaml").read_text("utf-8")
    assert all(f"{{{name}}}" in text for name in PLACES)


DOCS = Path(__file__).resolve().parents[2] / "docs" / "gateways"


@pytest.mark.parametrize("folder", sorted(path for path in DOCS.iterdir() if path.is_dir()), ids=lambda path: path.name)
def test_an_example_of_the_docs_is_what_init_writes_and_waivers_with_reasons(folder: Path) -> None:
    shipped = loading.specs_folder() / "gateway" / folder.name
    for path in shipped.iterdir():
        mine, theirs = (folder / path.name).read_text("utf-8"), path.read_text("utf-8")
        # a gate file of the docs names its waivers besides
        assert mine.replace("  waivers: waivers.yaml\n", "").replace("waivers: waivers.yaml, ", "") == theirs
    load_gate(folder / "gate.yaml", {})
    waivers = folder / "waivers.yaml"
    assert not waivers.exists() or all(waiver.reason and waiver.expires for waiver in load_waivers(waivers))
