"""The two processes beside a load: the one that makes it, and the mock that is loaded when nobody names a server."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pixelproof import edges
from pixelproof.contract import Json
from pixelproof.loadtest.plan import LoadPlan
from pixelproof.problems import Problem, Unreachable

#: A line of progress: ``end sent done errors users seconds cpu_s rss_mib pid``.
Progress = Mapping[str, Json]
#: Seconds in which a process has to end when it is told to.
_STOP_S = 30.0
#: What a worker exits with when no master answers.
_NO_MASTER = 3


class LoadBroke(Problem):
    """The process that makes the load ended without its last line: our defect."""

    exit_code = 4


def running(plan: LoadPlan) -> Iterator[Progress]:
    """Run the process that makes the load, and yield its progress; the last line has ``end``.

    Ctrl-C and SIGTERM end the sending only: what is in flight ends, and lines from then on have
    ``interrupted``. Raises LoadBroke.
    """
    pipe = subprocess.PIPE
    process = subprocess.Popen(edges.load_command(), stdin=pipe, stdout=pipe, text=True, process_group=0)  # noqa: S603 - our own module
    ended = False
    try:
        with _stopping(process) as stopped:
            _tell(process, plan)
            for line in process.stdout or ():
                progress = {**json.loads(line), "interrupted": stopped.is_set(), "pid": process.pid}
                ended = progress["end"]
                yield progress
    finally:
        _stop(process)
    if not ended:
        raise LoadBroke(f"the load broke off with exit code {process.returncode}", "its words stand above")


def working(host: str, port: int) -> int:
    """Work for a master, and return how many requests were sent. Raises Unreachable and LoadBroke."""
    command = [*edges.load_command(), "worker", host, str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    try:
        said, _ = process.communicate()
    finally:
        _stop(process)
    if process.returncode == _NO_MASTER:
        raise Unreachable(f"no master answers at {host}:{port}", "start it first, with `pixelproof load --master`")
    if process.returncode:
        raise LoadBroke(f"the worker broke off with exit code {process.returncode}", "its words stand above")
    return int(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A mock in a process of its own."""

    url: str
    pid: int


@contextmanager
def served(name: str, seed: int, liar: str | None) -> Iterator[Served]:
    """Serve a contract, by profile or file, from a process of its own; yields where it is. Raises Unreachable."""
    named = ["--contract", name] if name.endswith((".yaml", ".yml")) else [name]
    command = [sys.executable, "-m", "pixelproof", "serve", *named, "--port", "0", "--seed", str(seed)]
    command += ["--liar", liar] if liar else []
    # a group of its own: Ctrl-C must not end the server before the money is counted
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, process_group=0)  # noqa: S603 - our own module
    try:
        url = process.stdout.readline().strip() if process.stdout is not None else ""
        if not url:
            raise Unreachable("the embedded mock did not start", "its words stand above")
        yield Served(url=url, pid=process.pid)
    finally:
        _stop(process)


def memory_mib(pid: int) -> float | None:
    """Return what a process takes now, None where the system does not say (only Linux does)."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]
    except (OSError, IndexError):
        return None
    return int(pages) * resource.getpagesize() / (1 << 20)


def peak_mib() -> int:
    """Return the most that this process took so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@contextmanager
def _stopping(process: subprocess.Popen[str]) -> Iterator[threading.Event]:
    """Pass the first interruption on to the process that sends; a second one is ours."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return

    def stop(number: int, _frame: object) -> None:
        stopped.set()
        process.terminate()
        signal.signal(number, before[signal.Signals(number)])

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, stop)
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(process: subprocess.Popen[str], plan: LoadPlan) -> None:
    if process.stdin is not None:
        process.stdin.write(f"{plan.dump()}\n")
        process.stdin.close()


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
