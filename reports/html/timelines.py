"""The life of each task, drawn from the looks that were taken at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from pixelproof.exchange import Exchange
from pixelproof.record.recording import Record

from .marks import anchor

#: Tasks drawn; the rest is counted.
_TASKS = 200
#: Width of a drawing in its own units.
WIDTH = 600
_STATES = ("queued", "running", "succeeded", "failed", "canceled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of time in which a task was seen in one state."""

    state: str
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """One task: its stretches, its looks, what it delivered and cost."""

    id: str
    case: str
    anchor: str
    path: str
    state: str
    images: int
    took: str
    stretches: tuple[Stretch, ...]
    looks: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timelines:
    """The tasks of a record."""

    tasks: tuple[Timeline, ...]
    more: int


@dataclass(slots=True)
class _Life:
    case: str
    looks: list[tuple[float, str]] = field(default_factory=list)
    images: int = 0


def timelines(record: Record) -> Timelines | None:
    """Return the tasks of a record, None where it has none."""
    lives: dict[str, _Life] = {}
    for exchange in record.exchanges:
        task = exchange.task()
        name, state = task.get("id"), task.get("state")
        moment = at_s(exchange)
        if isinstance(name, str) and moment is not None:
            life = lives.setdefault(name, _Life(exchange.case))
            life.looks.append((moment, state if isinstance(state, str) and state in _STATES else "unknown"))
            images = task.get("images")
            life.images = len(images) if isinstance(images, list) else life.images
    drawn = tuple(_drawn(name, life) for name, life in list(lives.items())[:_TASKS])
    return Timelines(tasks=drawn, more=len(lives) - len(drawn)) if lives else None


def at_s(exchange: Exchange) -> float | None:
    """Return when an exchange was recorded, in seconds since the epoch; None where it does not say."""
    try:
        return datetime.fromisoformat(exchange.at).timestamp()
    except ValueError:
        return None


def _drawn(name: str, life: _Life) -> Timeline:
    start, end = life.looks[0][0], life.looks[-1][0]
    span = max(end - start, 0.001)
    states = list(dict.fromkeys(state for _, state in life.looks))
    return Timeline(
        id=name,
        case=life.case,
        anchor=anchor("case", life.case),
        path=" → ".join(states),
        state=states[-1],
        images=life.images,
        took=f"{(end - start) * 1000:,.0f} ms" if end - start < 1 else f"{end - start:,.1f} s",
        stretches=tuple(_stretches(life, start, span)),
        looks=tuple(round(WIDTH * (moment - start) / span, 1) for moment, _ in life.looks),
    )


def _stretches(life: _Life, start: float, span: float) -> Iterator[Stretch]:
    """Yield from each look to the next what was seen; the last state is a mark at the end."""
    for (moment, state), (after, _) in zip(life.looks, life.looks[1:], strict=False):
        x = WIDTH * (moment - start) / span
        yield Stretch(state=state, x=round(x, 1), width=round(WIDTH * (after - moment) / span, 1))
    yield Stretch(state=life.looks[-1][1], x=WIDTH, width=14)
