"""What a load came to: how fast, how often it failed, whether the money was right, and the exit code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pixelproof.contract import Json
from pixelproof.loadtest.drift import Drift
from pixelproof.loadtest.reconciling import Reconciliation
from pixelproof.loadtest.tally import Tally, Timeline
from pixelproof.loadtest.thresholds import Thresholds

#: Exit codes, as ``verify`` has them.
KEPT, BROKEN, UNJUDGED, INTERRUPTED = 0, 1, 5, 130


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """Everything that is told of a load."""

    profile: str
    seed: int
    currency: str
    tally: Tally
    timeline: Timeline = field(default_factory=Timeline)
    seconds: float
    reconciliation: Reconciliation
    thresholds: Thresholds = field(default_factory=Thresholds)
    #: Processor time of the process that sends in seconds; the greatest memory of it and of ours together in MiB.
    cpu_s: float = 0.0
    rss_mib: int = 0
    interrupted: bool = False
    #: Bursts that a limit of a minute was held against, None where no limit could be tried.
    bursts: int | None = None
    #: Of a soak: what must not grow from the second quarter to the last.
    drifts: tuple[Drift, ...] = ()
    #: Processes that sent, and those of them that were lost on the way.
    workers: int = 1
    lost: int = 0
    #: What a search for the limit found, as :meth:`pixelproof.loadtest.limit.Search.figures` has it.
    limit: Mapping[str, Json] | None = None

    @property
    def throughput(self) -> float:
        """Return requests a second."""
        return self.tally.requests / self.seconds if self.seconds else 0.0

    def missed(self) -> tuple[str, ...]:
        """Return the thresholds that were not kept, as sentences; a search for a limit breaks them on purpose."""
        drifting = tuple(drift.sentence() for drift in self.drifts if drift.is_drifting)
        bounds = () if self.limit is not None else self.thresholds.missed(self.tally, self.throughput)
        return (*bounds, *drifting)

    @property
    def exit_code(self) -> int:
        """Return 1 for broken promises and thresholds, 5 when money or limit is unknown or nothing was served."""
        if self.missed() or self.reconciliation.offences or self.reconciliation.exact is False:
            return BROKEN
        if self.interrupted:
            return INTERRUPTED
        is_open = self.limit is not None and self.limit["rate"] is None
        return UNJUDGED if is_open or self.reconciliation.exact is None or not self.is_served else KEPT

    @property
    def is_served(self) -> bool:
        """Tell whether a paid request was served, or may have been: without one nothing is proven."""
        return bool(self.reconciliation.ok or self.reconciliation.unknown)

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
            "workers": {"count": self.workers, "lost": self.lost, "unreported": self.tally.unreported},
            "bursts": self.bursts,
            **({"drift": [drift.figures() for drift in self.drifts]} if self.drifts else {}),
            "over_time": self.timeline.figures(),
            **({} if self.limit is None else {"limit": dict(self.limit)}),
            "own": {"cpu_s": self.cpu_s, "rss_mib": self.rss_mib},
            "exit_code": self.exit_code,
        }
