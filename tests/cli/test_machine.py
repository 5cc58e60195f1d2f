"""What the machine refuses is told as such: a defect of ours is something else."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

import pixelproof
from pixelproof.cli.machine import explained


def test_a_full_disk_is_told_as_such() -> None:
    problem = explained(OSError(errno.ENOSPC, "No space left on device"))
    assert problem is not None
    assert problem.exit_code == 4
    assert (
        str(problem)
        == "what this command writes cannot be kept: No space left on device; make room, or name another place"
    )


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOENT, "No such file or directory", str(Path(pixelproof.__file__).with_name("lost.yaml"))),
        OSError(errno.EBADF, "Bad file descriptor"),
        ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
    ],
)
def test_what_nobody_outside_can_mend_stays_a_defect_of_ours(error: OSError) -> None:
    assert explained(error) is None
