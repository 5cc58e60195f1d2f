"""The command line: help that is instant, words that help, exit codes that can be trusted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from pixelproof import edges, loading
from pixelproof.cli import cli, main
from pixelproof.record.recording import SCHEMA, Recording, read_record, verdict_line
from pixelproof.verdict import Verdict

from .builders import line

#: Far more than any command here needs; it only ends what hangs.
PATIENCE_S = 120
COMMANDS = tuple(cli.list_commands(None))


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def pixelproof(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Call the command line in this process."""

    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["pixelproof", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)

    return call


def in_a_process(*words: str, cwd: Path | None = None) -> Said:
    done = subprocess.run(
        [sys.executable, "-m", "pixelproof", *words],
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
        cwd=cwd,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; sys.argv = ['pixelproof', '--help']\n"
        "from pixelproof.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'flask', 'httpx', 'pytest', 'PIL', 'yaml', 'rich', 'locust', 'hypothesis', 'jsonschema'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", timeout=PATIENCE_S, check=True
    )
    assert "Examples:" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_names_every_command_and_every_exit_code(pixelproof: Callable[..., Said]) -> None:
    said = pixelproof("--help")
    assert said.code == 0
    for name in COMMANDS:
        assert f"  {name} " in said.out
    assert "0 kept, 1 findings, 2 usage, 3 unreachable, 4 ours, 5 incomplete" in " ".join(said.out.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(pixelproof: Callable[..., Said], name: str) -> None:
    said = pixelproof(name, "--help")
    assert said.code == 0
    assert "Examples:" in said.out
    assert f"pixelproof {name}" in said.out


def test_an_unknown_command_is_told_with_the_nearest_one(pixelproof: Callable[..., Said]) -> None:
    said = pixelproof("verfy")
    assert said.code == 2
    assert "there is no command 'verfy'; did you mean 'verify'?" in said.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("verify", "--profile", "aiven"), "did you mean 'aivene'?"),
        (("verify", "http://127.0.0.1:1/v1"), "add --profile or --contract"),
        (("plan", "--target", "nowhere.yaml"), "nowhere.yaml: cannot be read"),
        (("plan", "--profile", "aivene", "--api-key-env", "NO_SUCH_VARIABLE"), "has no variable NO_SUCH_VARIABLE"),
        (("explain", "AIV-055"), "did you mean 'AIV-05'?"),
        (("serve",), "no profile to serve"),
        (("serve", "aivene", "--liar", "aivene-charged-twic"), "did you mean 'aivene-charged-twice'?"),
        (("report", "nowhere.jsonl"), "does not exist"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(
    pixelproof: Callable[..., Said], words: tuple[str, ...], sentence: str
) -> None:
    said = pixelproof(*words)
    assert (said.code, sentence in said.err) == (2, True)
    assert "Traceback" not in said.err


def test_a_plan_is_json_and_sends_nothing(pixelproof: Callable[..., Said]) -> None:
    said = pixelproof("plan", "--profile", "aivene", "--tier", "smoke", "--json")
    (plan,) = json.loads(said.out)
    assert (said.code, plan["profile"]) == (0, "aivene")
    assert plan["requests"] == sum(case["requests"] for case in plan["cases"]) <= 25
    assert plan["price"]["currency"] == "USD"
    assert "AIV-14" in plan["unplanned"]


def test_a_plan_of_the_openai_level_needs_no_more_than_the_option(pixelproof: Callable[..., Said]) -> None:
    said = pixelproof("plan", "--profile", "aivene", "--level", "openai", "--json")
    (plan,) = json.loads(said.out)
    assert any(case["case"].startswith("reference/") for case in plan["cases"])


def test_coverage_is_a_row_a_claim(pixelproof: Callable[..., Said]) -> None:
    said = pixelproof("coverage", "--json")
    rows = {row["claim"]: row for row in json.loads(said.out)}
    shipped = {claim for name in loading.profiles() for claim in loading.shipped(name).claims}
    assert set(rows) == shipped | set(loading.gateway_claims())
    row = rows["AIV-28"]
    assert row["contract"].startswith("specs/aivene/contract.yaml:")
    assert "charged" in row["rules"]
    assert "aivene-charged-twice" in row["liars"]
    assert row["mock"]
    assert said.code in {0, 1}


def test_explain_tells_a_claim_from_its_source_to_its_liars(pixelproof: Callable[..., Said]) -> None:
    said = pixelproof("explain", "aiv-05")
    assert said.code == 0
    for part in ("AIV-05  n is the number of images", "source    Aivene docs", "images/dall-e-2/n=2", "image_count"):
        assert part in said.out


def test_explain_tells_a_rule_with_the_claims_it_judges(pixelproof: Callable[..., Said]) -> None:
    said = pixelproof("explain", "image_count")
    assert (said.code, "AIV-05" in said.out) == (0, True)


def test_the_shelf_of_liars_can_be_listed(pixelproof: Callable[..., Said]) -> None:
    said = pixelproof("selftest", "--list", "--profile", "aivene")
    shelf = [item for item in edges.deviations() if item.profile == "aivene"]
    assert said.code == 0
    assert said.out.splitlines()[-1] == f"{len(shelf)} servers on the shelf"
    assert all(item.name in said.out for item in shelf)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion_script(pixelproof: Callable[..., Said], shell: str) -> None:
    assert "_PIXELPROOF_COMPLETE" in pixelproof("completion", shell).out


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    recording = Recording(tmp_path)
    recording.line({"kind": "run", "schema": SCHEMA, "profile": "aivene", "tier": "core"})
    recording.line(verdict_line(line(Verdict.PASS)))
    recording.close()
    return recording.path


def test_a_cut_record_is_reported_only_on_demand(pixelproof: Callable[..., Said], cut: Path) -> None:
    refused, shown = pixelproof("report", cut), pixelproof("report", cut, "--partial")
    assert (refused.code, refused.out) == (5, "")
    assert "add --partial" in refused.err
    assert shown.code == 0
    assert "INCOMPLETE" in shown.out


def test_a_foreign_file_is_no_record(pixelproof: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text('{"a": 1}\n', "utf-8")
    said = pixelproof("report", tmp_path / "run.jsonl")
    assert (said.code, "is no run record" in said.err) == (2, True)


def test_a_report_can_be_written_to_a_file(pixelproof: Callable[..., Said], cut: Path, tmp_path: Path) -> None:
    said = pixelproof("report", cut, "--partial", "--format", "junit", "-o", tmp_path / "junit.xml")
    assert (said.code, said.out) == (0, "")
    assert "<testsuites" in (tmp_path / "junit.xml").read_text("utf-8")


def test_the_embedded_mock_is_proven_over_http_from_end_to_end(tmp_path: Path) -> None:
    words = ("verify", "--profile", "aivene", "--tier", "smoke", "--report-dir", str(tmp_path / "out"))
    said = in_a_process(*words, "--format", "junit", cwd=tmp_path)
    assert said.code == 0, said.err
    assert "conformant" in said.out.splitlines()[-1]
    record = read_record(next((tmp_path / "out").rglob("run.jsonl")))
    assert record.end is not None
    assert (record.end["outcome"], record.torn) == ("conformant", 0)
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


def test_a_liar_is_a_finding_and_exit_code_1(tmp_path: Path) -> None:
    said = in_a_process(
        "verify", "--profile", "aivene", "--select", "AIV-28", "--liar", "aivene-charged-twice",
        "--report-dir", str(tmp_path / "out"), cwd=tmp_path,
    )  # fmt: skip
    assert said.code == 1, said.err
    assert "✗ AIV-28" in said.out


def test_a_target_that_is_not_there_is_exit_code_3_and_the_record_says_so(tmp_path: Path) -> None:
    words = ("verify", "http://127.0.0.1:1/v1", "--profile", "aivene", "--report-dir", str(tmp_path / "out"))
    said = in_a_process(*words, cwd=tmp_path)
    assert (said.code, "does not answer" in said.err) == (3, True)
    record = read_record(tmp_path / "out")
    assert record.end is not None
    assert record.end["outcome"] == "unreachable"


def test_a_target_elsewhere_is_not_paid_without_a_cap(tmp_path: Path) -> None:
    words = ("verify", "http://127.example.invalid/v1", "--profile", "aivene", "--report-dir", str(tmp_path / "out"))
    said = in_a_process(*words, "--api-key-env", "PATH", cwd=tmp_path)
    assert said.code == 2
    assert "is not on this machine" in said.err
    assert "--max-cost" in said.err
