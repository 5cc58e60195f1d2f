"""The record of a load: one line for each request, written in bulk, nothing kept in memory."""

from __future__ import annotations

from pathlib import Path

import orjson

from pixelproof.loadline import LoadLine


class Register:
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

    def flush(self) -> None:
        """Let readers see everything so far."""
        self._file.flush()

    def close(self) -> None:
        """Write the rest."""
        self._file.close()
