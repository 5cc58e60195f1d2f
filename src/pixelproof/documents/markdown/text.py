"""Markdown that survives any text: cells, code, tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

#: Characters that mean something to Markdown or HTML inside a line, and what stands for them.
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\\": "\\\\", "|": "\\|", "`": "\\`", "*": "\\*", "[": "\\[", "]": "\\]"}
)


def plain(text: str) -> str:
    """Return text as text: on one line, nothing of it taken for Markdown or HTML."""
    return " ".join(text.split()).translate(_ESCAPES)


def code(text: str) -> str:
    """Return text as code, also inside a table: a pipe is escaped, a backtick fenced with two."""
    inside = " ".join(text.split()).replace("|", "\\|")
    if not inside:
        return ""
    return f"`` {inside} ``" if "`" in inside else f"`{inside}`"


def codes(texts: Iterable[str]) -> str:
    """Return several texts as code, with commas between them."""
    return ", ".join(code(text) for text in texts)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table whose cells are Markdown already; nothing when there are no rows."""
    lines = [_row(cells) for cells in rows]
    return [_row(headings), _row(["---"] * len(headings)), *lines, ""] if lines else []


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell or '-' for cell in cells)} |"
