"""Where a record came from: the mock of our own that it was made with, and how to start it again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from urllib.parse import urlsplit

from pixelproof.contract import Contract, Json

#: Fills the template of a key: an open mock takes any key of its provider's form.
_TOKEN = "pixelproof-local"  # noqa: S105 - no password: a mock on loopback knows no secrets


def serve_command(header: Mapping[str, Json]) -> str | None:
    """Return the command that serves the mock of a record again, None for a server of somebody else's."""
    mock = header.get("mock")
    if not isinstance(mock, dict):
        return None
    contract = header.get("contract")
    what = f"--contract {shlex.quote(contract)}" if isinstance(contract, str) else str(header.get("profile"))
    parts = ["pixelproof serve", what, f"--port {_port(str(header.get('target')))}"]
    if mock.get("liar"):
        parts.append(f"--liar {shlex.quote(str(mock['liar']))}")
    if mock.get("seed"):
        parts.append(f"--seed {mock['seed']}")
    return " ".join(parts)


def _port(target: str) -> int | None:
    try:
        return urlsplit(target).port
    except ValueError:  # changed by hand, and no address any more
        return None


def local_key(contract: Contract) -> str:
    """Return a key that a mock of a contract takes."""
    return contract.auth.mint.replace("{token}", _TOKEN)
