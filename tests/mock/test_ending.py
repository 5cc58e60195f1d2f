"""A worker whose server does not end by itself ends all the same, after its last request."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

# granian's worker as it stands when a connection never ends: its signals heard, its main thread waiting for ever
PROGRAM = """
import sys, threading, time
from granian import _signals
from pixelproof.mock_server.worker import ending
began = time.monotonic()
ending._SENDING_S = 0.2
ending.end_when_told(lambda: time.monotonic() - began < float(sys.argv[1]))
_signals.set_sync_signals()
print("ready", flush=True)
threading.Event().wait()
"""


def ended(busy_s: float, *told: signal.Signals) -> tuple[int | None, float]:
    command = [sys.executable, "-c", PROGRAM, str(busy_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        began = time.monotonic()
        for number in told:
            process.send_signal(number)
        try:
            return process.wait(5), time.monotonic() - began
        except subprocess.TimeoutExpired:
            process.kill()
            return None, time.monotonic() - began


def test_it_ends_though_its_server_waits() -> None:
    assert ended(0, signal.SIGTERM)[0] == 0
    assert ended(0, *[signal.SIGINT, signal.SIGTERM] * 3)[0] == 0


def test_it_waits_for_the_last_request() -> None:
    code, seconds = ended(1.5, signal.SIGTERM)
    assert code == 0
    assert seconds > 1


def test_nobody_who_was_not_told_ends() -> None:
    assert ended(0)[0] is None
