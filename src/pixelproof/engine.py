"""Runs the suites with pytest in this process, for ``pixelproof verify``."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixelproof.running.ending import Summary
from pixelproof.running.run import Run

_INTERRUPTED = 2
#: We report ourselves, and keep nothing in the user's folders.
_LEAN = (
    "-p",
    "no:cacheprovider",
    "-p",
    "no:terminal",
    "-p",
    "no:faulthandler",
    "--assert=plain",
    "--import-mode=importlib",
)
_BROKEN = frozenset({3, 4})


def prove_all(run: Run) -> Summary:
    """Prove every planned case with pytest as the engine, and end the record."""
    prove_suites(run)
    return run.finish()


def prove_suites(run: Run) -> None:
    """Prove every planned case with pytest as the engine; the record stays open."""
    import pytest

    from pixelproof.plugin import Proof
    from pixelproof.running.prover import Alone

    with tempfile.TemporaryDirectory(prefix="pixelproof-") as folder, _quiet_pytest():
        # An empty configuration: the user's own pytest settings are about the user's tests.
        config = Path(folder) / "pytest.ini"
        config.write_text("[pytest]\n", "utf-8")
        code = pytest.main(
            ["--pyargs", "pixelproof.suites", "-c", str(config), "--rootdir", folder, *_LEAN],
            plugins=[Proof(Alone(run))],
        )
    run.interrupted = run.interrupted or code == _INTERRUPTED
    if code in _BROKEN:
        raise RuntimeError("pytest broke while it ran the suites")


@contextmanager
def _quiet_pytest() -> Iterator[None]:
    """Keep other people's pytest plugins out: they cost start-up time and may fail."""
    before = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        else:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = before
