"""The report for people at a terminal: the broken claim first, the denominator always."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from pixelproof import loading
from pixelproof.contract import Claim
from pixelproof.recording import Record
from pixelproof.verdict import CaseVerdict, ClaimVerdict, Verdict, claim_verdicts

_STYLES: Mapping[str, str] = {
    "pass": "green",
    "ambiguous": "cyan",
    "partial": "yellow",
    "warn": "yellow",
    "waived": "magenta",
    "fail": "bold red",
    "error": "bold red",
    "not-run": "dim",
    "not-applicable": "dim",
}
_SINGULAR: Mapping[str, str] = {"broken promises": "broken promise", "warnings": "warning"}
#: Cases shown for one broken claim; the rest is counted.
_SHOWN_CASES = 3


def render(record: Record, *, verbose: bool = False, colour: bool = False, width: int = 110) -> str:
    """Return the report as text; control characters of a server's answer are made visible."""
    page = _Page(record, width=max(60, width), colour=colour)
    page.findings(Verdict.ERROR, "errors of pixelproof itself")
    page.findings(Verdict.FAIL, "broken promises")
    page.findings(Verdict.WARN, "warnings")
    page.readings()
    page.not_run()
    if verbose:
        page.cases()
    page.claims()
    page.ending()
    return page.text()


@dataclass(frozen=True, slots=True)
class _Group:
    """The findings of one claim."""

    claim: str
    lines: tuple[CaseVerdict, ...]


class _Page:
    def __init__(self, record: Record, *, width: int, colour: bool) -> None:
        self._record = record
        self._claims = _known_claims(record)
        self._file = io.StringIO()
        self._console = Console(
            file=self._file, width=width, force_terminal=colour, no_color=not colour, highlight=False, soft_wrap=True
        )

    def text(self) -> str:
        return self._file.getvalue()

    def findings(self, verdict: Verdict, title: str) -> None:
        groups = _grouped(line for line in self._record.verdicts if line.verdict is verdict)
        if not groups:
            return
        self._line(f"{len(groups)} {title if len(groups) != 1 else _SINGULAR.get(title, title)}", "bold underline")
        for group in groups:
            self._group(group, _STYLES[verdict.value])

    def readings(self) -> None:
        seen = {(line.claim, line.got) for line in self._record.verdicts if line.verdict is Verdict.AMBIGUOUS}
        if not seen:
            return
        self._line("readings of what the documents leave open", "bold underline")
        for claim, got in sorted(seen):
            self._line(f"  {claim}  {got}", "cyan")
        self._line("")

    def not_run(self) -> None:
        reasons: dict[tuple[str, str, str], set[str]] = {}
        for line in self._record.verdicts:
            if line.verdict is Verdict.NOT_RUN and line.reason:
                reasons.setdefault((line.reason, line.got, line.hint), set()).add(line.claim)
        if not reasons:
            return
        self._line("not run", "bold underline")
        for (reason, what, hint), claims in sorted(reasons.items()):
            self._line(f"  {reason}: {what}  [{', '.join(sorted(claims))}]", "dim")
            if hint:
                self._line(f"    supply it: {hint}", "dim")
        self._line("")

    def cases(self) -> None:
        self._line("cases", "bold underline")
        for line in self._record.verdicts:
            self._line(
                f"  {line.verdict.value:<14} {line.claim}  {line.case}  {line.rule}", _STYLES[line.verdict.value]
            )
        self._line("")

    def claims(self) -> None:
        self._line("claims", "bold underline")
        folded = claim_verdicts(self._record.verdicts)
        width = max((len(name) for name in folded), default=0)
        for claim in folded.values():
            self._claim(claim, width)
        absent = [name for name in _texts(self._record, "unjudged") if name not in folded]
        if absent:
            self._line(f"  not planned in this run: {', '.join(absent)}", "dim")
        self._line("")

    def ending(self) -> None:
        end, header = self._record.end, self._record.header
        if end is None:
            self._line("INCOMPLETE: the run was cut, this record has no last line", "bold red")
            return
        outcome = str(end.get("outcome", ""))
        style = "bold green" if outcome == "conformant" else "bold yellow" if outcome == "partial" else "bold red"
        self._line(f"{header.get('profile')} {header.get('tier')} · {_figures(self._record)} · {outcome}", style)
        if end.get("note"):
            self._line(f"  {end['note']}", style)

    def _group(self, group: _Group, style: str) -> None:
        self._line(f"  ✗ {group.claim}  {self._statement(group.claim)}", style)
        if group.claim in self._claims:
            self._line(f"    source  {self._claims[group.claim].source}", "dim")
        for line in _telling(group.lines)[:_SHOWN_CASES]:
            self._finding(line)
        if len(group.lines) > _SHOWN_CASES:
            self._line(f"    … and {len(group.lines) - _SHOWN_CASES} more cases: --format junit lists all", "dim")
        self._line("")

    def _finding(self, line: CaseVerdict) -> None:
        self._line(f"    case    {line.case}  ({line.rule})")
        self._line(f"    wanted  {line.wanted}", "green")
        self._line(f"    got     {line.got}", "red")
        for row in _shortened(line.curl).splitlines():
            self._line(f"      {row}", "dim")

    def _claim(self, claim: ClaimVerdict, width: int) -> None:
        share = f"{claim.judged}/{claim.planned}"
        text = f"  {claim.claim:<{width}}  {claim.verdict:<14} {share:>7}  {self._statement(claim.claim)}"
        self._line(text, _STYLES.get(claim.verdict, ""))

    def _statement(self, name: str) -> str:
        claim = self._claims.get(name)
        return claim.statement if claim else ""

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(Text(_visible(text), style=style))


@dataclass(frozen=True, slots=True)
class _Told:
    """What a record tells about a claim."""

    statement: str
    source: str


def _known_claims(record: Record) -> Mapping[str, Claim | _Told]:
    """Return the claims that a record speaks of: as it tells them, else as they are shipped today."""
    known: dict[str, Claim | _Told] = {**_told_claims(record)}
    seen = {line.claim for line in record.verdicts} | set(_texts(record, "unjudged"))
    own = str(record.header.get("profile"))
    for profile in sorted(loading.profiles(), key=lambda profile: profile != own):
        if seen <= set(known):
            break
        known = {**loading.shipped(profile).claims, **known}
    return known


def _told_claims(record: Record) -> Mapping[str, _Told]:
    told = record.header.get("claims")
    return {
        name: _Told(str(row.get("statement", "")), str(row.get("source", "")))
        for name, row in (told.items() if isinstance(told, dict) else ())
        if isinstance(row, dict)
    }


def _grouped(lines: Iterable[CaseVerdict]) -> list[_Group]:
    groups: dict[str, list[CaseVerdict]] = {}
    for line in lines:
        groups.setdefault(line.claim, []).append(line)
    return [_Group(claim, tuple(found)) for claim, found in groups.items()]


def _telling(lines: tuple[CaseVerdict, ...]) -> list[CaseVerdict]:
    """Return the lines with one of each kind of finding first: what is broken differently is shown."""
    seen: set[tuple[str, str]] = set()
    first: list[CaseVerdict] = []
    rest: list[CaseVerdict] = []
    for line in lines:
        kind = (line.rule, line.case.rpartition("/")[2].partition("=")[0])
        (rest if kind in seen else first).append(line)
        seen.add(kind)
    return first + rest


def _figures(record: Record) -> str:
    end = record.end or {}
    folded = claim_verdicts(record.verdicts)
    whole = {"pass", "ambiguous", "warn", "fail", "waived"}
    judged = sum(claim.verdict in whole for claim in folded.values())
    total = len(set(folded) | set(_texts(record, "unjudged")))
    cost = end.get("cost")
    money = f"{cost.get('amount')} {cost.get('currency')}" if isinstance(cost, dict) else ""
    requests = f"{end.get('requests')} requests + {end.get('downloads', 0)} downloads"
    return f"{judged} of {total} obligations judged whole · {requests} · {money} spent · {end.get('duration_s')} s"


def _texts(record: Record, key: str) -> tuple[str, ...]:
    found = (record.end or {}).get(key)
    return tuple(str(item) for item in found) if isinstance(found, list) else ()


def _shortened(curl: str, limit: int = 600) -> str:
    return curl if len(curl) <= limit else curl[:limit] + f"… ({len(curl)} characters, whole in run.jsonl)"


def _visible(text: str) -> str:
    # also C1 controls, turned text and lone surrogates: a terminal obeys some, and cannot print others
    return "".join(char if char.isprintable() or char == "\t" else repr(char)[1:-1] for char in text)
