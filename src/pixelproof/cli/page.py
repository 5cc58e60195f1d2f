"""What the terminal shows a report on: whether in colour, and how wide."""

from __future__ import annotations

import os
import shutil
import sys


def colour() -> bool:
    """Tell whether standard output is a terminal that wants colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def width() -> int:
    """Return the columns of the terminal, 110 where there is none."""
    return shutil.get_terminal_size((110, 24)).columns
