"""A million paid requests with a hundred keys: is memory flat, does the ledger balance to the last unit?

`python -m benchmarks.million [REQUESTS]`
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from .measuring import memory_mib

_KEYS, _CONNECTIONS = 100, 64
#: Memory is read after so many requests, and then after each portion.
_WARM = 100_000
#: Seconds of load between two readings.
_PORTION_S = 10
#: What one image of the request below costs, in dollars, off OpenAI's page.
_PRICE = 0.04
_SCRIPT = """
local keys = {{{keys}}}
local number = {first}
request = function()
  number = number + 1
  local body = '{{"model":"dall-e-3","prompt":"lighthouse ' .. number .. '","size":"1024x1024"}}'
  local headers = {{["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. keys[number % #keys + 1]}}
  return wrk.format("POST", "/v1/images/generations", headers, body)
end
"""


def main(total: int) -> int:
    """Send the requests in portions, read memory between them, and reconcile at the end."""
    with _served() as (process, base), httpx.Client(base_url=f"{base}/__admin", trust_env=False) as control:
        keys = [f"sk-proj-million{number:08d}" for number in range(_KEYS)]
        accounts = [control.post("/accounts", json={"key": key, "balance": "1000000.00"}).json()["id"] for key in keys]
        sent, first = 0, 0.0
        while sent < total:
            _send(base, keys, sent)
            sent = _answers(control)
            memory = memory_mib(process.pid)
            first = first or (memory if sent >= _WARM else 0.0)
            print(f"{sent:>9,} answered with 200   {memory:6.1f} MiB", flush=True)
        print(f"growth since {_WARM:,}: {100 * (memory - first) / first:+.1f} %" if first else "")
        return _reconcile(control, accounts, _answers(control))


def _reconcile(control: httpx.Client, accounts: list[str], served: int) -> int:
    checks = [control.get(f"/accounts/{account}/ledger/check").json() for account in accounts]
    charged = sum(round(float(check["charged"]) * 1_000_000) for check in checks)
    difference = charged - served * round(_PRICE * 1_000_000)
    balanced = all(check["balanced"] for check in checks)
    print(f"{served:,} x {_PRICE} USD: {difference} micro-dollars off, every ledger balanced: {balanced}")
    return 0 if balanced and difference == 0 else 1


def _answers(control: httpx.Client) -> int:
    lines = control.get("/metrics").text.splitlines()
    return sum(int(float(line.rpartition(" ")[2])) for line in lines if 'status="200"' in line)


def _send(base: str, keys: list[str], first: int) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        names = ", ".join(f'"{key}"' for key in keys)
        script.write(_SCRIPT.format(keys=names, first=first))
        script.flush()
        command = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{_PORTION_S}s", "-s", script.name, base]
        subprocess.run(command, check=True, capture_output=True)


@contextmanager
def _served() -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "pixelproof", "serve", "openai", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip().removesuffix("/v1")
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
