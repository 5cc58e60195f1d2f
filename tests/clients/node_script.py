"""A Node script that answers orders: a JSON line in, a JSON line out, several at the same time."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from .reply import Reply

FOLDER = Path(__file__).parent / "node"
#: Seconds in which a script has to end when there is nothing more to do.
PATIENCE_S = 30


class NodeScript:
    """A running script; orders are what its ``.mjs`` file documents."""

    #: How the OpenAI client for Node calls what :class:`OpenAIForPython` calls otherwise.
    plain = "APIError"
    timeout = "APIConnectionTimeoutError"
    #: Where the headers still arrive, at once or the second time, fetch raises its own error: no more is asked.
    when_lost = frozenset({("APIConnectionError", 2), ("TypeError", 1), ("TypeError", 2)})

    @staticmethod
    def shown(code: str | int | None) -> str | int | None:
        """Return a code as the OpenAI client for Node shows it: as it came."""
        return code

    def __init__(self, orders: IO[str], replies: IO[str]) -> None:
        self._orders = orders
        self._replies = replies

    def ask(self, order: dict[str, Any]) -> Reply:
        return self.ask_all([order])[0]

    def ask_all(self, orders: list[dict[str, Any]]) -> list[Reply]:
        for number, order in enumerate(orders):
            print(json.dumps({"number": number, **order}), file=self._orders, flush=True)
        told: dict[int, Reply] = {}
        while len(told) < len(orders):
            line = self._replies.readline()
            assert line, "the script ended; what it said on stderr is above"
            words = json.loads(line)
            number = words.pop("number")
            told[number] = Reply(**words)
        return [told[number] for number in range(len(orders))]


@contextmanager
def running(name: str) -> Iterator[NodeScript]:
    """Run a script of ``node/``. Fails where Node or the packages are missing, and never skips."""
    node = shutil.which("node")
    assert node is not None, "Node is not installed: this test needs node 20 or newer"
    assert (FOLDER / "node_modules" / "ai").is_dir(), "no packages: run `npm ci` in tests/clients/node first"
    command = [node, name]
    with subprocess.Popen(command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield NodeScript(process.stdin, process.stdout)
        finally:
            process.stdin.close()
            code = process.wait(PATIENCE_S)
    assert code == 0, f"{name} ended with {code}"
