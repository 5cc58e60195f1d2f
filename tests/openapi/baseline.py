"""Prints how many liars stock Schemathesis finds beside ours, from the same documents."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from walked import walk

from pixelproof import edges, loading
from pixelproof.client import Wire
from pixelproof.deviation import Deviation, Nature
from pixelproof.selfproof.selftest import try_liar
from pixelproof.settings import MockSettings
from pixelproof.targets.control import ControlPlane
from pixelproof.verification.embedded import running

#: What Schemathesis itself takes for an operation when nobody says.
STOCK_EXAMPLES = 100
#: Name of the row of a mock that keeps its promises: whatever is held against it is a false alarm.
HONEST = "(honest)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one tool made of one server."""

    found: bool
    requests: int
    seconds: float


def main() -> int:
    """Try a sample of the liars, or all of them, with both; exit code 1 when an honest mock is accused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profiles", nargs="*", default=loading.profiles())
    parser.add_argument("--sample", type=int, default=7, help="liars of each profile, spread over its families")
    parser.add_argument("--all", action="store_true", help="every liar")
    parser.add_argument("--examples", type=int, default=STOCK_EXAMPLES, help="examples for each operation")
    asked = parser.parse_args()
    alarms, theirs, ours = 0, [], []
    for profile, liars in _liars(asked.profiles, None if asked.all else asked.sample):
        alarms += _schemathesis(profile, None, asked.examples).found
        for liar in liars:
            theirs.append(_schemathesis(profile, liar.name, asked.examples))
            ours.append(_ours(liar))
            say(f"{liar.name:60} Schemathesis {_mark(theirs[-1]):8} pixelproof {_mark(ours[-1])}")
    say(_row("Schemathesis", theirs))
    say(_row("pixelproof", ours))
    say(f"honest mocks that Schemathesis accuses: {alarms}")
    return 1 if alarms else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def spread(liars: Sequence[Deviation], sample: int | None) -> list[Deviation]:
    """Return as many liars as asked for, evenly over all; every one without a number."""
    if sample is None or sample >= len(liars):
        return list(liars)
    return [liars[index * len(liars) // sample] for index in range(sample)]


def _liars(profiles: Sequence[str], sample: int | None) -> Iterator[tuple[str, list[Deviation]]]:
    known = [item for item in edges.deviations() if item.nature is Nature.LIAR and item.profile in profiles]
    by_profile = sorted(known, key=lambda item: (item.profile, item.family, item.name))
    for profile, liars in groupby(by_profile, key=lambda item: item.profile):
        yield profile, spread(list(liars), sample)


def _schemathesis(profile: str, liar: str | None, examples: int) -> Result:
    started = time.monotonic()
    contract = loading.shipped(profile)
    document: Path = loading.specs_folder() / profile / "openapi.yaml"
    with running(contract, MockSettings(liar=liar)) as url:
        control = ControlPlane(Wire(), url.removesuffix("/v1") + "/__admin", profile)
        # without limits and with plenty of money: how often may be asked is not what a document says
        account = control.open_account({"limits": dict.fromkeys(contract.limits), "balance": "100000"})
        walked = walk(document, url, account.key, examples)
    return Result(
        found=walked.failures > 0,
        requests=int(walked.cases) if walked.cases.isdigit() else 0,
        seconds=time.monotonic() - started,
    )


def _ours(liar: Deviation) -> Result:
    trial = try_liar(liar)
    return Result(found=trial.killed, requests=trial.requests, seconds=trial.seconds)


def _mark(result: Result) -> str:
    return "found" if result.found else "-"


def _row(name: str, results: list[Result]) -> str:
    killed, requests = sum(result.found for result in results), sum(result.requests for result in results)
    seconds, total = sum(result.seconds for result in results), max(1, len(results))
    each = f"{requests / total:.0f} requests and {seconds / total:.1f} s a liar"
    return f"{name:13} {killed}/{len(results)} found, {100 * killed / total:.0f} %, {each}"


if __name__ == "__main__":
    sys.exit(main())
