"""The wheel holds what the checkout holds: a folder missing from ``packages`` would be silently absent."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[1]
#: Folder in the checkout → folder in the wheel.
FOLDERS = {
    "src/pixelproof": "pixelproof",
    **{name: f"pixelproof/{name}" for name in ("specs", "mock_server", "suites", "load", "reports")},
}
#: What a folder can hold that belongs into the wheel.
KINDS = {".py", ".yaml", ".json", ".html", ".css", ".js", ".tmpl"}
#: What a checkout may hold that no build looks at.
NOT_COPIED = (".*", "__pycache__", "build", "dist", "*.egg-info", "node_modules", "pixelproof-out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A wheel that was built: its files, what its checkout held, and what the build said."""

    files: frozenset[str]
    expected: frozenset[str]
    log: str


def tree(root: Path) -> frozenset[str]:
    """Return the files that the wheel must hold, by their names in it."""
    return frozenset(
        f"{target}/{path.relative_to(root / source).as_posix()}"
        for source, target in FOLDERS.items()
        for path in (root / source).rglob("*")
        if (path.suffix in KINDS or path.name == "py.typed") and "__pycache__" not in path.parts
    )


def packages() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return set(settings["tool"]["setuptools"]["packages"])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    """Build the wheel from a copy, so that no build folder stays behind."""
    pytest.importorskip("build", reason="the wheel is built with the package 'build'")
    copy, out = tmp_path_factory.mktemp("house") / "checkout", tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
    # Without isolation the build needs no network; setuptools stands in the test environment.
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(copy)]
    # Where byte-compiling is switched off, setuptools warns about that.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    with ZipFile(built) as archive:
        files = frozenset(archive.namelist())
    return Wheel(files=files, expected=tree(copy), log=done.stdout + done.stderr)


def test_the_wheel_brings_one_top_level_name_only(wheel: Wheel) -> None:
    tops = {name.split("/", 1)[0] for name in wheel.files}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"pixelproof"}


def test_the_wheel_holds_exactly_what_the_checkout_holds(wheel: Wheel) -> None:
    held = {name for name in wheel.files if ".dist-info/" not in name}
    assert sorted(held) == sorted(wheel.expected)


def test_the_build_warns_about_nothing(wheel: Wheel) -> None:
    lines = [line for line in wheel.log.splitlines() if "warning" in line.lower() or "deprecat" in line.lower()]
    assert lines == []


def test_the_wheel_carries_the_licence_and_the_command(wheel: Wheel) -> None:
    names = {name.split(".dist-info/", 1)[1] for name in wheel.files if ".dist-info/" in name}
    assert {"entry_points.txt", "licenses/LICENSE", "METADATA"} <= names


def test_every_folder_with_code_is_a_package_of_the_wheel() -> None:
    folders = {
        ".".join([*target.split("/"), *path.parent.relative_to(ROOT / source).parts])
        for source, target in FOLDERS.items()
        for path in (ROOT / source).rglob("*.py")
    }
    assert folders == packages()


def test_every_folder_with_code_has_an_init_file() -> None:
    folders = {path.parent for source in FOLDERS for path in (ROOT / source).rglob("*.py")}
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []
