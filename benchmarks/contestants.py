"""The servers that are measured: how each is started and what it is asked."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

_ASKED = {"model": "dall-e-3", "prompt": "a lighthouse at dawn", "size": "1024x1024"}
#: Whose requests they are.
KEY = "sk-proj-benchmark0000000000"
_ROUTE = "/v1/images/generations"
_SPECS = Path(__file__).parents[1] / "specs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """One server: ``command`` of a port starts it, ``body`` is what each request sends to ``path``."""

    name: str
    says: str
    command: Callable[[int], Sequence[str]]
    body: str = json.dumps(_ASKED)
    path: str = _ROUTE
    #: Control-plane request that makes the caller rich enough for the whole measurement.
    top_up: str | None = None


def mock(name: str, says: str, **changes: object) -> Contestant:
    """Return our own mock: authenticated, limited, validated, charged, journalled."""

    def command(port: int) -> Sequence[str]:
        return [sys.executable, "-m", "pixelproof", "serve", "openai", "--port", str(port)]

    top_up = f"/__admin/accounts/{KEY}/top-ups"
    return Contestant(name=name, says=says, command=command, body=json.dumps({**_ASKED, **changes}), top_up=top_up)


def ours() -> tuple[Contestant, ...]:
    """Return the mock in both forms of its answer, and the floor it stands on."""
    return (
        mock("mock", "pixelproof serve openai, url", response_format="url"),
        mock("mock b64", "the same with b64_json 1024x1024", response_format="b64_json"),
        Contestant(
            name="bare Flask",
            says="one static JSON route on the same server",
            command=lambda port: [sys.executable, "-m", "benchmarks.bare_flask", str(port)],
        ),
    )


def peers(folder: Path) -> tuple[Contestant, ...]:
    """Return the peers whose npm packages are installed in ``folder``."""
    found = []
    aimock, prism = (_binary(folder, name) for name in ("llmock", "prism"))
    if aimock:
        fixtures = folder / "image-fixture.json"
        fixtures.write_text(json.dumps(_FIXTURE), "utf-8")
        found.append(Contestant(name="aimock", says="stateless fixture", command=_aimock(aimock, fixtures)))
    if prism:
        found.append(
            Contestant(
                name="Prism",
                says="examples out of our OpenAPI",
                command=lambda port: [prism, "mock", "-p", str(port), str(_SPECS / "openai" / "openapi.yaml")],
                path="/images/generations",
            )
        )
    return tuple(found)


def _binary(folder: Path, name: str) -> str | None:
    return which(name, path=os.pathsep.join((str(folder / "node_modules" / ".bin"), os.environ.get("PATH", ""))))


def _aimock(binary: str, fixtures: Path) -> Callable[[int], Sequence[str]]:
    return lambda port: [binary, "-p", str(port), "-f", str(fixtures), "--log-level", "silent"]


_FIXTURE = {
    "fixtures": [
        {"match": {"endpoint": "image"}, "response": {"image": {"url": "https://images.example/lighthouse.png"}}}
    ]
}


def pinned(command: Sequence[str], core: int) -> list[str]:
    """Return the command bound to one core, where that can be done."""
    return ["taskset", "-c", str(core), *command] if shutil.which("taskset") else [*command]
