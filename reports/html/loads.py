"""A load: how fast, how often it failed, and whether the money was right; from its figures alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pixelproof.contract import Json
from pixelproof.record.loadrecord import RESULT
from pixelproof.record.recording import Record

from ..reader import Reader
from .charts import Chart, courses

#: Bytes of a result that are read, rows of its course, offences and examples shown.
_BYTES, _SLOTS, _OFFENCES, _EXAMPLES = 1 << 20, 300, 50, 10
_SHARES = ("p50_ms", "p95_ms", "p99_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence:
    """One kind of wrong money, with examples."""

    title: str
    count: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One load as a page shows it."""

    kind: str
    verdict: str
    figures: tuple[tuple[str, str], ...]
    reconciliation: tuple[tuple[str, str, str], ...]
    offences: tuple[Offence, ...]
    missed: tuple[str, ...]
    limit: str
    charts: tuple[Chart, ...]


def load_of(record: Record, reader: Reader) -> Load | None:
    """Return the load of a record, None where there is none: one through a gateway, else what stands beside it."""
    found = (exchange.facts.get("load") for exchange in record.exchanges)
    through = next((figures for figures in found if isinstance(figures, dict)), None)
    figures = through if through is not None else _beside(record.path.parent)
    return load(figures, reader) if figures else None


def _beside(folder: Path) -> Mapping[str, Json]:
    try:
        with (folder / RESULT).open("rb") as file:
            figures = json.loads(file.read(_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return figures if isinstance(figures, dict) else {}


def load(figures: Mapping[str, Json], reader: Reader) -> Load:
    """Return a load for a page from its figures."""
    told = figures.get("reconciliation")
    money = told if isinstance(told, dict) else {}
    missed = figures.get("missed")
    misses = tuple(reader.text(item, 300) for item in islice(missed, _OFFENCES)) if isinstance(missed, list) else ()
    kind, verdict = _verdict(money.get("exact"))
    return Load(
        kind="fail" if misses else kind,
        verdict=f"{verdict}, and thresholds were missed" if misses else verdict,
        figures=tuple(_figures(figures, reader)),
        reconciliation=tuple(_reconciled(money, reader.text(figures.get("currency", "")), reader)),
        offences=tuple(_offences(money.get("offences"), reader)),
        missed=misses,
        limit=_limit(figures.get("limit"), reader),
        charts=tuple(_charts(figures.get("over_time"))),
    )


def _verdict(exact: Json) -> tuple[str, str]:
    if exact is None:
        return "not-run", "Nobody could look at the money"
    return ("pass", "Every amount is accounted for") if exact is True else ("fail", "The money is not exact")


def _figures(figures: Mapping[str, Json], reader: Reader) -> Iterator[tuple[str, str]]:
    yield "Requests", _number(figures.get("requests"))
    yield "Throughput", _number(figures.get("throughput"), " a second")
    for name in _SHARES:
        yield name.removesuffix("_ms"), _number(figures.get(name), " ms")
    share = figures.get("error_share")
    yield "Not served", f"{share:.2%}" if isinstance(share, int | float) else "—"
    yield "Took", _number(figures.get("seconds"), " s")
    yield "Profile, seed", f"{reader.text(figures.get('profile', ''))}, {_number(figures.get('seed'))}"


def _number(value: Json, unit: str = "") -> str:
    return f"{value:,}{unit}" if isinstance(value, int | float) else "—"


def _limit(value: Json, reader: Reader) -> str:
    """Say what a search for the limit found, empty where none was made."""
    if not isinstance(value, dict):
        return ""
    rate = value.get("rate")
    because = reader.text(value.get("because") or "", 600)
    if not isinstance(rate, int | float):
        return f"The search for the limit found none: {because or 'every rate was broken'}."
    breaks = value.get("breaks_at")
    above = f" It breaks at {breaks:,}: {because}." if isinstance(breaks, int | float) else ""
    return f"All thresholds were kept up to {rate:,} requests a second.{above}"


def _reconciled(money: Mapping[str, Json], currency: str, reader: Reader) -> Iterator[tuple[str, str, str]]:
    rows = {
        "ok": ("Served", "their documented price is owed"),
        "refused": ("Refused", "nothing is owed"),
        "unknown": ("Unknown", "no whole answer came: all or nothing may be owed"),
        "unknown_charged": ("Unknown and charged", "in full, by the ledger"),
        "difference": ("Difference", f"in smallest units of {currency}, that nobody can account for"),
        "by": ("Judged by", "entries of the ledgers, or totals of the wallets"),
    }
    for name, (title, what) in rows.items():
        value = money.get(name)
        told = _number(value) if not isinstance(value, str) else reader.text(value)
        yield title, told, what


def _offences(value: Json, reader: Reader) -> Iterator[Offence]:
    for row in islice(value, _OFFENCES) if isinstance(value, list) else ():
        if isinstance(row, dict):
            claims, examples = row.get("claims"), row.get("examples")
            named = ", ".join(reader.text(claim) for claim in islice(claims, 20)) if isinstance(claims, list) else ""
            shown = islice(examples, _EXAMPLES) if isinstance(examples, list) else ()
            yield Offence(
                title=f"{reader.text(row.get('what', ''))} ({named or 'no claim of this document'})",
                count=_number(row.get("count")),
                examples=tuple(reader.text(item, 300) for item in shown),
            )


def _charts(value: Json) -> Iterator[Chart]:
    rows = [row for row in islice(value, _SLOTS) if isinstance(row, dict)] if isinstance(value, list) else []
    speed = _series(rows, "throughput")
    if len(speed) > 1:
        yield courses("Answers a second", {"throughput": speed}, logarithmic=False)
    found = {name.removesuffix("_ms"): _series(rows, name) for name in _SHARES}
    drawn = {name: series for name, series in found.items() if len(series) > 1}
    if drawn:
        yield courses("How long answers took", drawn, logarithmic=True)


def _series(rows: Sequence[Mapping[str, Json]], name: str) -> list[tuple[float, float]]:
    """Return what a figure was when: (seconds from the begin, figure)."""
    pairs = ((row.get("from_s"), row.get(name)) for row in rows)
    return [
        (float(at), float(value))
        for at, value in pairs
        if isinstance(at, int | float) and isinstance(value, int | float)
    ]
