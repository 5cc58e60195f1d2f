"""What a gate starts it stops, with everything that was started by it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace

import pytest

from pixelproof.gate.process import started
from pixelproof.problems import BadUsage

#: A parent that ignores polite requests, as its child does, and says both their numbers.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""
PLAIN = "import sys, time; print('up', flush=True); time.sleep(600)"


def lives(pid: int) -> bool:
    """Tell whether a process runs; one that ended and was not fetched yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def run(source: str, folder: Path) -> AbstractContextManager[subprocess.Popen[bytes]]:
    return started([sys.executable, "-c", source], folder=folder, env={}, log=folder / "log", stdout=subprocess.PIPE)


def test_a_stubborn_program_is_killed_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pixelproof.gate.process.GRACE_S", 0.2)
    with run(STUBBORN, tmp_path) as process:
        child = int(process.stdout.readline())
        assert lives(child)
    assert process.returncode == -signal.SIGKILL
    assert not lives(child)


@pytest.mark.parametrize("problem", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_program_is_stopped_when_the_block_breaks(problem: type[BaseException], tmp_path: Path) -> None:
    with pytest.raises(problem), run(PLAIN, tmp_path) as process:  # noqa: PT012 - the block is what is tested
        process.stdout.readline()
        raise problem
    assert process.returncode == -signal.SIGTERM


def test_a_program_gets_exactly_its_environment(tmp_path: Path) -> None:
    source = "import os; print(sorted(os.environ), flush=True)"
    command = [sys.executable, "-S", "-c", source]
    with started(
        command, folder=tmp_path, env={"ONLY": "this"}, log=tmp_path / "log", stdout=subprocess.PIPE
    ) as process:
        said = process.stdout.readline().decode()
    assert "ONLY" in said
    assert "HOME" not in said
    assert os.environ.get("HOME") is not None


def test_a_program_that_does_not_exist_is_told_as_a_slip_of_usage(tmp_path: Path) -> None:
    with (
        pytest.raises(BadUsage, match="'no-such-gateway' cannot be started"),
        started(["no-such-gateway"], folder=tmp_path, env={"PATH": "/nowhere"}, log=tmp_path / "log"),
    ):
        pass


def test_an_interrupt_while_a_program_is_born_stops_it_too(tmp_path: Path) -> None:
    born = []

    def interrupted(*arguments: object, **more: object) -> subprocess.Popen[bytes]:
        born.append(subprocess.Popen(*arguments, **more))
        signal.raise_signal(signal.SIGINT)
        return born[0]

    fake = SimpleNamespace(**{**vars(subprocess), "Popen": interrupted})
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):  # noqa: PT012 - as above
        patch.setattr("pixelproof.gate.process.subprocess", fake)
        with run(PLAIN, tmp_path):
            pytest.fail("the interrupt was lost")
    assert born[0].returncode is not None
