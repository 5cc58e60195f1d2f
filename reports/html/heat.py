"""Which model with which value of which parameter: one cell for each pair that was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pixelproof.contract import Json
from pixelproof.exchange import Exchange, Role
from pixelproof.record.recording import Record
from pixelproof.verdict import Verdict, worst

from .marks import Mark, anchor, gravity, mark

#: Parameters whose values say nothing by themselves.
_FREE = frozenset({"prompt", "user", "model", "safety_identifier", "seed"})
_MODELS, _VALUES, _PARAMETERS, _TEXT = 16, 24, 24, 40
#: Column of requests that name no model.
_NO_MODEL = "no model named"


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What was seen of one model with one value: the verdict of each case, and whether any was served."""

    cases: dict[str, Verdict]
    served: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One model with one value; ``bad`` of ``cases`` are as its mark says."""

    mark: Mark
    sign: str
    bad: int
    cases: int
    says: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One value of a parameter across the models."""

    value: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """The map: columns, and rows by parameter."""

    models: tuple[str, ...]
    parameters: tuple[tuple[str, tuple[Row, ...]], ...]
    more: int


def heat(record: Record) -> Heat | None:
    """Return the map of a record, None where no request named a parameter."""
    verdicts: dict[str, list[Verdict]] = {}
    for line in record.verdicts:
        if line.verdict.judged:
            verdicts.setdefault(line.case, []).append(line.verdict)
    seen: dict[tuple[str, str], dict[str, _Seen]] = {}
    models: dict[str, None] = {}
    for exchange in record.exchanges:
        judged = verdicts.get(exchange.case)
        if judged is None:
            continue
        for model, name, value in _named(exchange):
            models[model] = None
            cell = seen.setdefault((name, value), {}).setdefault(model, _Seen(cases={}))
            cell.cases[exchange.case] = worst(judged)
            cell.served = cell.served or exchange.ok
    return _drawn(seen, models) if seen else None


def _named(exchange: Exchange) -> Iterator[tuple[str, str, str]]:
    body = exchange.request.body
    if exchange.role is not Role.API or not isinstance(body, dict):
        return
    model = body.get("model")
    column = _told(model) if model is not None else _NO_MODEL
    for name, value in body.items():
        if name not in _FREE and not isinstance(value, dict | list):
            yield column, name, _told(value)


def _told(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    text = text or '""'
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"


def _drawn(seen: Mapping[tuple[str, str], Mapping[str, _Seen]], models: Iterable[str]) -> Heat:
    columns = _columns(seen, models)
    rows: dict[str, list[Row]] = {}
    left = 0
    for (name, value), cells in sorted(
        seen.items(), key=lambda item: (item[0][0], not _served(item[1]), _sorting(item[0][1]))
    ):
        own = rows.get(name, [])
        if len(own) >= _VALUES or (name not in rows and len(rows) >= _PARAMETERS):
            left += 1
            continue
        if any(model in cells for model in columns):
            row = Row(value=value, cells=tuple(_cell(cells.get(model)) for model in columns))
            rows.setdefault(name, own).append(row)
    return Heat(models=columns, parameters=tuple((name, tuple(found)) for name, found in rows.items()), more=left)


def _columns(seen: Mapping[tuple[str, str], Mapping[str, _Seen]], models: Iterable[str]) -> tuple[str, ...]:
    """Return the models, the most asked first; made-up ones, of which every request was rightly refused, are none."""
    own = {model: [row[model] for row in seen.values() if model in row] for model in models}
    made_up = {model for model, cells in own.items() if not any(map(_tells, cells))}
    kept = [model for model in own if model not in made_up] or list(own)
    return tuple(sorted(kept, key=lambda model: -len(own[model]))[:_MODELS])


def _tells(cell: _Seen) -> bool:
    return cell.served or worst(cell.cases.values()) is not Verdict.PASS


def _served(row: Mapping[str, _Seen]) -> bool:
    return any(cell.served for cell in row.values())


def _sorting(value: str) -> tuple[int, float, str]:
    try:
        return 0, float(value), value
    except ValueError:
        return 1, 0.0, value


def _cell(seen: _Seen | None) -> Cell | None:
    if seen is None:
        return None
    joined = worst(seen.cases.values())
    graver = sorted(seen.cases, key=lambda case: gravity(seen.cases[case].value))
    sign = mark(joined.value)
    refused = joined is Verdict.PASS and not seen.served
    bad = sum(verdict is joined for verdict in seen.cases.values())
    what = "refused, as it should be" if refused else sign.word
    return Cell(
        mark=sign,
        sign="⊘" if refused else sign.sign,
        bad=bad,
        cases=len(seen.cases),
        says=f"{what} in {bad} of {len(seen.cases)} case{'s' if len(seen.cases) != 1 else ''}",
        anchor=anchor("case", graver[0]),
    )
