"""Programs that a gate starts: each in a process group of its own, and stopped with everything it started."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from pixelproof.problems import BadUsage

#: How long a program may take to end by itself once it was asked to, in seconds.
GRACE_S = 5.0
#: Bytes of what a program says that are kept; the rest is read, so that it does not stall, and dropped.
MOST_SAID = 16 << 20
_CHUNK = 1 << 16
#: What was killed takes a moment to be gone; what nobody fetches never is.
_DYING_S = 1.0
_LOOK_S = 0.02
_ENDINGS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def started(
    command: Sequence[str], *, folder: Path, env: Mapping[str, str], log: Path, stdout: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program with exactly this environment while the block lasts; what it says goes to ``log``.

    Of what it says the first 16 MiB are kept. With ``stdout`` only its errors are logged.
    However the block ends, the whole process group is stopped. Raises BadUsage when it cannot be started.
    """
    process: subprocess.Popen[bytes] | None = None
    log.write_bytes(b"")
    try:
        with _undisturbed():
            process = subprocess.Popen(  # noqa: S603 - the user's own command, from the user's own file
                list(command),
                cwd=folder,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if stdout is None else stdout,
                stderr=subprocess.STDOUT if stdout is None else subprocess.PIPE,
                start_new_session=True,
            )
            said = process.stdout if stdout is None else process.stderr
        threading.Thread(target=_keep, args=(said, log), daemon=True).start()
        yield process
    except OSError as error:
        if process is not None:
            raise
        raise BadUsage(f"'{command[0]}' cannot be started: {error.strerror or error}", "is it installed?") from None
    finally:
        if process is not None:
            stop(process)


def _keep(said: IO[bytes] | None, log: Path) -> None:
    """Write what a program says into its log, up to a limit, and read on until it ends."""
    left = MOST_SAID
    with suppress(OSError, ValueError), log.open("wb", buffering=0) as file:
        while said is not None and (chunk := os.read(said.fileno(), _CHUNK)):
            file.write(chunk[:left])
            if left and left <= len(chunk):
                file.write(b"\n... and more, which is not kept\n")
            left = max(0, left - len(chunk))


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process group: politely, and after a grace by force. It may have ended already."""
    _tell(process.pid, signal.SIGTERM)
    try:
        _await_end(process, GRACE_S)
    finally:  # a second Ctrl-C does not leave anything behind
        _tell(process.pid, signal.SIGKILL)
        process.wait()
        _await_end(process, _DYING_S)
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def _await_end(process: subprocess.Popen[bytes], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and (process.poll() is None or _group_lives(process.pid)):
        time.sleep(_LOOK_S)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold Ctrl-C and its like back while a process is born: one that nobody knows is stopped by nobody."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    before = {what: signal.signal(what, lambda number, _frame: held.append(number)) for what in _ENDINGS}
    try:
        yield
    finally:
        for what, handler in before.items():
            signal.signal(what, handler)
        for number in held:
            signal.raise_signal(number)


def _tell(group: int, what: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, what)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
