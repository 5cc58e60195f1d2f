"""The search for the greatest rate that a server keeps up with: which rate comes next, and what was found.

The rate doubles until a threshold breaks, twice in a row, and then the gap between the last
kept rate and the first broken one is halved until it is narrow. A step that breaks while the
generator itself was busy says nothing about the server: then there is no answer.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from math import sqrt

from pixelproof.contract import Json

#: The search ends when the first broken rate is at most so many times the last kept one.
NARROW = 1.05
#: Share of a step's requests that must be answered within it, beside what is in flight anyway.
KEEPS_UP = 0.97
#: The generator was busy when its processor ran, or waited for one, for this share of a step.
_BUSY = 0.9
#: All senders were busy when at most this share of the requests found one waiting.
_FREE = 0.5
#: An answer that takes so many times as long as at the first rate: the server got slower.
_SLOWER = 1.5
#: Requests a second below which nothing is searched.
_LEAST = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one rate came to, held for a while."""

    #: Requests a second that were due, and that were answered within the step.
    rate: float
    answered: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    error_share: float
    #: Thresholds that were not kept, as sentences; nothing when the rate was kept.
    missed: tuple[str, ...] = ()
    #: Milliseconds that a sender was taken by one request, half of the time.
    taken_ms: float = 0.0
    #: Share of the step in which the generator ran or waited for a processor.
    busy: float = 0.0
    #: Share of the requests for which a sender was waiting.
    free: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Where the search stands; ``rate`` comes next, None when it is over."""

    rate: float | None
    kept: float | None = None
    broken: float | None = None
    #: True when the rate broke once: it is tried again, for a hiccup is no limit.
    again: bool = False
    #: Why the generator is the limit, else empty.
    bound: str = ""
    steps: tuple[Step, ...] = ()

    def after(self, step: Step) -> Search:
        """Return the search after the step of its rate."""
        mine = replace(self, steps=(*self.steps, step), again=False)
        if not step.missed:
            return replace(mine, kept=step.rate, rate=_next(step.rate, self.broken))
        if not self.again:
            return replace(mine, again=True)
        bound = _bound(step, mine.steps[0])
        if bound:
            return replace(mine, rate=None, bound=bound)
        return replace(mine, broken=step.rate, rate=_next(self.kept, step.rate))

    def figures(self) -> dict[str, Json]:
        """Return the search as plain data; ``rate`` is the knee."""
        because = next((step.missed for step in reversed(self.steps) if step.rate == self.broken), ())
        return {
            "rate": None if self.bound or self.kept is None else round(self.kept, 2),
            "breaks_at": None if self.broken is None else round(self.broken, 2),
            "because": self.bound or "; ".join(because),
            "generator_bound": bool(self.bound),
            "steps": [_row(step) for step in self.steps],
        }


def unanswered(rate: float, seconds: float, answered: int, taken_ms: float) -> str:
    """Return the sentence for a server that did not keep up, empty when it did.

    What is in flight at any moment, ``taken_ms`` long, may be missing at the end of a step.
    """
    due = rate * seconds
    if answered >= due * KEEPS_UP - rate * taken_ms / 1000 - 1:
        return ""
    return f"{answered / seconds:.1f} of {rate:.1f} requests a second were answered"


def _next(kept: float | None, broken: float | None) -> float | None:
    if kept is None:
        return broken / 2 if broken is not None and broken / 2 >= _LEAST else None
    if broken is None:
        return kept * 2
    return None if broken <= kept * NARROW else sqrt(kept * broken)


def _bound(step: Step, first: Step) -> str:
    if step.busy >= _BUSY:
        return f"the generator's own processor was taken to {step.busy:.0%}: add --worker processes"
    if step.free <= _FREE and step.taken_ms < first.taken_ms * _SLOWER:
        return "all users waited for answers that came as fast as before: raise --users"
    return ""


def _row(step: Step) -> Json:
    return {**asdict(step), "missed": list(step.missed)}
