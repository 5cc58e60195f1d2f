"""A comparison of runs as sheets: the tables that a terminal and a Markdown page both show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pixelproof.porting import Effect, Port
from pixelproof.record.comparison import Column, Comparison, Row
from pixelproof.record.drift import Drift, Drifted, Trend
from pixelproof.record.measuring import Figure
from pixelproof.verdict import ClaimVerdict

from .headline import headline

#: What a caller meets who moves, in the order of gravity.
EFFECTS: Mapping[Effect, str] = {
    Effect.BREAKS: "breaks",
    Effect.COSTS: "costs",
    Effect.DIFFERS: "differs silently",
    Effect.SETUP: "to set",
}
#: What is shown of them unless all is asked for.
_GRAVE = frozenset({Effect.BREAKS, Effect.COSTS})
_TERMS = {"rules_version": "rules", "contract_sha256": "contract"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table with a title, and sentences below it."""

    title: str
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


def sheets(comparison: Comparison, *, verbose: bool = False) -> tuple[Sheet, ...]:
    """Return the sheets of a comparison; claims on which all runs agree are counted unless ``verbose``."""
    letters = tuple(column.letter for column in comparison.columns)
    found = [
        _runs(comparison.columns),
        *(_drifted(before, after, what) for before, after, what in comparison.drifts),
        _matrix("claims", letters, comparison.claims, verbose=verbose),
    ]
    if comparison.rules:
        found.append(
            _matrix("rules: what one promise of each profile has in common", letters, comparison.rules, verbose=verbose)
        )
    found.append(_performance(comparison.columns))
    found += [_moved(port, verbose=verbose) for port in comparison.ports]
    return tuple(sheet for sheet in found if sheet.rows or sheet.notes)


def _runs(columns: Iterable[Column]) -> Sheet:
    return Sheet(
        title="runs",
        headings=("", "run", "tier", "outcome", "judged", "broken", "figures"),
        rows=tuple(_run(column) for column in columns),
    )


def _run(column: Column) -> tuple[str, ...]:
    told = headline(column.record)
    judged = f"{told.judged}/{told.total}"
    return column.letter, column.label, told.tier, told.outcome, judged, str(told.broken), told.figures()


def _matrix(title: str, letters: tuple[str, ...], rows: tuple[Row, ...], *, verbose: bool) -> Sheet:
    shown = [row for row in rows if verbose or row.differs]
    alike = len(rows) - len(shown)
    notes = (f"{alike} more on which all that judged them agree (-v shows them)",) if alike else ()
    return Sheet(
        title=title,
        headings=(title.partition(":")[0].removesuffix("s"), *letters, "promise"),
        rows=tuple((row.name, *map(_cell, row.cells), row.statement) for row in shown),
        notes=notes,
    )


def _cell(claim: ClaimVerdict | None) -> str:
    return "—" if claim is None else f"{claim.verdict} {claim.judged}/{claim.planned}"


def _performance(columns: tuple[Column, ...]) -> Sheet:
    known = {(figure.operation, figure.model): None for column in columns for figure in column.figures}
    rows = []
    for operation, model in sorted(known):
        cells = []
        for column in columns:
            figure = next((one for one in column.figures if (one.operation, one.model) == (operation, model)), None)
            cells.append("—" if figure is None else _figure(figure))
        rows.append((operation, model, *cells))
    return Sheet(
        title="price of an image as documented, and time to the answer, of a task until it is final (median, 95 %)",
        headings=("operation", "model", *(column.letter for column in columns)),
        rows=tuple(rows),
    )


def _figure(figure: Figure) -> str:
    price = _amounts(figure.least, figure.most, figure.currency)
    return f"{price}; {figure.median_s:.3f} s, {figure.p95_s:.3f} s of {figure.requests}"


def _amounts(least: Decimal | None, most: Decimal | None, currency: str) -> str:
    if least is None or most is None:
        return "no price"
    span = short(least) if least == most else f"{short(least)}-{short(most)}"
    return f"{span} {currency}"


def short(amount: Decimal) -> str:
    """Return an amount without needless zeros, to a millionth."""
    return f"{amount.quantize(Decimal('0.000001')).normalize():f}"


def _drifted(before: Column, after: Column, what: Drift) -> Sheet:
    """Return what became of the findings of one target, in a table and in sentences."""
    order = (Trend.NEW, Trend.INCOMPARABLE, Trend.FIXED, Trend.ACCEPTED, Trend.UNCHANGED, Trend.NOT_JUDGED)
    rows = tuple(
        (item.trend.value, item.claim, item.case, item.rule, f"{item.then} → {item.now}", _said(item))
        for trend in order
        for item in what.of(trend)
    )
    counts = ", ".join(f"{len(what.of(trend))} {trend.value}" for trend in order)
    return Sheet(
        title=f"drift from {before.letter} to {after.letter}: {after.label}",
        headings=("", "claim", "case", "rule", "verdict", "wanted and got"),
        rows=rows,
        notes=(counts, *terms(what)),
    )


def terms(what: Drift) -> Iterator[str]:
    """Say what two runs were judged by differently, and what to do about it."""
    if not what.changed_terms:
        return
    names = " and ".join(_TERMS[name] for name in what.changed_terms)
    count = len(what.of(Trend.INCOMPARABLE))
    yield f"{names} changed: {count} verdict{'s' if count != 1 else ''} not comparable"
    if count:
        yield "judge the older run by today's first: pixelproof judge OLD -o FOLDER"


def _said(item: Drifted) -> str:
    return f"wanted {item.wanted}; got {item.got}" if item.trend is not Trend.FIXED and item.wanted else ""


def _moved(port: Port, *, verbose: bool) -> Sheet:
    before, after = port.request.before, port.request.after
    shown = {effect: title for effect, title in EFFECTS.items() if verbose or effect in _GRAVE}
    rows = tuple(
        (title, change.subject, change.before, change.after, change.do)
        for effect, title in shown.items()
        for change in port.of(effect)
    )
    left = sum(len(port.of(effect)) for effect in EFFECTS if effect not in shown)
    more = (f"{left} more that differ silently or are to be set (-v shows them)",) if left else ()
    return Sheet(
        title=f"to move from {before.profile} to {after.profile}",
        headings=("", "what", "before", "after", "do"),
        rows=rows,
        notes=(
            *more,
            f"all of it, with requests and prices: pixelproof specs diff {before.profile} {after.profile}",
        ),
    )
