"""The answer to a porter as tables for a terminal: one section for each effect, the worst first."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pixelproof.contract import ClaimIds, Contract, wording
from pixelproof.porting import Change, Effect, Outcome, Port, Price, PricePair, Topic, Trial

#: effect → (title, style)
_SECTIONS: Mapping[Effect, tuple[str, str]] = {
    Effect.BREAKS: ("breaks", "bold red"),
    Effect.COSTS: ("costs", "bold yellow"),
    Effect.DIFFERS: ("differs silently", "bold magenta"),
    Effect.SETUP: ("to set", "bold cyan"),
    Effect.WORKS: ("works", "bold green"),
}
#: Marks what no page says.
_OURS = "°"
#: Characters of a line of text; a terminal narrower than this wraps inside the cells.
_NARROWEST = 60


def render(port: Port, effects: tuple[Effect, ...], *, width: int, colour: bool) -> str:
    """Return the sections of some effects and one line of summary."""
    page = _Page(port, width=max(_NARROWEST, width), colour=colour)
    for effect in _SECTIONS:
        if effect in effects:
            page.section(effect)
    page.line(summary(port), "bold")
    return page.text()


def summary(port: Port) -> str:
    """Return one line: how many requests work, differ and break, and how many changes of each effect."""
    counts = ", ".join(
        f"{len(port.of(effect))} {_SECTIONS[effect][0]}" for effect in (Effect.BREAKS, Effect.COSTS, Effect.DIFFERS)
    )
    moved = [pair.times for pair in port.prices if pair.times is not None]
    dearer, cheaper = sum(times > 1 for times in moved), sum(times < 1 for times in moved)
    compared = f"prices: {len(moved) - dearer - cheaper} same, {dearer} dearer, {cheaper} cheaper, "
    compared += f"{len(port.prices) - len(moved)} not comparable"
    refused = sum(not trial.accepted for trial in port.trials)
    broken = port.count(Outcome.BREAKS)
    how = f" ({refused} refused, {broken - refused} answered otherwise)" if broken else ""
    return (
        f"{port.request.before.profile} → {port.request.after.profile}: {len(port.trials)} requests: "
        f"{port.count(Outcome.WORKS)} work, {port.count(Outcome.DIFFERS)} differ silently, {broken} break{how}; "
        f"changes: {counts}; {compared}"
    )


class _Page:
    def __init__(self, port: Port, *, width: int, colour: bool) -> None:
        self._port = port
        self._file = io.StringIO()
        self._console = Console(
            file=self._file, width=width, force_terminal=colour, no_color=not colour, highlight=False
        )

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._file.getvalue().splitlines()) + "\n"

    def line(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style))

    def section(self, effect: Effect) -> None:
        title, style = _SECTIONS[effect]
        self.line(title, style)
        changes = self._port.of(effect)
        told = [change for change in changes if not _silent(change)]
        self._rows(("what", "before", "after", "do", "claims"), (self._change(change) for change in told))
        self._silent_errors(changes)
        if effect is Effect.COSTS:
            headings = ("one image", "values", "before", "after", "times")
            self._rows(headings, _prices(self._port.prices))
            if any(pair.before.assumed or (pair.after and pair.after.assumed) for pair in self._port.prices):
                self.line(f"  {_OURS} the page names no price: the figure is pixelproof's own", "dim")
        else:
            self._requests(effect)
        if effect is Effect.BREAKS:
            self._sentences(told)
        self.line("")

    def _change(self, change: Change) -> tuple[str, ...]:
        models = [name.partition(" → ")[0] for name in change.models]
        subject = f"{change.subject} ({', '.join(models)})" if models else change.subject
        own = _cited(self._port.request.before, change.claims_before)
        there = _cited(self._port.request.after, change.claims_after)
        return subject, change.before, change.after, change.do, " → ".join(part for part in (own, there) if part)

    def _silent_errors(self, changes: Iterable[Change]) -> None:
        names = [change.subject for change in changes if _silent(change)]
        if names:
            self.line(f"  also told otherwise, as far as pages say: {', '.join(dict.fromkeys(names))}", "dim")

    def _requests(self, effect: Effect) -> None:
        found = [trial for trial in self._port.trials if trial.outcome.value == effect.value]
        if found and effect is not Effect.WORKS:
            self._rows(("requests", "why", "for example"), _grouped(found))

    def _sentences(self, changes: Iterable[Change]) -> None:
        for contract, facet in ((self._port.request.before, "before"), (self._port.request.after, "after")):
            ids = (name for change in changes for name in getattr(change, f"claims_{facet}"))
            for name in dict.fromkeys(ids):
                claim = contract.claims.get(name)
                if claim is not None:
                    self.line(f"  {name}  {claim.statement}. {claim.source}", "dim")

    def _rows(self, headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for heading in headings:
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        if table.row_count:
            self._console.print(table)


def _silent(change: Change) -> bool:
    """Tell whether a change is between errors of which a page says nothing: named, not tabled."""
    return change.topic is Topic.ERROR and change.effect is Effect.DIFFERS and change.assumed


def _cited(contract: Contract, ids: ClaimIds) -> str:
    return ", ".join(f"{name}{_OURS}" if wording.is_assumed(contract, (name,)) else name for name in ids)


def _grouped(trials: Iterable[Trial]) -> Iterator[tuple[str, ...]]:
    groups: dict[tuple[str, ...], list[Trial]] = {}
    for trial in trials:
        groups.setdefault(trial.reasons or trial.changes, []).append(trial)
    for why, found in sorted(groups.items(), key=lambda group: -len(group[1])):
        yield str(len(found)), "; ".join(why), wording.request(found[0].body)


def _prices(pairs: Iterable[PricePair]) -> Iterator[tuple[str, ...]]:
    groups: dict[tuple[str, ...], list[PricePair]] = {}
    for pair in pairs:
        instead = ", ".join(f"{name} {value}" for name, value in pair.instead.items())
        after = f"{_amount(pair.after)} as {instead}" if instead and pair.after is not None else _amount(pair.after)
        key = (pair.model, _amount(pair.before), after, _times(pair))
        groups.setdefault(key, []).append(pair)
    for (model, before, after, times), found in groups.items():
        for values in _products([{name: (value,) for name, value in pair.values.items()} for pair in found]):
            yield model, wording.condition(values), before, after, times


def _products(rows: list[dict[str, tuple[str, ...]]]) -> list[dict[str, tuple[str, ...]]]:
    """Return the same combinations in fewer rows: rows that differ in one parameter only become one."""
    for name in rows[0]:
        merged: dict[tuple[tuple[str, ...], ...], dict[str, tuple[str, ...]]] = {}
        for row in rows:
            key = tuple(values for other, values in row.items() if other != name)
            known = merged.setdefault(key, {**row, name: ()})
            known[name] = (*known[name], *row[name])
        rows = list(merged.values())
    return rows


def _amount(price: Price | None) -> str:
    if price is None:
        return "refused"
    return f"{price.currency.show(price.units)}{_OURS if price.assumed else ''}"


def _times(pair: PricePair) -> str:
    if pair.times is None:
        return "" if pair.after is None else "?"
    return "same" if pair.times == 1 else f"{float(pair.times):.2f}"
