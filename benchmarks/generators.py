"""What a request costs the load's own processes: `pixelproof load` beside Locust's HttpUser and FastHttpUser.

`python -m benchmarks.generators [REQUESTS]`; Locust's own users send for ten seconds each.

All three send paid requests to the same mock with 20 users, in turn. What is counted is the processor time of
everything a command starts, from its first line to its end; ours also writes a line for each request, reads
the ledgers and reconciles them.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_USERS, _REQUESTS = 20, 10_000
#: What Locust's own users do, for so many seconds.
_SECONDS = 10
_LOCUSTFILE = """
import os
from locust import FastHttpUser, HttpUser, constant, events, task

Base = {"HttpUser": HttpUser, "FastHttpUser": FastHttpUser}[os.environ["BASE"]]


@events.test_stop.add_listener
def count(environment, **_):
    print(environment.stats.total.num_requests, flush=True)


class Paying(Base):
    wait_time = constant(0)
    sent = 0

    @task
    def pay(self):
        Paying.sent += 1
        body = {"model": "dall-e-3", "prompt": f"a lighthouse above a calm sea at dawn, study no. {Paying.sent:08d}"}
        headers = {"Authorization": f"Bearer sk-proj-generators{Paying.sent % 16:08d}"}
        self.client.post("/images/generations", json=body, headers=headers)
"""


def main(requests: int) -> int:
    """Measure each in turn, and print microseconds of processor time for each request."""
    with _served() as url, tempfile.TemporaryDirectory() as folder:
        found = {name: _locust(name, url, Path(folder)) for name in ("HttpUser", "FastHttpUser")}
        command = [sys.executable, "-m", "pixelproof", "load", url, "--profile", "openai", "--json"]
        command += ["--requests", str(requests), "--users", str(_USERS), "--report-dir", folder]
        spent, said = _spent(command, {})
        found["pixelproof load"] = spent / requests
        own = json.loads(said)
    print(f"{requests:,} requests, {_USERS} users, µs of processor time for each:")
    for name, seconds in found.items():
        print(f"  {name:<16} {seconds * 1e6:7.0f}   {seconds / found['HttpUser']:5.0%} of HttpUser")
    sender = own["own"]["cpu_s"] / requests
    print(f"  of it sending    {sender * 1e6:7.0f}   {sender / found['HttpUser']:5.0%} of HttpUser")
    print(f"money exact: {own['reconciliation']['exact']}, memory {own['own']['rss_mib']} MiB")
    return 0 if found["pixelproof load"] <= 0.6 * found["HttpUser"] and own["reconciliation"]["exact"] else 1


def _locust(base: str, url: str, folder: Path) -> float:
    path = folder / "locustfile.py"
    path.write_text(_LOCUSTFILE, "utf-8")
    command = [sys.executable, "-m", "locust", "-f", str(path), "--headless", "--host", url, "--only-summary"]
    command += ["-u", str(_USERS), "-r", str(_USERS), "-t", f"{_SECONDS}s"]
    seconds, said = _spent(command, {"BASE": base})
    return seconds / int(said.split()[0])


def _spent(command: list[str], environment: Mapping[str, str]) -> tuple[float, str]:
    """Run a command; return the seconds of processor time of all it started, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(
        command, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, **environment}
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ran.stdout.decode()


@contextmanager
def _served() -> Iterator[str]:
    command = [sys.executable, "-m", "pixelproof", "serve", "openai", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else _REQUESTS))
