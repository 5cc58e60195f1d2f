"""What the requests of a run cost and took, by operation and model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from pixelproof.contract import Json
from pixelproof.exchange import Exchange, Role
from pixelproof.planning.case import Poll, Send, Together
from pixelproof.record.recording import Conducted, Record

#: Stands for a request that names no model.
_NO_MODEL = "(none)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Served requests of one operation and model.

    Durations are seconds until the answer was there; of a task until it was final, where the time of
    the run was real.
    """

    operation: str
    model: str
    requests: int
    median_s: float
    p95_s: float
    #: The documented price of one image, least and most, in the currency of the run; None where none is known.
    least: Decimal | None = None
    most: Decimal | None = None
    currency: str = ""


def figures(record: Record) -> tuple[Figure, ...]:
    """Return a figure for each operation and model that was served, in order of name."""
    operations = dict(_operations(record.cases))
    prices = {(str(line.get("case")), str(line.get("step"))): _price(line) for line in record.sent}
    finals = dict(_finals(record))
    took: dict[tuple[str, str], list[float]] = {}
    paid: dict[tuple[str, str], list[Decimal]] = {}
    for exchange in record.exchanges:
        operation = operations.get((exchange.case, exchange.step))
        if operation is None or not exchange.ok or exchange.role is not Role.API:
            continue
        key = operation, _model(exchange, record.cases.get(exchange.case))
        final = finals.get((exchange.case, exchange.step))
        waited = _seconds(exchange.at, final.at) if final is not None else 0.0
        took.setdefault(key, []).append(round(exchange.elapsed_s + waited, 4))
        price = prices.get((exchange.case, exchange.step))
        if price:
            paid.setdefault(key, []).append(price)
    cost = (record.end or {}).get("cost")
    code = str(cost.get("currency", "")) if isinstance(cost, dict) else ""
    return tuple(_figure(key, sorted(took[key]), paid.get(key, []), code) for key in sorted(took))


def _figure(key: tuple[str, str], took: list[float], paid: list[Decimal], currency: str) -> Figure:
    return Figure(
        operation=key[0],
        model=key[1],
        requests=len(took),
        median_s=took[(len(took) - 1) // 2],
        p95_s=took[-(-len(took) * 95 // 100) - 1],
        least=min(paid, default=None),
        most=max(paid, default=None),
        currency=currency if paid else "",
    )


def _operations(cases: Mapping[str, Conducted]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the operation of every step that sends a request."""
    for name, conducted in cases.items():
        for step in conducted.case.steps:
            sends = step.sends if isinstance(step, Together) else (step,)
            yield from (((name, send.name), send.operation) for send in sends if isinstance(send, Send))


def _finals(record: Record) -> Iterator[tuple[tuple[str, str], Exchange]]:
    """Yield the last look at the task of every step, unless somebody moved the clock meanwhile."""
    judging = record.header.get("judging")
    if not isinstance(judging, dict) or judging.get("real_time") is not True:
        return
    last = {(item.case, item.step): item for item in record.exchanges if item.role is Role.API}
    for name, conducted in record.cases.items():
        polls = (step for step in conducted.case.steps if isinstance(step, Poll) and step.until_final)
        yield from (((name, poll.of), last[name, poll.name]) for poll in polls if (name, poll.name) in last)


def _seconds(begun: str, ended: str) -> float:
    try:
        return max(0.0, (datetime.fromisoformat(ended) - datetime.fromisoformat(begun)).total_seconds())
    except (TypeError, ValueError):  # changed by hand
        return 0.0


def _model(exchange: Exchange, conducted: Conducted | None) -> str:
    body = exchange.request.body
    named = body.get("model") if isinstance(body, dict) else None
    known = conducted.case.model if conducted is not None else None
    return named if isinstance(named, str) else known or _NO_MODEL


def _price(line: Mapping[str, Json]) -> Decimal | None:
    """Return the documented price of one image of a paid call, None where the line names none."""
    images = line.get("images")
    try:
        price = Decimal(str(line.get("price")))
    except InvalidOperation:
        return None
    share = price / images if isinstance(images, int) and images > 0 else price
    return share if price.is_finite() and price > 0 else None
