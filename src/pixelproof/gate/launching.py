"""Starts the user's gateway: a free port, a small environment, its configuration filled, a wait until it is ready."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pixelproof.client import Wire
from pixelproof.gate.file import GateFile, filled
from pixelproof.gate.process import started
from pixelproof.problems import Unreachable

#: What a program needs to run at all; everything else of the caller's environment is kept from it.
_NEEDED = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT")
_LOOK_S = 0.05
_SERVER_ERROR = 500
#: Where Debian puts what it does not put on everybody's PATH.
_SBIN = "/usr/local/sbin:/usr/sbin:/sbin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A gateway that answers; ``log`` is None when it was not started here."""

    places: Mapping[str, str]
    log: Path | None = None
    process: subprocess.Popen[bytes] | None = None

    def ended(self) -> str:
        """Say that a gateway which was started here has ended by itself, and its last words; empty while it runs."""
        if self.process is None or self.log is None or self.process.poll() is None:
            return ""
        return f"the gateway ended with code {self.process.returncode}: {_last(self.log)}"


def free_port() -> int:
    """Return a port of the loopback interface on which nothing listens now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def small_environment() -> dict[str, str]:
    """Return what any program gets: where programs are found, and a home."""
    env = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    return {**env, "PATH": f"{env.get('PATH', os.defpath)}:{_SBIN}"}


@contextmanager
def launched(gate: GateFile, upstream: Mapping[str, str], folder: Path, wire: Wire) -> Iterator[Running]:
    """Run the gateway while the block lasts; without a command it runs already. Raises Unreachable and BadUsage."""
    inside = folder / "gateway"
    inside.mkdir(parents=True, exist_ok=True)
    places = {
        **upstream,
        "port": str(free_port()),
        "here": str(gate.folder),
        "folder": str(inside.resolve()),
        "user": getpass.getuser(),
    }
    if not gate.launch.command:
        yield Running(places=places)
        return
    for name, template in gate.launch.files.items():
        path = inside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(filled(template.read_text("utf-8"), places), "utf-8")
    log = folder / "gateway.log"
    command = [filled(word, places) for word in gate.launch.command]
    with started(command, folder=inside, env=_environment(gate, places), log=log) as process:
        _await(gate, places, wire, process, log)
        yield Running(places=places, log=log, process=process)


def _environment(gate: GateFile, places: Mapping[str, str]) -> dict[str, str]:
    passed = {name: os.environ[name] for name in gate.launch.env_pass if name in os.environ}
    own = {name: filled(text, places) for name, text in gate.launch.env.items()}
    return {**small_environment(), **passed, **own}


def _await(gate: GateFile, places: Mapping[str, str], wire: Wire, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the gateway answers below 500. Raises Unreachable with the end of its log."""
    url = f"http://127.0.0.1:{places['port']}{gate.launch.ready_path}"
    deadline = time.monotonic() + gate.launch.ready_timeout_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Unreachable(f"the gateway ended with code {process.returncode}: {_last(log)}", f"see {log}")
        answer = wire.send("GET", url)
        if 0 < answer.status < _SERVER_ERROR:
            return
        time.sleep(_LOOK_S)
    waited = f"the gateway was not ready at {url} after {gate.launch.ready_timeout_s:g} s: {_last(log)}"
    raise Unreachable(waited, f"see {log}, and 'ready:' in the gate file")


def _last(log: Path) -> str:
    said = log.read_text("utf-8", "replace").strip().splitlines()
    return said[-1][:200] if said else "it said nothing"
