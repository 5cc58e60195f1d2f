"""Measure the mock, bare Flask and the peers that are found, in turn, and print ratios."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

from .contestants import Contestant, ours, peers
from .measuring import Broken, Sample, measure

_MOCK = "mock"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rounds; each round asks everybody once, so that a busy minute hits all alike."""
    options = _parser().parse_args(arguments)
    contestants = [*ours(), *peers(options.peers)]
    samples: dict[str, list[Sample]] = {contestant.name: [] for contestant in contestants}
    with tempfile.TemporaryDirectory() as work:
        for number in range(options.rounds):
            for contestant in contestants:
                samples[contestant.name] += _sampled(contestant, options.seconds, Path(work), number)
    if options.json:
        print(json.dumps({name: [asdict(item) for item in found] for name, found in samples.items()}, indent=1))
    else:
        _table(contestants, samples)
    return 0 if samples[_MOCK] else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="times that everybody is asked in turn (3)")
    parser.add_argument("--seconds", type=int, default=8, help="seconds of load for each measurement (8)")
    parser.add_argument("--peers", type=Path, default=Path(), help="folder with node_modules of peers to measure too")
    parser.add_argument("--json", action="store_true", help="print every sample as JSON")
    return parser


def _sampled(contestant: Contestant, seconds: int, work: Path, number: int) -> list[Sample]:
    try:
        sample = measure(contestant, seconds, work)
    except Broken as why:
        print(f"{contestant.name}: not measured: {why}", file=sys.stderr)
        return []
    print(f"round {number + 1}  {contestant.name:<11} {sample.rate:>8,.0f} requests/s", file=sys.stderr)
    return [sample]


def _table(contestants: Sequence[Contestant], samples: Mapping[str, Sequence[Sample]]) -> None:
    print(f"{'':<11} {'req/s':>8} {'p50 ms':>7} {'p99 ms':>7} {'ready s':>8} {'MiB':>5} {'failed':>6}  mock is")
    for contestant in contestants:
        found = samples[contestant.name]
        if not found:
            continue
        columns = {name: median(getattr(item, name) for item in found) for name in asdict(found[0])}
        print(
            f"{contestant.name:<11} {columns['rate']:>8,.0f} {columns['p50_ms']:>7.1f} {columns['p99_ms']:>7.1f} "
            f"{columns['ready_s']:>8.2f} {columns['memory_mib']:>5.0f} {sum(item.failed for item in found):>6}  "
            f"{_ratio(samples[_MOCK], found)}"
        )


def _ratio(mock: Sequence[Sample], other: Sequence[Sample]) -> str:
    # round by round: what disturbs one round disturbs both
    ratios = [a.rate / b.rate for a, b in zip(mock, other, strict=False)]
    spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
    return f"{median(ratios):.2f} x as fast ({spread}), p99 {mock[0].p99_ms / other[0].p99_ms:.2f} x" if ratios else ""


if __name__ == "__main__":
    sys.exit(main())
