"""Two workers send together what one process sends; one that is killed leaves nothing unaccounted for."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from pixelproof.loadtest.line import Ending
from pixelproof.loadtest.plan import Post
from pixelproof.loadtest.result import LoadResult
from pixelproof.problems import BadUsage, Unreachable

from .builders import charge, found, line, loaded, loaded_here, reconciled, refund

LOAD = (sys.executable, "-m", "pixelproof", "load")


@contextmanager
def workers(count: int) -> Iterator[tuple[Post, list[subprocess.Popen[str]]]]:
    """Start workers, each a leader of its group; yields where they look for their master."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        post = Post(port=free.getsockname()[1], workers=count)
    command = [*LOAD, "--worker", "--master-port", str(post.port)]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) for _ in range(count)
    ]
    try:
        yield post, started
    finally:
        for worker in started:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGKILL)
            worker.communicate()


def rows(folder: Path) -> list[list[Any]]:
    return [json.loads(row) for row in (folder / "load.jsonl").read_text("utf-8").splitlines()]


def test_two_workers_send_what_one_process_sends(tmp_path: Path) -> None:
    with workers(2) as (post, started):
        both = loaded(tmp_path / "both", "aivene", post=post, requests=500)
        said = [worker.communicate(timeout=60)[0] for worker in started]
    one = loaded(tmp_path / "one", "aivene", requests=500)
    assert (both.workers, both.lost, both.exit_code) == (2, 0, 0)
    assert both.reconciliation.exact is True

    def sent(folder: str) -> list[object]:
        return sorted(row[0:2] + row[3:4] for row in rows(tmp_path / folder))

    assert sent("both") == sent("one"), "number, payer and price of each request"
    assert both.tally.requests == one.tally.requests
    assert both.tally.fair == one.tally.fair
    counts = [int(text.split()[0]) for text in said]
    assert sum(counts) == 500
    assert min(counts) > 100, "the keys are shared out"


@pytest.mark.parametrize("profile", ["aivene", "stratizon"])
def test_what_a_killed_worker_may_have_sent_is_unknown_and_the_money_is_exact(profile: str, tmp_path: Path) -> None:
    with workers(2) as (post, started):
        results: list[LoadResult] = []
        options: dict[str, Any] = {"post": post, "requests": None, "duration_s": 4.0, "rate": 150.0}
        load = threading.Thread(target=lambda: results.append(loaded(tmp_path, profile, **options)))
        load.start()
        record = tmp_path / "load.jsonl"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not (record.exists() and record.stat().st_size > 5_000):
            time.sleep(0.05)  # only a process that really sends can be killed while it does
        os.killpg(started[0].pid, signal.SIGKILL)
        load.join(90)
    (result,) = results
    assert (result.workers, result.lost) == (2, 1)
    assert result.reconciliation.exact is True
    assert result.reconciliation.offences == ()
    unreported = [row for row in rows(tmp_path) if row[8] == "unreported"]
    assert 0 < len(unreported) == result.tally.unreported < 300
    assert all(row[2] == Ending.UNKNOWN.value for row in unreported)
    numbers = Counter(row[0] for row in rows(tmp_path))
    assert set(numbers.values()) == {1}, "no request is told twice"


def test_a_master_does_not_wait_for_ever(tmp_path: Path) -> None:
    with workers(0) as (post, _started), pytest.raises(Unreachable, match="0 of 2 workers came"):
        loaded(tmp_path, "openai", post=Post(port=post.port, workers=2, patience_s=0.2))


def test_a_worker_that_is_told_to_leave_reports_everything_first(tmp_path: Path) -> None:
    with workers(2) as (post, started):
        results: list[LoadResult] = []
        options: dict[str, Any] = {"post": post, "requests": None, "duration_s": 3.0, "rate": 100.0}
        load = threading.Thread(target=lambda: results.append(loaded(tmp_path, "openai", **options)))
        load.start()
        record = tmp_path / "load.jsonl"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not (record.exists() and record.stat().st_size > 2_000):
            time.sleep(0.05)  # only a process that really sends can leave while it does
        os.killpg(started[0].pid, signal.SIGTERM)
        load.join(90)
    (result,) = results
    assert (result.lost, result.tally.unreported) == (0, 0)
    assert (result.reconciliation.exact, result.exit_code) == (True, 0)


def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        post = Post(port=taken.getsockname()[1])
        with pytest.raises(BadUsage, match=f"cannot listen at 127.0.0.1:{post.port}"):
            loaded(tmp_path, "openai", post=post)


def test_each_worker_needs_a_key_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="3 workers share 1 keys"):
        loaded_here(tmp_path, "openai", key="sk-proj-one", post=Post(workers=3))


UNREPORTED = {"ending": Ending.UNKNOWN, "status": 0, "request": None, "images": None, "state": "unreported"}


def test_a_task_of_which_nobody_told_may_be_charged_and_refunded() -> None:
    result = reconciled(line(**UNREPORTED), charge(request="r-9"), refund(40, "t-9"), profile="stratizon")
    assert (result.exact, result.difference, result.offences) == (True, 0, ())


def test_an_unknown_request_does_not_excuse_a_double_refund_of_another() -> None:
    task = {"task": "t-1", "state": "failed", "images": 0, "refund": 40}
    met = [line(**UNREPORTED), charge(request="r-9"), line(**task), charge(), refund(40, "t-1"), refund(40, "t-1")]
    assert "REFUNDED_TOO_MUCH" in found(reconciled(*met, profile="stratizon"))


def test_no_more_is_refunded_than_was_charged_unseen() -> None:
    met = [line(**UNREPORTED), charge(request="r-9"), refund(40, "t-9"), refund(40, "t-8")]
    assert "REFUNDED_TOO_MUCH" in found(reconciled(*met, profile="stratizon"))
