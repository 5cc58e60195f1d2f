"""A comparison of runs for people at a terminal: a table for each question."""

from __future__ import annotations

import io

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pixelproof.record.comparison import Comparison

from .comparing import Sheet, sheets

#: Columns of the narrowest page; rows of one table.
_NARROWEST, _ROWS = 60, 200
_STYLES = (
    ("fail", "bold red"),
    ("error", "bold red"),
    ("new", "bold red"),
    ("breaks", "bold red"),
    ("warn", "yellow"),
    ("partial", "yellow"),
    ("not comparable", "yellow"),
    ("fixed", "green"),
    ("pass", "green"),
    ("not", "dim"),
)


def render(comparison: Comparison, *, verbose: bool = False, colour: bool = False, width: int = 110) -> str:
    """Return the sheets as tables that fit the width."""
    file = io.StringIO()
    console = Console(
        file=file,
        width=max(_NARROWEST, width),
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        highlight=False,
    )
    for sheet in sheets(comparison, verbose=verbose):
        _sheet(console, sheet)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def _sheet(console: Console, sheet: Sheet) -> None:
    console.print(Text(sheet.title, style="bold underline"))
    if sheet.rows:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for heading in sheet.headings:
            table.add_column(heading, overflow="fold")
        for row in sheet.rows[:_ROWS]:
            table.add_row(*(Text(_flat(cell), style=_style(cell)) for cell in row))
        console.print(table)
    if len(sheet.rows) > _ROWS:
        console.print(Text(f"  … and {len(sheet.rows) - _ROWS} more (--json has all)", style="dim"))
    for note in sheet.notes:
        console.print(Text(f"  {_flat(note)}", style="dim"))
    console.print()


def _flat(text: str) -> str:
    return " ".join(text.split())


def _style(cell: str) -> str:
    return next((style for word, style in _STYLES if cell == word or cell.startswith(f"{word} ")), "")
