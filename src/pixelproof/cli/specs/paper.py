"""Tables and paragraphs for a terminal of any width, in colours only where they are welcome."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

#: Characters of a line where nobody says how wide the terminal is.
_WIDTH = 110
#: Characters by which everything below a heading is set in.
_INDENT = 2
#: Spaces between two columns.
_GAP = 2


class Paper:
    """A page that is written from the top and taken as text at the end."""

    def __init__(self, *, colour: bool) -> None:
        """Take the width of the terminal."""
        self._file = io.StringIO()
        self._console = Console(
            file=self._file,
            width=shutil.get_terminal_size((_WIDTH, 24)).columns,
            force_terminal=colour,
            no_color=not colour,
            highlight=False,
        )

    def text(self) -> str:
        """Return what was written, without spaces at the ends of lines."""
        return "".join(f"{line.rstrip()}\n" for line in self._file.getvalue().splitlines())

    def title(self, words: str, more: str = "") -> None:
        """Write the heading of the page."""
        self._console.print(Text.assemble((words, "bold"), f"  {more}"))

    def heading(self, words: str, more: str = "") -> None:
        """Write the heading of a section."""
        self._console.print()
        self._console.print(Text.assemble((words, "bold underline"), f"  {more}" if more else ""))

    def pairs(self, rows: Iterable[tuple[str, str]]) -> None:
        """Write names with what they stand for; a long text goes on below itself."""
        self.table((), rows)

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Write a table that wraps inside its columns, between words as long as that is possible."""
        listed = [tuple(row) for row in rows]
        if not listed:
            return
        table = Table(box=None, show_header=bool(heads), pad_edge=False, padding=(0, _GAP, 0, 0), header_style="dim")
        columns = list(zip(*([tuple(heads), *listed] if heads else listed), strict=True))
        room = self._console.width - _INDENT - _GAP * len(columns)
        for head, width in zip(heads or [""] * len(columns), _widths(columns, room), strict=True):
            table.add_column(Text(head), width=width, overflow="fold")
        for row in listed:
            table.add_row(*map(Text, row))
        self._console.print(Padding(table, (0, 0, 0, _INDENT)))

    def line(self, words: str) -> None:
        """Write a paragraph."""
        self._console.print(Padding(Text(words), (0, 0, 0, _INDENT)))


def _widths(columns: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return how wide each column is, taking from the one that can best do without."""
    widths = [max(len(line) for cell in column for line in (cell.splitlines() or [""])) for column in columns]
    words = [max((len(word) for cell in column for word in cell.split()), default=0) for column in columns]
    while sum(widths) > room and max(widths) > 1:
        spare = [width - word for width, word in zip(widths, words, strict=True)]
        # where no column can spare a space between words, the widest has its words cut
        widest = spare.index(max(spare)) if max(spare) > 0 else widths.index(max(widths))
        widths[widest] -= 1
    return widths
