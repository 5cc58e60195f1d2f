"""What the terminal shows a report on: whether in colour, and how wide."""

from __future__ import annotations

import os
import shutil
import sys

import click

_AUTO, _ALWAYS, _NEVER = "auto", "always", "never"
#: Values of FORCE_COLOR that ask for nothing.
_UNFORCED = frozenset({"", "0", "false"})

#: For every command that prints a report.
colour_option = click.option(
    "--color",
    type=click.Choice([_AUTO, _ALWAYS, _NEVER]),
    default=_AUTO,
    show_default=True,
    help="auto follows NO_COLOR, then FORCE_COLOR, then whether this is a terminal.",
)


def colour(choice: str = _AUTO) -> bool:
    """Tell whether the report is coloured: as the option says, else the environment, else the terminal."""
    if choice != _AUTO:
        return choice == _ALWAYS
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR")
    return sys.stdout.isatty() if forced is None else forced.lower() not in _UNFORCED


def width() -> int:
    """Return the columns of the terminal, 110 where there is none."""
    return shutil.get_terminal_size((110, 24)).columns
