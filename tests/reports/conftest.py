"""The command line, called in this process; runs that several tests look at."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.evidence.conftest import pixelproof, twice
from tests.evidence.records import recorded

from pixelproof.deviation import Tier

__all__ = ["kept", "pixelproof", "tasks", "twice"]


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a smoke run against a provider that keeps its promises."""
    return recorded(tmp_path_factory.mktemp("kept"), "aivene", tier=Tier.SMOKE).path.parent


@pytest.fixture(scope="session")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a smoke run against a provider of another profile."""
    return recorded(tmp_path_factory.mktemp("tasks"), "stratizon", tier=Tier.SMOKE).path.parent
