"""Prints how Schemathesis and Prism get on with every shipped OpenAPI document; exit code 1 when they do not."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

from played import PRISM, Play, play
from walked import Walk, walk

from pixelproof import loading

HEADINGS = ("profile", "operations", "cases", "links", "failures", "warnings", "prism valid", "prism invalid", "wrong")


def main() -> int:
    """Walk and play every document, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profiles", nargs="*", default=loading.profiles())
    parser.add_argument("--examples", type=int, default=60, help="examples of Schemathesis for each operation")
    parser.add_argument("--no-prism", action="store_true", help="leave Prism out: no node, no npm registry")
    asked = parser.parse_args()
    say(f"Schemathesis {_version()}, {PRISM}\n")
    say(row(HEADINGS))
    ok = True
    with _mock(asked.profiles) as urls:
        for profile in asked.profiles:
            document = loading.specs_folder() / profile / "openapi.yaml"
            walked = walk(document, urls[profile], _key(urls[profile], profile), asked.examples)
            played = Play(valid=0, invalid=0, wrong=()) if asked.no_prism else play(document)
            ok &= _shown(profile, walked, played)
    return 0 if ok else 1


def row(cells: tuple[object, ...]) -> str:
    return "  ".join(str(cell).ljust(len(heading)) for cell, heading in zip(cells, HEADINGS, strict=True)).rstrip()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _shown(profile: str, walked: Walk, played: Play) -> bool:
    figures = (walked.operations, walked.cases, walked.links, walked.failures, walked.warnings)
    say(row((profile[:9], *figures, played.valid, played.invalid, len(played.wrong))))
    for line in played.wrong:
        say(f"  {line}")
    if not walked.is_clean:
        say(walked.text)
    return walked.is_clean and not played.wrong


@contextmanager
def _mock(profiles: list[str]) -> Iterator[dict[str, str]]:
    command = [sys.executable, "-m", "pixelproof", "serve", *profiles, "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        first = process.stdout.readline().strip()
        lines = [process.stdout.readline().split() for _ in profiles] if len(profiles) > 1 else []
        yield dict(lines) if lines else {profiles[0]: first}
    finally:
        process.terminate()
        process.wait(timeout=10)


def _key(url: str, profile: str) -> str:
    """Open an account without limits: how often may be asked is not what is tried here."""
    contract = loading.shipped(profile)
    root = url.partition("/v1")[0].removesuffix(f"/{profile}")
    body = json.dumps({"profile": profile, "limits": dict.fromkeys(contract.limits)}).encode()
    request = Request(f"{root}/__admin/accounts", data=body, headers={"Content-Type": "application/json"})
    with urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["key"])


def _version() -> str:
    from importlib.metadata import version

    return version("schemathesis")


if __name__ == "__main__":
    sys.exit(main())
