"""How fast the answers came, in all and over time: counts by duration, so memory does not grow with the load."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from pixelproof.contract import Json
from pixelproof.loadtest.line import UNREPORTED, Ending, LoadLine

#: Significant digits of a duration: a histogram of a million needs a few thousand places.
_DIGITS, _COARSE = 3, 2
#: A timeline has at most so many slots; then two become one.
_MOST_SLOTS = 120


@dataclass(slots=True)
class Tally:
    """Counts of some requests."""

    counts: Counter[float] = field(default_factory=Counter)
    requests: int = 0
    fair: int = 0
    errors: int = 0
    unreported: int = 0
    digits: int = _DIGITS

    def take(self, line: LoadLine) -> None:
        """Count one request; what was provoked is left out of the error share.

        What a lost worker did not report has no duration, and may never have been sent.
        """
        if line.state == UNREPORTED:
            self.unreported += 1
            return
        self.requests += 1
        self.counts[float(f"{line.ms:.{self.digits}g}")] += 1
        self.fair += not line.provoked
        self.errors += not line.provoked and line.ending is not Ending.OK

    def join(self, other: Tally) -> None:
        """Add the counts of others."""
        self.counts.update(other.counts)
        self.requests += other.requests
        self.fair += other.fair
        self.errors += other.errors

    @property
    def error_share(self) -> float:
        """Return the share of requests that should have been served and were not."""
        return self.errors / self.fair if self.fair else 0.0

    def percentile(self, share: float) -> float | None:
        """Return the duration in milliseconds within which a share of the answers came."""
        left = share * self.requests
        for ms, count in sorted(self.counts.items()):
            left -= count
            if left <= 0:
                return ms
        return None


@dataclass(slots=True)
class Timeline:
    """A tally for each slot of time; slots grow with the load, so that their number does not."""

    slot_s: float = 1.0
    slots: list[Tally] = field(default_factory=list)

    def take(self, line: LoadLine) -> None:
        """Count a request in the slot in which its answer came."""
        while line.at_s >= self.slot_s * _MOST_SLOTS:
            self._halve()
        index = int(max(0.0, line.at_s) / self.slot_s)
        while len(self.slots) <= index:
            self.slots.append(Tally(digits=_COARSE))
        self.slots[index].take(line)

    def between(self, first: float, last: float) -> Tally:
        """Return the tally of the slots from one share of the time to another, from 0 to 1."""
        found = Tally(digits=_COARSE)
        count = len(self.slots)
        for tally in self.slots[int(first * count) : max(int(first * count) + 1, int(last * count))]:
            found.join(tally)
        return found

    def figures(self) -> list[Json]:
        """Return one row for each slot: from when, how many a second, how fast, how many errors."""
        return [
            {
                "from_s": round(index * self.slot_s, 3),
                "throughput": round(tally.requests / self.slot_s, 1),
                "p50_ms": tally.percentile(0.5),
                "p95_ms": tally.percentile(0.95),
                "p99_ms": tally.percentile(0.99),
                "errors": tally.errors,
            }
            for index, tally in enumerate(self.slots)
        ]

    def _halve(self) -> None:
        self.slot_s *= 2
        pairs = [self.slots[index : index + 2] for index in range(0, len(self.slots), 2)]
        self.slots = [Tally(digits=_COARSE) for _ in pairs]
        for joined, pair in zip(self.slots, pairs, strict=True):
            for tally in pair:
                joined.join(tally)
