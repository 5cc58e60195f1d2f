"""The report for people at a terminal: the broken claim first, the denominator always."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from pixelproof import loading
from pixelproof.causes import Cause, causes
from pixelproof.contract import Claim, Json
from pixelproof.curl import located
from pixelproof.origin import local_key, serve_command
from pixelproof.recording import Record
from pixelproof.revision import changes_of, judged_by
from pixelproof.verdict import CaseVerdict, ClaimVerdict, Verdict, claim_verdicts

from .spending import spending

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
#: Cases named of one cause, and changed verdicts of a record judged again; the rest is counted.
_NAMED_CASES = 6
_NAMED_CHANGES = 20


def render(record: Record, *, verbose: bool = False, colour: bool = False, width: int = 110) -> str:
    """Return the report as text; control characters of a server's answer are made visible."""
    page = _Page(record, width=max(60, width), colour=colour)
    page.judged_again()
    page.findings(Verdict.ERROR, "errors of pixelproof itself", verbose=verbose)
    page.findings(Verdict.FAIL, "broken promises", verbose=verbose)
    page.findings(Verdict.WARN, "warnings", verbose=verbose)
    page.way_back()
    page.readings()
    page.waivers()
    page.not_run()
    if verbose:
        page.cases()
    page.claims()
    page.ending()
    return page.text()


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

    def findings(self, verdict: Verdict, title: str, *, verbose: bool) -> None:
        found = causes(self._record.verdicts, self._record.exchanges, verdict)
        claims = {claim for cause in found for claim in cause.claims}
        if not found:
            return
        named = title if len(claims) != 1 else _SINGULAR.get(title, title)
        behind = f", {len(found)} cause{'s' if len(found) != 1 else ''}" if len(found) != len(claims) else ""
        self._line(f"{len(claims)} {named}{behind}", "bold underline")
        for cause in found:
            self._cause(cause, _STYLES[verdict.value], verbose=verbose)

    def way_back(self) -> None:
        """Say how to start the server of the curls again, where it was a mock of ours."""
        command = serve_command(self._record.header)
        if command is None or not any(line.curl for line in self._record.verdicts):
            return
        self._line("to send a curl again: the mock of this run is gone, start it with", "bold underline")
        self._line(f"  {command}")
        profile = str(self._record.header.get("profile"))
        if profile in loading.profiles():
            self._line(f"  export PIXELPROOF_KEY={local_key(loading.shipped(profile))}")
        self._line("")

    def judged_again(self) -> None:
        """Say by what a record was judged again, and which verdicts are others now."""
        if "judged_again" not in self._record.header:
            return
        changes, versions = changes_of(self._record), judged_by(self._record)
        self._line("judged again", "bold underline")
        for name, (then, now) in versions.items():
            self._line(f"  {name.replace('_', ' ')}: {then[:16]} then, {now[:16]} now")
        if not versions:
            self._line("  by the same rules and the same contract")
        self._line(f"  {len(changes) or 'no'} verdict{'s' if len(changes) != 1 else ''} changed")
        for change in changes[:_NAMED_CHANGES]:
            self._line(f"    {change.claim}  {change.case} ({change.rule}): {change.then} then, {change.now} now")
        if len(changes) > _NAMED_CHANGES:
            self._line(f"    … and {len(changes) - _NAMED_CHANGES} more", "dim")
        self._line("")

    def readings(self) -> None:
        seen = {(line.claim, line.got) for line in self._record.verdicts if line.verdict is Verdict.AMBIGUOUS}
        if not seen:
            return
        self._line("readings of what the documents leave open", "bold underline")
        for claim, got in sorted(seen):
            self._line(f"  {claim}  {got}", "cyan")
        self._line("")

    def waivers(self) -> None:
        """Say what became of the waivers: those that rot fail the run."""
        told = (self._record.end or {}).get("waivers")
        rows = told if isinstance(told, dict) else {}
        kinds = (("stale", "fails no more: delete it"), ("expired", "is past its date: mend it or renew it"))
        found = [(name, says) for kind, says in kinds for name in _names(rows.get(kind))]
        idle = _names(rows.get("not_exercised"))
        if not found and not idle:
            return
        self._line("waivers", "bold underline")
        for name, says in found:
            self._line(f"  ✗ {name} {says}", "bold red")
        for name in idle:
            self._line(f"  {name} was not exercised: nothing of it was judged in this run", "dim")
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

    def _cause(self, cause: Cause, style: str, *, verbose: bool) -> None:
        for claim in cause.claims:
            self._line(f"  ✗ {claim}  {self._statement(claim)}", style)
            if claim in self._claims:
                self._line(f"    source  {self._claims[claim].source}", "dim")
        first, *others = cause.shown
        if others:
            self._line(f"    {cause.said()}", "bold")
        for line in (first, *others) if verbose else (first,):
            self._finding(line)
        if others and not verbose:
            named = ", ".join(line.case for line in others[:_NAMED_CASES])
            more = f" and {len(others) - _NAMED_CASES} more" if len(others) > _NAMED_CASES else ""
            self._line(f"    also    {named}{more} (-v shows all)", "dim")
        self._line("")

    def _finding(self, line: CaseVerdict) -> None:
        self._line(f"    case    {line.case}  ({line.rule})")
        self._line(f"    wanted  {line.wanted}", "green")
        self._line(f"    got     {line.got}", "red")
        for row in located(line.curl, str(self._record.path.parent)).splitlines():
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


def _figures(record: Record) -> str:
    end = record.end or {}
    folded = claim_verdicts(record.verdicts)
    whole = {"pass", "ambiguous", "warn", "fail", "waived"}
    judged = sum(claim.verdict in whole for claim in folded.values())
    total = len(set(folded) | set(_texts(record, "unjudged")))
    requests = f"{end.get('requests')} requests + {end.get('downloads', 0)} downloads"
    return f"{judged} of {total} obligations judged whole · {requests} · {spending(record)} · {end.get('duration_s')} s"


def _texts(record: Record, key: str) -> tuple[str, ...]:
    return _names((record.end or {}).get(key))


def _names(value: Json) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _visible(text: str) -> str:
    # also C1 controls, turned text and lone surrogates: a terminal obeys some, and cannot print others
    return "".join(char if char.isprintable() or char == "\t" else repr(char)[1:-1] for char in text)
