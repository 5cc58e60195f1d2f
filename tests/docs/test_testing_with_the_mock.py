"""The page about testing with the mock holds: its files are taken from the page and run, one by one and in parallel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs/testing-with-the-mock.md").read_text("utf-8")
FILES: dict[str, str] = dict(re.findall(r"```(?:ini|python)\n# (\S+)\n(.*?)```", PAGE, re.DOTALL))
#: The blocks of the page that are files; ``pytest`` and ``pytest -n 2`` are how they are run.
RUN = {*(f"# {name}\n{text}" for name, text in FILES.items()), "pytest\npytest -n 2\n"}
SAID = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project that holds the page's files and nothing else."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest as a stranger does: a process of its own, and only the files of the folder."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.run(
        command, check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )


def test_every_snippet_is_a_file() -> None:
    assert len(FILES) == PAGE.count("```python") + PAGE.count("```ini")


@pytest.mark.parametrize("how", [(), ("-n", "2")], ids=["in one process", "in two"])
def test_the_tests_of_the_page_pass(project: Path, how: tuple[str, ...]) -> None:
    ran = run(project, "--strict-markers", "--ignore", "several", "--ignore", "lying", *how)
    assert ran.returncode == 0, ran.stdout
    assert "7 passed" in ran.stdout


def test_fixtures_choose_providers_and_settings(project: Path) -> None:
    ran = run(project / "several", "--rootdir", ".", "-c", "/dev/null")
    assert ran.returncode == 0, ran.stdout
    assert "2 passed" in ran.stdout


def test_a_mock_that_charges_twice_fails_the_test_and_says_so(project: Path) -> None:
    ran = run(project / "lying", "--rootdir", ".", "-c", "/dev/null")
    assert ran.returncode == 1, ran.stdout
    assert "1 failed" in ran.stdout
    shown = re.sub(r"req_\w+", "req_…", ran.stdout)
    assert all(line in shown for line in SAID[0].splitlines())
