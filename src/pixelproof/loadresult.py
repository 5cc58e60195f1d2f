"""What a load came to: how fast, how often it failed, whether the money was right, and the exit code."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from pixelproof.contract import Json
from pixelproof.loadline import Ending, LoadLine
from pixelproof.reconciling import Reconciliation

#: Exit codes, as ``verify`` has them.
KEPT, BROKEN, UNJUDGED, INTERRUPTED = 0, 1, 5, 130
#: Significant digits of a duration: a histogram of a million needs a few thousand places.
_DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What a load must keep beside its money."""

    p95_ms: float | None = None
    #: From 0 to 1: requests that were not served, and that nothing provoked.
    error_share: float | None = None


@dataclass(slots=True)
class Tally:
    """How fast the answers came: counts by duration, so that memory does not grow with the load."""

    counts: Counter[float] = field(default_factory=Counter)
    requests: int = 0
    fair: int = 0
    errors: int = 0

    def take(self, line: LoadLine) -> None:
        """Count one request; what was provoked is left out of the error share."""
        self.requests += 1
        self.counts[float(f"{line.ms:.{_DIGITS}g}")] += 1
        self.fair += not line.provoked
        self.errors += not line.provoked and line.ending is not Ending.OK

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


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """Everything that is told of a load."""

    profile: str
    seed: int
    currency: str
    tally: Tally
    seconds: float
    reconciliation: Reconciliation
    thresholds: Thresholds = Thresholds()
    #: Processor time of the load's own process in seconds, and its greatest memory in MiB.
    cpu_s: float = 0.0
    rss_mib: int = 0
    interrupted: bool = False

    @property
    def throughput(self) -> float:
        """Return requests a second."""
        return self.tally.requests / self.seconds if self.seconds else 0.0

    def missed(self) -> tuple[str, ...]:
        """Return the thresholds that were not kept, as sentences."""
        found = []
        p95, most = self.tally.percentile(0.95), self.thresholds.p95_ms
        if most is not None and (p95 is None or p95 > most):
            found.append(f"p95 is {p95} ms, more than {most:g} ms")
        share = self.thresholds.error_share
        if share is not None and self.tally.error_share > share:
            found.append(f"{self.tally.error_share:.2%} were not served, more than {share:.2%}")
        return tuple(found)

    @property
    def exit_code(self) -> int:
        """Return 1 for broken promises and thresholds, 5 when nobody could look at the money."""
        if self.missed() or self.reconciliation.offences or self.reconciliation.exact is False:
            return BROKEN
        if self.interrupted:
            return INTERRUPTED
        return UNJUDGED if self.reconciliation.exact is None or not self.tally.requests else KEPT

    def figures(self) -> dict[str, Json]:
        """Return the result as plain data."""
        return {
            "profile": self.profile,
            "seed": self.seed,
            "requests": self.tally.requests,
            "seconds": round(self.seconds, 3),
            "throughput": round(self.throughput, 1),
            "p50_ms": self.tally.percentile(0.5),
            "p95_ms": self.tally.percentile(0.95),
            "p99_ms": self.tally.percentile(0.99),
            "errors": self.tally.errors,
            "error_share": round(self.tally.error_share, 6),
            "currency": self.currency,
            "reconciliation": self.reconciliation.figures(),
            "missed": list(self.missed()),
            "own": {"cpu_s": self.cpu_s, "rss_mib": self.rss_mib},
            "exit_code": self.exit_code,
        }
