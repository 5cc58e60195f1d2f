"""Errors of the machine that no command expected: a place that cannot be written, a full disk."""

from __future__ import annotations

import errno
from pathlib import Path

from pixelproof.problems import BadUsage, Problem

_OURS = Path(__file__).resolve().parents[1]
#: What a disk says, wherever it says it: these carry no file name.
_OF_A_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG})
_ROOM = "make room, or name another place"


class DiskFull(Problem):
    """What a command writes cannot be kept: its work could not be done, and no argument was wrong."""

    exit_code = 4


def explained(error: OSError) -> Problem | None:
    """Return what the user can do about an error of the machine, None where it is a defect of ours."""
    reason = error.strerror or str(error)
    if isinstance(error.filename, str):
        is_ours = Path(error.filename).resolve().is_relative_to(_OURS)
        return None if is_ours else BadUsage(f"{error.filename}: {reason}", "name a place that can be read and written")
    return DiskFull(f"what this command writes cannot be kept: {reason}", _ROOM) if error.errno in _OF_A_DISK else None
