"""The settings for memory reach granian's allocator: it knows them, and they are there before it is loaded."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from pixelproof.mock_server.worker import heaps

_STRICT = "abort_conf:true"
_LOADED_LAST = """
import sys
from pixelproof.mock_server.worker import heaps, serving
sys.exit(any(name.startswith("granian") for name in sys.modules))
"""


@pytest.mark.parametrize(("settings", "is_known"), [(heaps._SHARED, True), ("tcache:perhaps", False)])
def test_the_allocator_of_granian_knows_the_settings(settings: str, *, is_known: bool) -> None:
    environment = {**os.environ, heaps._SETTINGS: f"{_STRICT},{settings}"}
    done = subprocess.run([sys.executable, "-c", "import granian"], env=environment, capture_output=True, check=False)
    assert (done.returncode == 0) is is_known, done.stderr


def test_nothing_loads_granian_before_it_is_served() -> None:
    assert subprocess.run([sys.executable, "-c", _LOADED_LAST], check=False).returncode == 0


def test_what_the_user_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(heaps._SETTINGS, "narenas:4")
    heaps.share_granians()
    assert os.environ[heaps._SETTINGS] == "narenas:4"
    monkeypatch.delenv(heaps._SETTINGS)
    heaps.share_granians()
    assert os.environ[heaps._SETTINGS] == heaps._SHARED
    monkeypatch.delenv(heaps._SETTINGS)
