"""Where files stand for the person who asked, and whether colours are welcome."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from pixelproof.cli.page import colour


def relative(file: str) -> str:
    """Return a path from the working folder where it lies below it, else as it is."""
    # not resolved: a link is shown by the name that was asked for
    path, here = Path(os.path.normpath(file)), Path.cwd()
    return str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else str(path)


def styled(text: str, **style: Any) -> str:
    """Return a text in a style, plain where colours are not welcome."""
    return click.style(text, **style) if colour() else text
