"""Load: paid requests by the thousand, each with its price written down.

Imports nothing here: Locust changes the standard library of the process that imports it, so
it runs in one of its own.
"""

from __future__ import annotations

import sys


def command() -> list[str]:
    """Return the command of the process that makes the load; it reads its plan from standard input."""
    return [sys.executable, "-m", __name__]


__all__ = ["command"]
