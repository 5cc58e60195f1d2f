"""What the command line says last: of several profiles in one line, and of a run that never began."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pixelproof.cli import main
from pixelproof.cli.verify import _together
from pixelproof.verification import verifying


@pytest.fixture
def handler() -> Iterator[None]:
    """Put the handler of SIGTERM back, which the command takes for the whole process."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("handler")
def test_an_interrupt_before_the_record_begins_is_an_interrupt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(verifying, "prepared", interrupted)
    monkeypatch.setattr(sys, "argv", ["pixelproof", "verify", "--profile", "openai", "--report-dir", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert capsys.readouterr().err == "interrupted before anything was sent: there is no record\n"


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ([0, 0], "2 of 2 profiles kept"),
        ([0, 1], "1 of 2 profiles kept; exit code 1 of two"),
        ([130], "0 of 2 profiles kept; exit code 130 of one"),
    ],
)
def test_several_profiles_end_in_one_line(codes: list[int], told: str) -> None:
    assert _together(["one", "two"], codes) == told
