"""The walk-through for a new provider holds: its files are taken from the page, and every command on it runs."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from pixelproof import loading, openapi
from pixelproof.cli import main
from pixelproof.contract import Contract
from pixelproof.matrix import Matrix
from pixelproof.pricing import charge
from pixelproof.settings import MockSettings
from pixelproof.verification.embedded import running

PAGE = (Path(__file__).parents[2] / "docs/add-a-provider.md").read_text("utf-8")
FILES: Mapping[str, str] = dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", PAGE, re.DOTALL))
COMMANDS = [
    line
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("pixelproof ")
]
#: The blocks of the page that are files, or commands.
RUN = {
    *(f"# {name}\n{text}" for name, text in FILES.items()),
    *re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL),
}
#: Commands that need a vendor, or never end; what they do is tested below.
ELSEWHERE = ("pixelproof verify https://", "pixelproof serve ")
PROVIDERS = ("tasveer", "bright")

Cli = Callable[..., tuple[int, str]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder that holds the page's files and nothing else."""
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text, "utf-8")
    return tmp_path


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Offer the command line in this process: exit code, and what was printed and said."""

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["pixelproof", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), "".join(capsys.readouterr())

    return run


def contract_of(provider: str) -> Contract:
    return loading.outside(Path(provider) / "contract.yaml")


def test_the_page_holds_both_providers() -> None:
    assert set(FILES) == {f"{provider}/{part}.yaml" for provider in PROVIDERS for part in ("contract", "claims")}


def test_an_openai_shaped_vendor_needs_at_most_forty_lines() -> None:
    assert len(FILES["tasveer/contract.yaml"].splitlines()) <= 40


def test_what_begins_the_walk_begins_a_contract(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fresh").mkdir()
    monkeypatch.chdir(tmp_path / "fresh")
    begin = next(command for command in COMMANDS if " new " in command)
    assert cli(*shlex.split(begin)[1:])[0] == 0
    assert contract_of("tasveer").models == loading.shipped("openai").models


@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if " new " not in command and not command.startswith(ELSEWHERE)]
)
def test_a_command_of_the_page_succeeds(cli: Cli, command: str) -> None:
    code, said = cli(*shlex.split(command)[1:])
    assert code == 0, said


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_obligation_of_the_page_is_kept_by_the_mock(cli: Cli, provider: str) -> None:
    code, said = cli("verify", "--contract", f"{provider}/contract.yaml", "--report-dir", "out", "--require-complete")
    assert code == 0, said
    end = json.loads((Path("out") / "run.jsonl").read_text("utf-8").splitlines()[-1])
    assert end["outcome"] == "conformant"
    assert all(claim["verdict"] == "pass" for claim in end["claims"].values())


def test_a_broken_promise_is_told_with_the_vendors_own_sentence(cli: Cli) -> None:
    dearer = FILES["bright/contract.yaml"].replace('price: "9"', 'price: "8"').replace('charge: "9"', 'charge: "8"')
    Path("dearer").mkdir()
    Path("dearer/contract.yaml").write_text(dearer, "utf-8")
    Path("dearer/claims.yaml").write_text(FILES["bright/claims.yaml"], "utf-8")
    with running(contract_of("bright"), MockSettings()) as url:
        code, said = cli("verify", url, "--contract", "dearer/contract.yaml", "--select", "BRT-07")
    assert code == 1
    assert "✗ BRT-07  A draft costs 2 credits, a final 9" in said
    assert "source  Bright docs: Create an image, Credits (read 2026-11-20)" in said


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_linter_has_nothing_to_say(cli: Cli, provider: str) -> None:
    code, said = cli("specs", "lint", f"{provider}/contract.yaml", "--strict")
    assert code == 0, said


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_mock_answers_as_the_page_says(provider: str) -> None:
    contract = contract_of(provider)
    request = contract.operations["generate"].path
    model, key = next(iter(contract.models)), contract.auth.mint.replace("{token}", "somebody-1")
    with (
        running(contract, MockSettings()) as url,
        httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}) as client,
    ):
        made = client.post(request, json={"model": model, "prompt": "a red apple", "n": 2})
        image = client.get(made.json()["data"][0]["url"])
        refused = client.post(request, json={"model": model, "prompt": "a red apple", "size": "1x1"})
        assert (made.status_code, len(made.json()["data"])) == (200, 2)
        assert image.headers["content-type"].startswith("image/")
        assert refused.status_code == 400
        assert set(refused.json()["error"]) == set(contract.errors.envelope.keys)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_its_openapi_is_valid(provider: str) -> None:
    validate(openapi.generate(contract_of(provider)))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_example_comes_out_as_worked(provider: str) -> None:
    contract = contract_of(provider)
    matrix = Matrix(contract, contract.operations["generate"].capability or "")
    assert contract.billing.examples
    for example in contract.billing.examples:
        assert charge(contract, matrix, example.request) == example.charge, example.worked


@pytest.mark.parametrize("name", FILES)
def test_editors_accept_the_files_as_they_stand(name: str) -> None:
    schema: Any = json.loads((loading.specs_folder() / f"schema/{Path(name).stem}.schema.json").read_text("utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(yaml.safe_load(FILES[name]))) == []
