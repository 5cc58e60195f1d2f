"""The record of a load: one line for each request, written in bulk, nothing kept in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import orjson

from pixelproof.loadtest.line import LoadLine


class Register(Protocol):
    """Where lines go: to a file, or by way of a master to its file."""

    written: int
    errors: int

    def write(self, line: LoadLine, *, is_error: bool) -> None:
        """Append one line."""

    def flush(self) -> None:
        """Let readers see everything so far."""

    def close(self) -> None:
        """Write the rest."""


class FileRegister:
    """Appends lines to a file; whoever reads along sees what was flushed."""

    def __init__(self, path: Path) -> None:
        """Begin a new file."""
        self._file = path.open("wb", buffering=1 << 18)
        self.written = 0
        self.errors = 0

    def write(self, line: LoadLine, *, is_error: bool) -> None:
        """Append one line."""
        self._file.write(orjson.dumps(line.row()) + b"\n")
        self.written += 1
        self.errors += is_error

    def take(self, rows: bytes, count: int, errors: int) -> None:
        """Append lines that a worker wrote."""
        self._file.write(rows)
        self.written += count
        self.errors += errors

    def flush(self) -> None:
        """Let readers see everything so far."""
        self._file.flush()

    def close(self) -> None:
        """Write the rest."""
        self._file.close()


class Outbox:
    """Keeps a worker's lines until its next report."""

    def __init__(self) -> None:
        """Begin empty."""
        self._rows: list[bytes] = []
        self._numbers: list[int] = []
        self.written = 0
        self.errors = 0

    def write(self, line: LoadLine, *, is_error: bool) -> None:
        """Keep one line."""
        self._rows.append(orjson.dumps(line.row()) + b"\n")
        self._numbers.append(line.number)
        self.written += 1
        self.errors += is_error

    def taken(self) -> tuple[bytes, list[int]]:
        """Return the lines since the last call, and their numbers."""
        rows, numbers = b"".join(self._rows), self._numbers
        self._rows, self._numbers = [], []
        return rows, numbers

    def flush(self) -> None:
        """Do nothing: reports go out on their own."""

    def close(self) -> None:
        """Do nothing: what was written is reported."""
