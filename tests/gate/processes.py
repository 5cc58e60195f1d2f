"""What still runs after a gate has ended."""

from __future__ import annotations

from pathlib import Path


def left_of(folder: Path) -> list[str]:
    """Return what still runs and was started by a gate that reported into a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(process.joinpath("cwd").readlink()).startswith(str(folder)):
                found.append(process.joinpath("cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found
