"""``specs new`` writes a contract that serves, verifies and lints at once, and overwrites nothing."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pixelproof import loading
from pixelproof.cli import main

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    """Offer the command line in an empty folder: exit code, what was printed, what was said."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["pixelproof", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return (int(ended.value.code or 0), *capsys.readouterr())

    return run


def files(folder: str) -> set[str]:
    return {str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file()}


WRITTEN = {"contract.yaml", "claims.yaml", "schema/contract.schema.json", "schema/claims.schema.json"}


@pytest.mark.parametrize("arguments", [(), *(("--extends", profile) for profile in loading.profiles())])
def test_a_fresh_contract_verifies_and_lints_as_written(cli: Cli, arguments: tuple[str, ...]) -> None:
    assert cli("specs", "new", "acme", *arguments)[0] == 0
    assert files("acme") == WRITTEN
    code, printed, said = cli("verify", "--contract", "acme/contract.yaml", "--tier", "smoke", "--report-dir", "out")
    assert code == 0, printed + said
    code, printed, said = cli("specs", "lint", "acme/contract.yaml", "--strict")
    assert code == 0, printed + said


def test_a_contract_of_ones_own_can_be_extended_by_its_path(cli: Cli) -> None:
    cli("specs", "new", "acme", "--dir", "here")
    assert cli("specs", "new", "kid", "--extends", "here/acme/contract.yaml", "--dir", "there/deeper")[0] == 0
    assert "extends: ../../../here/acme/contract.yaml\n" in Path("there/deeper/kid/contract.yaml").read_text("utf-8")
    assert loading.outside(Path("there/deeper/kid/contract.yaml")).models.keys() == {"acme-fast", "acme-fine"}


@pytest.mark.parametrize("profile", ["openai", "aivene", "aicredits"])
def test_the_examples_in_its_comments_hold_too(cli: Cli, profile: str) -> None:
    cli("specs", "new", "acme", "--extends", profile)
    contract, claims = Path("acme/contract.yaml"), Path("acme/claims.yaml")
    text = contract.read_text("utf-8")
    lines = [re.sub(r"^# (?=( |models:|parameters:|billing:|errors:))", "", line) for line in text.splitlines()]
    contract.write_text("\n".join(lines), "utf-8")
    rows = [re.sub(r"^  # ", "  ", line) for line in claims.read_text("utf-8").splitlines() if "{}" not in line]
    claims.write_text("\n".join(rows), "utf-8")
    code, printed, said = cli("verify", "--contract", str(contract), "--report-dir", "out", "-v")
    assert code == 0, printed + said
    assert re.search(r"ACME-02 +pass", printed)


def test_the_schema_that_editors_are_pointed_to_is_there(cli: Cli) -> None:
    cli("specs", "new", "acme", "--extends", "openai")
    for name in ("contract", "claims"):
        first = Path(f"acme/{name}.yaml").read_text("utf-8").splitlines()[0]
        schema = Path("acme") / first.removeprefix("# yaml-language-server: $schema=")
        shipped = loading.specs_folder() / "schema" / f"{name}.schema.json"
        assert schema.read_text("utf-8") == shipped.read_text("utf-8")


@pytest.mark.parametrize("existing", sorted(WRITTEN))
def test_nothing_is_overwritten_and_nothing_is_half_written(cli: Cli, existing: str) -> None:
    Path("acme/schema").mkdir(parents=True)
    Path("acme", existing).write_text("mine", "utf-8")
    code, _, said = cli("specs", "new", "acme")
    assert (code, files("acme")) == (2, {existing})
    assert f"acme/{existing} is there already; nothing was written" in said
    assert Path("acme", existing).read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("Acme",), "'Acme' is no name of a profile; small letters"),
        (("../acme",), "'../acme' is no name of a profile"),
        (("openai",), "'openai' is a shipped profile; take another name, and --extends openai"),
        (("acme", "--extends", "opnai"), "there is no profile and no file 'opnai'; did you mean 'openai'?"),
        (("acme", "--dir", "file/below"), "cannot be written: Not a directory; choose another --dir"),
    ],
)
def test_a_slip_is_told_and_nothing_is_written(cli: Cli, arguments: tuple[str, ...], sentence: str) -> None:
    Path("file").write_text("", "utf-8")
    code, _, said = cli("specs", "new", *arguments)
    assert (code, files(".")) == (2, {"file"})
    assert sentence in said


def test_ids_of_claims_differ_from_those_of_the_base(cli: Cli) -> None:
    cli("specs", "new", "oai", "--extends", "openai")
    assert "OAIX-01" in Path("oai/claims.yaml").read_text("utf-8")


def test_what_was_written_and_what_is_next_can_be_read_by_programs(cli: Cli) -> None:
    code, printed, _ = cli("specs", "new", "acme", "--json")
    told = json.loads(printed)
    assert code == 0
    assert {str(Path(path).relative_to("acme")) for path in told["files"]} == WRITTEN
    assert told["next"][-1] == "pixelproof verify --contract acme/contract.yaml"
