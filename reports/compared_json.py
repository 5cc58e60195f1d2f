"""A comparison of runs as one JSON document, for scripts."""

from __future__ import annotations

import json

from pixelproof.contract import Json
from pixelproof.porting import Port
from pixelproof.record.comparison import Column, Comparison, Row
from pixelproof.record.drift import Drift, Trend
from pixelproof.record.measuring import Figure

from .comparing import EFFECTS, short, terms
from .headline import headline


def render(comparison: Comparison, **_how: object) -> str:
    """Return everything as one JSON document; ``porting`` is what `specs diff --json` prints the whole of."""
    told: dict[str, Json] = {
        "schema": "pixelproof.compare/1",
        "runs": [_run_values(column) for column in comparison.columns],
        "claims": [_row_values(row, comparison.columns) for row in comparison.claims],
        "rules": [_row_values(row, comparison.columns) for row in comparison.rules],
        "drift": [_drift_values(before, after, what) for before, after, what in comparison.drifts],
        "porting": [_port_values(port) for port in comparison.ports],
    }
    return json.dumps(told, indent=1) + "\n"


def _run_values(column: Column) -> dict[str, Json]:
    header, end = column.record.header, column.record.end or {}
    names = ("profile", "target", "tier", "level", "started", "rules_version", "contract_sha256")
    told: dict[str, Json] = {name: header.get(name) for name in names}
    figures: list[Json] = [_figure_values(figure) for figure in column.figures]
    ended: dict[str, Json] = {name: end.get(name) for name in ("requests", "downloads", "cost", "duration_s")}
    return {
        "run": column.letter,
        "label": column.label,
        **told,
        "complete": column.record.end is not None,
        "outcome": headline(column.record).outcome,
        **ended,
        "figures": figures,
    }


def _figure_values(figure: Figure) -> dict[str, Json]:
    return {
        "operation": figure.operation,
        "model": figure.model,
        "requests": figure.requests,
        "median_s": figure.median_s,
        "p95_s": figure.p95_s,
        "image_price": None
        if figure.least is None or figure.most is None
        else {"least": short(figure.least), "most": short(figure.most), "currency": figure.currency},
    }


def _row_values(row: Row, columns: tuple[Column, ...]) -> dict[str, Json]:
    cells: dict[str, Json] = {
        column.letter: None
        if cell is None
        else {"verdict": cell.verdict, "judged": cell.judged, "planned": cell.planned}
        for column, cell in zip(columns, row.cells, strict=True)
    }
    return {"name": row.name, "statement": row.statement, "differs": row.differs, "verdicts": cells}


def _drift_values(before: Column, after: Column, what: Drift) -> dict[str, Json]:
    findings: dict[str, Json] = {
        trend.name.lower(): [
            {name: getattr(item, name) for name in ("claim", "rule", "case", "then", "now", "wanted", "got")}
            for item in what.of(trend)
        ]
        for trend in Trend
    }
    return {
        "from": before.letter,
        "to": after.letter,
        "changed": list(what.changed_terms),
        "notes": list(terms(what)),
        **findings,
    }


def _port_values(port: Port) -> dict[str, Json]:
    return {
        "from": port.request.before.profile,
        "to": port.request.after.profile,
        "changes": [
            {
                "effect": change.effect.value,
                "subject": change.subject,
                "before": change.before,
                "after": change.after,
                "do": change.do,
            }
            for effect in EFFECTS
            for change in port.of(effect)
        ],
    }
