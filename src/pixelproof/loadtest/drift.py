"""Whether a long load drifts: memory that grows, answers that get slower, on either side.

The first quarter warms up. The second one is what the last is held against.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from pixelproof.contract import Json
from pixelproof.loadtest.tally import Timeline

#: Growth that is no drift: a share, and what a measurement may be off by.
_MEMORY, _MEMORY_MIB = 1.1, 16.0
_SLOWER, _SLOWER_MS = 1.5, 5.0
#: At most so many samples of each; then every second one is dropped.
_MOST_SAMPLES = 400
_SECOND, _LAST = (0.25, 0.5), (0.75, 1.0)


@dataclass(slots=True)
class Memory:
    """What processes took over time, in MiB."""

    samples: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    #: Seconds between two samples at least: it grows, so that they stay evenly spread.
    gap_s: float = 0.0

    def take(self, at_s: float, taken: Mapping[str, float]) -> None:
        """Remember what each process took at a moment."""
        for name, mib in taken.items():
            known = self.samples[name]
            if known and at_s - known[-1][0] < self.gap_s:
                continue
            known.append((at_s, mib))
            if len(known) > _MOST_SAMPLES:
                del known[::2]
                self.gap_s = (known[-1][0] - known[0][0]) / len(known)

    def between(self, name: str, first: float, last: float) -> float | None:
        """Return the median of a process from one share of the time to another, None without a sample there."""
        known = self.samples[name]
        end = known[-1][0] if known else 0.0
        inside = [mib for at_s, mib in known if first * end <= at_s <= last * end]
        return median(inside) if inside else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One figure of the second quarter, and of the last."""

    name: str
    unit: str
    second: float
    last: float
    most: float

    @property
    def is_drifting(self) -> bool:
        """Tell whether it grew by more than it may."""
        return self.last > self.most

    def sentence(self) -> str:
        """Say it in words."""
        return f"{self.name}: {self.second:g} {self.unit} in the second quarter, {self.last:g} {self.unit} in the last"

    def figures(self) -> dict[str, Json]:
        """Return it as plain data."""
        return {"name": self.name, "unit": self.unit, "second": self.second, "last": self.last, "most": self.most}


def drifts(timeline: Timeline, memory: Memory) -> tuple[Drift, ...]:
    """Return every figure that can drift."""
    found = [
        _memory(name, second, last)
        for name in memory.samples
        if (second := memory.between(name, *_SECOND)) is not None and (last := memory.between(name, *_LAST)) is not None
    ]
    for word, share in (("p50", 0.5), ("p95", 0.95)):
        before, after = (timeline.between(*part).percentile(share) for part in (_SECOND, _LAST))
        if before is not None and after is not None:
            most = round(before * _SLOWER + _SLOWER_MS, 1)
            found.append(Drift(name=word, unit="ms", second=before, last=after, most=most))
    return tuple(found)


def _memory(name: str, second: float, last: float) -> Drift:
    most = round(second * _MEMORY + _MEMORY_MIB, 1)
    return Drift(name=f"memory of {name}", unit="MiB", second=round(second, 1), last=round(last, 1), most=most)
