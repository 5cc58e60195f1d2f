"""``specs list``, ``specs show`` and ``specs lint``: what people read, what programs read, exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from pixelproof import loading
from pixelproof.cli import main
from pixelproof.documents.linting import RULES


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def specs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Call ``pixelproof specs`` in this process, on a terminal of 110 columns."""

    def call(*words: object) -> Said:
        monkeypatch.setenv("COLUMNS", "110")
        monkeypatch.setattr(sys, "argv", ["pixelproof", "specs", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)

    return call


def contract_file(folder: Path, old: str = "", new: str = "", profile: str = "fineapi") -> Path:
    """Write a shipped contract into ``folder`` as a stranger's, with one passage of it replaced."""
    folder.mkdir(exist_ok=True)
    for name in ("contract.yaml", "claims.yaml"):
        text = (loading.specs_folder() / profile / name).read_text("utf-8")
        (folder / name).write_text(text.replace(old, new, 1) if old else text, "utf-8")
    return folder / "contract.yaml"


def line_of(path: Path, passage: str) -> int:
    return path.read_text("utf-8").partition(passage)[0].count("\n") + 1


def test_lint_without_a_name_holds_every_shipped_contract_clean(specs: Callable[..., Said]) -> None:
    said = specs("lint", "--strict")
    assert (said.code, said.out) == (0, f"{len(loading.profiles())} contracts: clean under {len(RULES)} rules\n")


def test_an_error_is_told_with_file_line_and_hint_and_fails(specs: Callable[..., Said], tmp_path: Path) -> None:
    path = contract_file(tmp_path, "default: vivid", "default: vivd")
    said = specs("lint", path)
    assert said.code == 1
    first, hint, summary = said.out.splitlines()
    place = f"{path}:{line_of(path, 'default: vivd')}"
    assert first == f"{place}: error bad-default: the default of style is 'vivd', which its schema refuses"
    assert hint == "    hint: did you mean 'vivid'?"
    assert summary == "1 contract: 1 error, 0 warnings"


def test_a_file_below_the_working_folder_is_named_from_there(
    specs: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract_file(tmp_path / "acme", "default: vivid", "default: vivd")
    monkeypatch.chdir(tmp_path)
    assert specs("lint", tmp_path / "acme").out.startswith("acme/contract.yaml:")
    assert specs("lint", "acme").out.startswith("acme/contract.yaml:")


def test_a_warning_fails_only_when_strict(specs: Callable[..., Said], tmp_path: Path) -> None:
    path = contract_file(tmp_path, 'opening: "1000.00"', 'opening: "-1.00"')
    assert specs("lint", path).code == 0
    assert specs("lint", path, "--strict").code == 1


def test_a_file_that_cannot_be_read_is_told_in_the_same_form_beside_the_others(
    specs: Callable[..., Said], tmp_path: Path
) -> None:
    unread = contract_file(tmp_path / "a", "profile: fineapi", "profil: fineapi")
    wrong = contract_file(tmp_path / "b", "default: vivid", "default: vivd")
    said = specs("lint", unread, wrong)
    assert said.code == 2
    assert f"{unread}:3: error unreadable: profil: the key 'profil' is not possible here" in said.out
    assert "hint: did you mean 'profile'?" in said.out
    assert f"{wrong}:{line_of(wrong, 'default: vivd')}: error bad-default" in said.out
    assert said.out.endswith("2 contracts: 2 errors, 0 warnings\n")


def test_a_file_that_is_not_there_is_named(specs: Callable[..., Said], tmp_path: Path) -> None:
    said = specs("lint", tmp_path / "no.yaml")
    assert (said.code, said.out.splitlines()[0]) == (
        2,
        f"{tmp_path / 'no.yaml'}: error unreadable: cannot be read: No such file or directory",
    )


def test_a_name_that_is_no_profile_is_refused_with_the_nearest(specs: Callable[..., Said]) -> None:
    said = specs("lint", "aivine")
    assert (said.code, said.out) == (2, "")
    assert "did you mean 'aivene'?" in said.err


def test_lint_as_json_holds_every_part_of_a_finding(specs: Callable[..., Said], tmp_path: Path) -> None:
    path = contract_file(tmp_path, "default: vivid", "default: vivd")
    said = specs("lint", path, "--json")
    assert said.code == 1
    assert json.loads(said.out) == [
        {
            "rule": "bad-default",
            "severity": "error",
            "message": "the default of style is 'vivd', which its schema refuses",
            "file": str(path),
            "line": line_of(path, "default: vivd"),
            "path": "parameters.style.default",
            "hint": "did you mean 'vivid'?",
        }
    ]


def test_the_rules_can_be_listed(specs: Callable[..., Said]) -> None:
    assert [row["rule"] for row in json.loads(specs("lint", "--rules", "--json").out)] == list(RULES)
    assert len(specs("lint", "--rules").out.splitlines()) == len(RULES)


@pytest.mark.parametrize("command", [("lint",), ("show", "aivene")])
def test_colours_come_on_a_terminal_and_go_with_no_color(
    command: tuple[str, ...],
    specs: Callable[..., Said],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    words = (*command, contract_file(tmp_path, "default: vivid", "default: vivd")) if command == ("lint",) else command
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in specs(*words).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in specs(*words).out


def test_list_names_every_shipped_contract_on_a_line(specs: Callable[..., Said]) -> None:
    said = specs("list")
    heads, *lines = said.out.splitlines()
    assert heads.split()[:4] == ["profile", "title", "operations", "models"]
    assert heads.split()[4:] == ["currency", "moment", "claims", "read", "file"]
    for profile in loading.profiles():
        assert any(line.split()[0] == profile for line in lines)


def test_list_as_json_tells_everything_about_one(specs: Callable[..., Said]) -> None:
    row = next(row for row in json.loads(specs("list", "--json").out) if row["profile"] == "fineapi")
    contract = loading.shipped("fineapi")
    assert row == {
        "profile": "fineapi",
        "title": "FineAPI",
        "operations": ["generate", "models"],
        "models": ["dall-e-3"],
        "currency": "USD",
        "moment": "after_response",
        "claims": len(contract.claims),
        "read": "2026-11-01",
        "file": row["file"],
    }
    assert Path(row["file"]).resolve() == loading.path_of("fineapi").resolve()


@pytest.mark.parametrize("profile", loading.profiles())
def test_show_says_every_name_of_a_contract_within_the_width(profile: str, specs: Callable[..., Said]) -> None:
    said = specs("show", profile)
    contract = loading.shipped(profile)
    assert said.code == 0
    assert max(map(len, said.out.splitlines())) <= 110
    points = [point.claim for point in contract.ambiguities]
    for name in (*contract.operations, *contract.parameters, *contract.models, *contract.errors.rows, *points):
        assert name in said.out


def test_show_says_prices_limits_money_and_what_is_open(specs: Callable[..., Said]) -> None:
    lines = [" ".join(line.split()) for line in specs("show", "perf").out.splitlines()]
    assert "dall-e-3 1024x1024 standard 0.04 USD PRF-12" in lines
    assert "dall-e-3 any standard 0.08 USD PRF-22 ~" in lines
    assert "images per minute free 5, pro 30 per account PRF-20" in lines
    assert "charged after response" in lines
    assert any(line.startswith("rate_limited 429 rate_limit_error ~ rate_limit_exceeded ~ yes") for line in lines)
    assert any(line.startswith("PRF-09 model stable-diffusion-3 or imagen-3, n 5 or 10") for line in lines)


def test_show_says_the_life_of_a_task_and_its_refunds(specs: Callable[..., Said]) -> None:
    out = " ".join(specs("show", "stratizon").out.split())
    assert "queued → running → succeeded | failed | canceled" in out
    assert "charged at /billing/charged_credits" in out
    assert "STR-17 failed refund: A failed task is refunded in full" in out
    assert "not together: aspect_ratio auto, quality hd" in out


def test_a_narrow_terminal_gets_narrow_lines(specs: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    from pixelproof.cli.specs.sheet import sheet

    monkeypatch.setenv("COLUMNS", "60")
    page = sheet(loading.shipped("perf"), "contract.yaml", colour=False)
    assert max(map(len, page.splitlines())) <= 60
    assert "images per minute" in page


@pytest.mark.parametrize("profile", loading.profiles())
def test_show_as_json_holds_the_whole_contract_with_exact_money(profile: str, specs: Callable[..., Said]) -> None:
    told = json.loads(specs("show", profile, "--json").out)
    contract = loading.shipped(profile)
    currency = contract.billing.currency
    assert set(told) == {"file", *contract.__dataclass_fields__}
    assert [row["price"] for row in told["billing"]["prices"]] == [
        currency.format(row.price) for row in contract.billing.prices
    ]
    assert told["billing"]["opening"] == currency.format(contract.billing.opening)
    assert told["errors"]["rows"]["unauthorized"]["statuses"] == [401]
    assert set(told["claims"]) == set(contract.claims)


def test_show_takes_a_file_of_the_users(specs: Callable[..., Said], tmp_path: Path) -> None:
    path = contract_file(tmp_path, "title: FineAPI", "title: Acme Pictures")
    said = specs("show", path)
    # a long path goes to the next line
    assert " ".join(said.out.split()).startswith(f"Acme Pictures (fineapi) {path}")


@pytest.mark.parametrize("command", ["list", "show", "lint"])
def test_help_has_examples(command: str, specs: Callable[..., Said]) -> None:
    assert f"pixelproof specs {command}" in specs(command, "--help").out
