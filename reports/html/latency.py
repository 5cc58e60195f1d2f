"""How long answers took: figures, their spread, and their course over the run."""

from __future__ import annotations

from dataclasses import dataclass

from pixelproof.exchange import Exchange, Role
from pixelproof.record.recording import Record

from .charts import Chart, histogram, ms_text, percentile, scatter
from .timelines import at_s

_TITLES = {Role.API: "API requests", Role.IMAGE: "Image downloads"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The figures of one kind of request, as text."""

    title: str
    count: int
    p50: str
    p95: str
    p99: str
    slowest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Figures and drawings."""

    spreads: tuple[Spread, ...]
    charts: tuple[Chart, ...]


def latency(record: Record) -> Latency | None:
    """Return how long answers took, None where none came."""
    timed = [item for item in record.exchanges if item.response is not None and item.elapsed_s > 0]
    by_role = {role: sorted(_ms(item) for item in timed if item.role is role) for role in _TITLES}
    if not any(by_role.values()):
        return None
    course = [
        (moment, _ms(item), "refused" if not item.ok else item.role.value)
        for item in timed
        if item.role in _TITLES and (moment := at_s(item)) is not None
    ]
    everything = [value for values in by_role.values() for value in values]
    charts = [histogram("How many answers took how long", everything)]
    if course:
        charts.append(scatter("Each answer over the run", sorted(course)))
    spreads = tuple(_spread(title, by_role[role]) for role, title in _TITLES.items() if by_role[role])
    return Latency(spreads=spreads, charts=tuple(charts))


def _ms(exchange: Exchange) -> float:
    return exchange.elapsed_s * 1000


def _spread(title: str, ordered: list[float]) -> Spread:
    p50, p95, p99 = (ms_text(percentile(ordered, share)) for share in (0.5, 0.95, 0.99))
    return Spread(title=title, count=len(ordered), p50=p50, p95=p95, p99=p99, slowest=ms_text(ordered[-1]))
