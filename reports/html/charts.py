"""Bars and points in the units of a drawing: counts of durations, and durations over time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

#: Size of a drawing in its own units, and the room for its axes.
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 200, 46, 24, 10
_BINS = 28
#: Points of one drawing; beyond them every n-th is drawn, and the slowest always.
_POINTS = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One label of an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar, with what it says."""

    x: float
    y: float
    width: float
    height: float
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point; ``kind`` names its style."""

    x: float
    y: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One drawing."""

    title: str
    bars: tuple[Bar, ...] = ()
    points: tuple[Point, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    bottom: tuple[Tick, ...] = ()
    left: tuple[Tick, ...] = ()


def ms_text(ms: float) -> str:
    """Write a duration with as many digits as it deserves."""
    if ms >= 1000:  # noqa: PLR2004 - a second
        return f"{ms / 1000:,.3g} s" if ms < 1e6 else f"{ms / 1000:,.0f} s"  # noqa: PLR2004 - no exponents
    return f"{ms:.3g} ms"


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value within which a share of ordered values lies; 0 where there is none."""
    return ordered[min(len(ordered) - 1, max(0, math.ceil(share * len(ordered)) - 1))] if ordered else 0.0


class Axis(Protocol):
    """Places values on one side of a drawing."""

    def place(self, value: float) -> float:
        """Return where a value lies."""

    def ticks(self) -> tuple[Tick, ...]:
        """Return what is written beside it."""


class Scale:
    """A logarithmic axis of milliseconds, from the decade below the least to the one above the most."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        """Fit ``values`` between two places of a drawing."""
        low, high = max(min(values), 0.1), max(*values, 0.2)
        self._low = math.floor(math.log10(low))
        self._high = max(math.ceil(math.log10(high)), self._low + 1)
        self._start, self._end = start, end

    def place(self, value: float) -> float:
        """Return where a duration lies."""
        share = (math.log10(max(value, 10**self._low)) - self._low) / (self._high - self._low)
        return round(self._start + share * (self._end - self._start), 1)

    def ticks(self) -> tuple[Tick, ...]:
        """Return a label for each decade."""
        return tuple(
            Tick(at=self.place(10.0**power), label=ms_text(10.0**power)) for power in range(self._low, self._high + 1)
        )

    def edges(self, count: int) -> list[float]:
        """Return the edges of ``count`` equal bins, in milliseconds."""
        step = (self._high - self._low) / count
        return [10 ** (self._low + index * step) for index in range(count + 1)]


def histogram(title: str, values: Sequence[float]) -> Chart:
    """Return how many values were how long."""
    scale = Scale(values, LEFT, WIDTH - 8)
    edges = scale.edges(_BINS)
    counts = [0] * _BINS
    low, span = math.log10(edges[0]), math.log10(edges[-1]) - math.log10(edges[0])
    for value in values:
        place = int(_BINS * (math.log10(max(value, edges[0])) - low) / span)
        counts[min(place, _BINS - 1)] += 1
    most = max(counts)
    floor = HEIGHT - BOTTOM
    bars = tuple(
        Bar(
            x=scale.place(edges[index]) + 1,
            y=round(floor - (floor - TOP) * count / most, 1),
            width=round(scale.place(edges[index + 1]) - scale.place(edges[index]) - 2, 1),
            height=round((floor - TOP) * count / most, 1),
            says=f"{count:,} between {ms_text(edges[index])} and {ms_text(edges[index + 1])}",
        )
        for index, count in enumerate(counts)
        if count
    )
    left = (Tick(at=floor, label="0"), Tick(at=TOP, label=f"{most:,}"))
    return Chart(title=title, bars=bars, bottom=scale.ticks(), left=left)


def scatter(title: str, values: Sequence[tuple[float, float, str]]) -> Chart:
    """Return durations over time: (when, milliseconds, kind)."""
    scale = Scale([ms for _, ms, _ in values], HEIGHT - BOTTOM, TOP)
    start, end = values[0][0], max(when for when, _, _ in values)
    across = Across(start, end, "s")
    stride = max(1, len(values) // _POINTS)
    slow = sorted(values, key=lambda value: -value[1])[:20]
    kept = values if stride == 1 else [*values[::stride], *slow]
    points = tuple(Point(x=across.place(when), y=scale.place(ms), kind=kind) for when, ms, kind in kept)
    return Chart(title=title, points=points, bottom=across.ticks(), left=scale.ticks())


def courses(title: str, series: Mapping[str, Sequence[tuple[float, float]]], *, logarithmic: bool) -> Chart:
    """Return figures over time, one line each: name → (seconds, figure)."""
    every = [point for points in series.values() for point in points]
    values = [value for _, value in every]
    up: Axis = Scale(values, HEIGHT - BOTTOM, TOP) if logarithmic else Upward(max(values))
    across = Across(min(when for when, _ in every), max(when for when, _ in every), "s")
    lines = tuple(
        (name, " ".join(f"{across.place(when)},{up.place(value)}" for when, value in points))
        for name, points in series.items()
    )
    return Chart(title=title, lines=lines, bottom=across.ticks(), left=up.ticks())


class Upward:
    """A linear axis from the floor, 0, to the top."""

    def __init__(self, most: float) -> None:
        """Fit what lies between 0 and ``most``."""
        self._most = max(most, 1e-9)

    def place(self, value: float) -> float:
        """Return where a figure lies."""
        floor = HEIGHT - BOTTOM
        return round(floor - (floor - TOP) * value / self._most, 1)

    def ticks(self) -> tuple[Tick, ...]:
        """Return three labels."""
        return tuple(Tick(at=self.place(self._most * part), label=f"{self._most * part:,.3g}") for part in (0, 0.5, 1))


class Across:
    """A linear axis from left to right, counted from its start."""

    def __init__(self, start: float, end: float, unit: str) -> None:
        """Fit what lies between ``start`` and ``end``."""
        self._start, self._span, self._unit = start, max(end - start, 1e-9), unit

    def place(self, value: float) -> float:
        """Return where a moment lies."""
        return round(LEFT + (WIDTH - 8 - LEFT) * (value - self._start) / self._span, 1)

    def ticks(self) -> tuple[Tick, ...]:
        """Return five labels."""
        parts = [self._span * part / 4 for part in range(5)]
        return tuple(Tick(at=self.place(self._start + part), label=f"{part:.3g} {self._unit}") for part in parts)
