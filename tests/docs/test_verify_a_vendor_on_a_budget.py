"""The page about budgets holds: its target file is used as it stands, and every command on it runs in its order."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pixelproof import loading
from pixelproof.cli import main
from pixelproof.running.allowance import undocumented
from pixelproof.settings import MockSettings
from pixelproof.strategies import PlanRequest, make_plan
from pixelproof.verification.embedded import running

PAGE = (Path(__file__).parents[2] / "docs/verify-a-vendor-on-a-budget.md").read_text("utf-8")
TARGET = re.findall(r"```yaml\n# vendor.yaml\n(.*?)```", PAGE, re.DOTALL)[0]
COMMANDS = [
    line
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("pixelproof ")
]
RUN = {f"# vendor.yaml\n{TARGET}", *re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)}

Cli = Callable[[str], tuple[int, str]]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Cli]:
    """Stand in a folder with the page's target file, before a vendor that keeps the contract."""
    (tmp_path / "vendor.yaml").write_text(TARGET, "utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("VENDOR_KEY", "VENDOR_KEY_2", "VENDOR_KEY_3"):
        monkeypatch.setenv(name, f"pk_live_{name.lower()}")

    def run(command: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", shlex.split(command))
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capsys.readouterr().out

    with running(loading.shipped("perf"), MockSettings()) as url:
        monkeypatch.setenv("VENDOR", url)
        yield run


def test_every_command_of_the_page_runs_in_its_order(cli: Cli, tmp_path: Path) -> None:
    codes = {command: cli(command)[0] for command in COMMANDS}
    stopped = [command for command, code in codes.items() if code == 5]
    assert stopped == [command for command in COMMANDS if "--report-dir cut" in command]
    assert {code for command, code in codes.items() if command not in stopped} == {0}
    lines = [json.loads(line) for line in (tmp_path / "cut/run.jsonl").read_text("utf-8").splitlines()]
    assert (lines[0]["resumed"], lines[-1]["outcome"]) == (1, "partial")
    assert "budget" not in {line.get("reason") for line in lines}


def test_a_report_ends_with_what_was_spent_as_the_page_shows(cli: Cli) -> None:
    _, out = cli(COMMANDS[2])
    shown = re.findall(r"```text\n(.*?)\n```", PAGE, re.DOTALL)[0]
    shape = re.sub(r"[\d.]+", "N", shown).lstrip("… ·").replace("measured —", "measured (?:N|—)")
    assert re.search(re.escape(shape).replace(re.escape("(?:N|—)"), "(?:N|—)"), re.sub(r"[\d.]+", "N", out))


def test_a_plan_tells_prices_images_and_time(cli: Cli) -> None:
    code, out = cli(COMMANDS[1])
    (plan,) = json.loads(out)
    assert code == 0
    assert plan["minutes"] == round((plan["requests"] - 1) / 0.5 / 60, 2)
    assert plan["images"] >= sum(case["images"] for case in plan["cases"] if case["price"].strip("0.")) > 0
    assert all(case["claims"] for case in plan["cases"])


@pytest.mark.parametrize("profile", loading.profiles())
def test_the_page_knows_whose_prices_are_documented(profile: str) -> None:
    documented, not_so = re.findall(r"^\| whose prices are (.*?) \|", PAGE, re.MULTILINE)
    named = documented if f"`{profile}`" in documented else not_so
    assert f"`{profile}`" in named
    plan = make_plan(PlanRequest(contract=loading.shipped(profile)))
    assert bool(undocumented(plan, frozenset())) == (named is not_so)
