"""A comparison of runs as Markdown, for a step summary or a wiki; never more than one MiB."""

from __future__ import annotations

from pixelproof.record.comparison import Comparison

from .comparing import Sheet, sheets
from .markdown import MOST_BYTES, cell, table

#: Rows of one table.
_ROWS = 500


def render(comparison: Comparison, *, verbose: bool = False) -> str:
    """Return the sheets as sections; what does not fit is left out, and said."""
    parts = ["## pixelproof compare"]
    room = MOST_BYTES - 1_024
    for sheet in sheets(comparison, verbose=verbose):
        text = _section(sheet)
        size = len(text.encode()) + 2
        parts.append(text if size <= room else f"### {cell(sheet.title)}\n\nhas no room here: see `--json`")
        room -= size if size <= room else len(parts[-1].encode()) + 2
    return "\n\n".join(parts) + "\n"


def _section(sheet: Sheet) -> str:
    parts = [f"### {cell(sheet.title)}"]
    if sheet.rows:
        parts.append(table(sheet.headings, sheet.rows[:_ROWS]))
    if len(sheet.rows) > _ROWS:
        parts.append(f"… and {len(sheet.rows) - _ROWS} more")
    parts += [cell(note) for note in sheet.notes]
    return "\n\n".join(parts)
