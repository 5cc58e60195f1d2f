"""The command line, called in this process; records that several tests look at."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pixelproof.cli import main
from pixelproof.deviation import Tier

from .records import recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def pixelproof(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["pixelproof", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Said(code=int(ended.value.code or 0), out=out, err=err)

    return call


@pytest.fixture(scope="session")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a smoke run against a provider that charges twice."""
    return recorded(tmp_path_factory.mktemp("twice"), "aivene", "aivene-charged-twice", tier=Tier.SMOKE).path.parent
