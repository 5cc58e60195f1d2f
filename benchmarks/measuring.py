"""Start a server, be sure that it is the one on the port, load it with wrk, stop it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from .contestants import KEY, Contestant, pinned

#: Connections and threads of wrk, and the cores of server and load.
CONNECTIONS, THREADS, SERVER_CORE, LOAD_CORE = 64, 2, 0, 1
_START_S, _STOP_S = 60.0, 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One measurement: requests per second, latency in milliseconds, memory in MiB."""

    rate: float
    p50_ms: float
    p99_ms: float
    failed: int
    ready_s: float
    memory_mib: float


class Broken(RuntimeError):
    """A contestant that cannot be measured; the message says why."""


def measure(contestant: Contestant, duration_s: int, work: Path) -> Sample:
    """Start one contestant, warm it up for a second, load it, and stop it. Raises Broken."""
    port = _free_port()
    with _running(contestant, port) as (process, ready_s):
        _wrk(contestant, port, 1, work)
        report = _wrk(contestant, port, duration_s, work)
        return Sample(
            rate=float(_found(r"Requests/sec:\s+([\d.]+)", report)),
            p50_ms=_milliseconds(_found(r"\n\s+50%\s+(\S+)", report)),
            p99_ms=_milliseconds(_found(r"\n\s+99%\s+(\S+)", report)),
            failed=int(_optional(r"Non-2xx or 3xx responses: (\d+)", report)),
            ready_s=ready_s,
            memory_mib=memory_mib(process.pid),
        )


@contextmanager
def _running(contestant: Contestant, port: int) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    command = pinned(contestant.command(port), SERVER_CORE)
    began = time.monotonic()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, start_new_session=True, **quiet)  # type: ignore[call-overload] # both are ints
    try:
        yield process, _wait(contestant, process, port, began)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(contestant: Contestant, process: subprocess.Popen[bytes], port: int, began: float) -> float:
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() - began < _START_S:
            if process.poll() is not None:
                raise Broken(f"{contestant.name} ended with {process.returncode}")
            try:
                answer = client.post(_url(contestant, port), content=contestant.body, headers=_HEADERS)
            except httpx.TransportError:
                time.sleep(0.01)
                continue
            if not answer.is_success:
                raise Broken(f"{contestant.name} answers {answer.status_code}: {answer.text[:200]}")
            ready_s = time.monotonic() - began
            _check_owner(contestant, process.pid, port)
            if contestant.top_up is not None:
                origin = f"http://127.0.0.1:{port}"
                client.post(f"{origin}{contestant.top_up}", json={"amount": _PLENTY}).raise_for_status()
            return ready_s
    raise Broken(f"{contestant.name} does not answer within {_START_S:.0f} s")


def _check_owner(contestant: Contestant, group: int, port: int) -> None:
    """Raise Broken unless the listener on the port belongs to the process group that was started."""
    inodes = {
        row.split()[9]
        for table in ("tcp", "tcp6")
        for row in Path(f"/proc/net/{table}").read_text("ascii").splitlines()[1:]
        if row.split()[3] == _LISTENING and int(row.split()[1].rpartition(":")[2], 16) == port
    }
    wanted = {f"socket:[{inode}]" for inode in inodes}
    if not wanted & set(_sockets(group)):
        raise Broken(f"port {port} is answered by somebody else than {contestant.name}")


def _sockets(group: int) -> Iterator[str]:
    for pid in members(group):
        for handle in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                yield str(handle.readlink())
            except OSError:
                continue


def members(group: int) -> Iterator[int]:
    """Yield the processes of a group."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == group:
                yield int(folder.name)
        except OSError:
            continue


def memory_mib(group: int) -> float:
    """Return the proportional memory (PSS) of a process group in MiB."""
    total = 0
    for pid in members(group):
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
        except OSError:
            continue
        total += int(_found(r"Pss:\s+(\d+) kB", text))
    return total / 1024


def _wrk(contestant: Contestant, port: int, duration_s: int, work: Path) -> str:
    script = work / "post.lua"
    headers = "\n".join(f'wrk.headers["{name}"] = "{value}"' for name, value in _HEADERS.items())
    script.write_text(f'wrk.method = "POST"\nwrk.body = [==[{contestant.body}]==]\n{headers}\n', "utf-8")
    command = ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{duration_s}s", "--latency", "-s", str(script)]
    done = subprocess.run(
        pinned([*command, _url(contestant, port)], LOAD_CORE), capture_output=True, text=True, check=True
    )
    return done.stdout


def _url(contestant: Contestant, port: int) -> str:
    return f"http://127.0.0.1:{port}{contestant.path}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise Broken(f"no '{pattern}' in: {text[:500]}")
    return found[1]


def _optional(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else "0"


def _milliseconds(text: str) -> float:
    number, unit = _found(r"([\d.]+)", text), text.lstrip("0123456789.")
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}[unit]


_LISTENING, _PLENTY = "0A", "100000000.00"
_HEADERS = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
