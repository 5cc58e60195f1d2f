"""The report for people at a terminal: the broken claim first, the denominator always."""

from __future__ import annotations

import io
import json
import textwrap
from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from pixelproof import loading
from pixelproof.contract import Json
from pixelproof.exchange import Exchange, Role
from pixelproof.findings.causes import Cause, causes
from pixelproof.findings.curl import located
from pixelproof.record.origin import local_key, serve_command
from pixelproof.record.recording import Record
from pixelproof.record.revision import changes_of, judged_by
from pixelproof.verdict import CaseVerdict, ClaimVerdict, Verdict, claim_verdicts

from .absences import absences
from .headline import Headline, headline
from .legible import legible
from .statements import known_claims, names, source, statement

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
#: Characters of a body in an exchange that is shown, and columns that a text has at least.
_BODY, _NARROWEST = 800, 30


def render(record: Record, *, verbose: bool = False, colour: bool = False, width: int = 110) -> str:
    """Return the report as text: compact unless ``verbose``; odd characters of an answer are made visible."""
    page = _Page(legible(record), width=max(60, width), colour=colour, verbose=verbose)
    page.judged_again()
    page.findings(Verdict.ERROR, "errors of pixelproof itself")
    page.findings(Verdict.FAIL, "broken promises")
    page.findings(Verdict.WARN, "warnings")
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
    def __init__(self, record: Record, *, width: int, colour: bool, verbose: bool) -> None:
        self._record = record
        self._verbose = verbose
        self._width = width
        self._claims = known_claims(record)
        self._exchanges = {item.seq: item for item in record.exchanges} if verbose else {}
        self._file = io.StringIO()
        self._console = Console(
            file=self._file,
            width=width,
            force_terminal=colour,
            no_color=not colour,
            # logs of CI take colours although they are no terminal
            color_system="standard" if colour else None,
            highlight=False,
            soft_wrap=True,
        )

    def text(self) -> str:
        return self._file.getvalue()

    def findings(self, verdict: Verdict, title: str) -> None:
        found = causes(self._record.verdicts, self._record.exchanges, verdict)
        claims = {claim for cause in found for claim in cause.claims}
        if not found:
            return
        named = title if len(claims) != 1 else _SINGULAR.get(title, title)
        behind = f", {len(found)} cause{'s' if len(found) != 1 else ''}" if len(found) != len(claims) else ""
        self._line(f"{len(claims)} {named}{behind}", "bold underline")
        for cause in found:
            self._cause(cause, _STYLES[verdict.value])

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
            self._said(f"  {claim}  ", got, "cyan")
        self._line("")

    def waivers(self) -> None:
        """Say what became of the waivers: those that rot fail the run."""
        told = (self._record.end or {}).get("waivers")
        rows = told if isinstance(told, dict) else {}
        kinds = (("stale", "fails no more: delete it"), ("expired", "is past its date: mend it or renew it"))
        found = [(name, says) for kind, says in kinds for name in names(rows.get(kind))]
        idle = names(rows.get("not_exercised"))
        if not found and not idle:
            return
        self._line("waivers", "bold underline")
        for name, says in found:
            self._line(f"  ✗ {name} {says}", "bold red")
        for name in idle:
            self._line(f"  {name} was not exercised: nothing of it was judged in this run", "dim")
        self._line("")

    def not_run(self) -> None:
        found = [one for one in absences(self._record) if one.reason]
        if not found:
            return
        self._line("not run", "bold underline")
        for one in found:
            self._said(f"  {one.reason}: ", f"{one.what}  [{', '.join(one.claims)}]", "dim")
            if one.hint:
                self._said("    supply it: ", one.hint, "dim")
        self._line("")

    def cases(self) -> None:
        self._line("cases", "bold underline")
        for line in self._record.verdicts:
            self._line(
                f"  {line.verdict.value:<14} {line.claim}  {line.case}  {line.rule}", _STYLES[line.verdict.value]
            )
        self._line("")

    def claims(self) -> None:
        """Say of every claim what came of it; those that are kept whole are counted, unless all is asked for."""
        self._line("claims", "bold underline")
        folded = claim_verdicts(self._record.verdicts)
        width = max((len(name) for name in folded), default=0)
        kept = [] if self._verbose else [claim for claim in folded.values() if claim.verdict == Verdict.PASS.value]
        for claim in folded.values():
            if claim not in kept:
                self._claim(claim, width)
        if kept:
            share = f"{sum(claim.judged for claim in kept)}/{sum(claim.planned for claim in kept)}"
            told = f"{len(kept)} claim{'s' if len(kept) != 1 else ''} kept, {share} checks (-v lists them): "
            self._said("  ", told + ", ".join(claim.claim for claim in kept), _STYLES["pass"])
        absent = [name for name in _texts(self._record, "unjudged") if name not in folded]
        if absent:
            self._said("  ", f"not planned in this run: {', '.join(absent)}", "dim")
        self._line("")

    def ending(self) -> None:
        """End with outcome, requests, money and time, in one line."""
        end, told = self._record.end, headline(self._record)
        if end is None:
            text = f"INCOMPLETE: the run was cut, this record has no last line · {told.figures()}"
            self._line(text, "bold red")
            return
        good = {"conformant": "bold green", "partial": "bold yellow"}
        style = good.get(told.outcome, "bold red")
        if end.get("note"):
            self._said("  ", str(end["note"]), style)
        self._line(_last(told), style)

    def _cause(self, cause: Cause, style: str) -> None:
        for claim in cause.claims:
            self._said(f"  ✗ {claim}  ", statement(self._claims, claim), style)
            if source(self._claims, claim):
                self._said("    source  ", source(self._claims, claim), "dim")
        first, *others = cause.shown
        if others:
            self._line(f"    {cause.said()}", "bold")
        for line in (first, *others) if self._verbose else (first,):
            self._finding(line)
        if others and not self._verbose:
            named = ", ".join(line.case for line in others[:_NAMED_CASES])
            more = f" and {len(others) - _NAMED_CASES} more" if len(others) > _NAMED_CASES else ""
            self._said("    also    ", f"{named}{more} (-v shows all)", "dim")
        self._line("")

    def _finding(self, line: CaseVerdict) -> None:
        self._line(f"    case    {line.case}  ({line.rule})")
        self._said("    wanted  ", line.wanted, "green")
        self._said("    got     ", line.got, "red")
        for row in located(line.curl, str(self._record.path.parent)).splitlines():
            self._line(f"      {row}", "dim")
        for number in line.exchanges:
            if number in self._exchanges:
                self._exchange(self._exchanges[number])

    def _exchange(self, exchange: Exchange) -> None:
        """Show what was sent and what came, each in a line."""
        request, response = exchange.request, exchange.response
        if exchange.role is Role.BALANCE:
            self._line(
                f"    exchange {exchange.seq}  {exchange.step}: wallet {json.dumps(dict(exchange.facts))}", "dim"
            )
            return
        came = f"no answer ({exchange.error})" if response is None else f"{response.status}"
        self._line(
            f"    exchange {exchange.seq}  {request.method} {request.url} → {came} in {exchange.elapsed_s} s", "dim"
        )
        self._body(">", request.body if request.raw is None else request.raw)
        if response is not None:
            self._body("<", response.body if response.is_json else response.text)

    def _body(self, sign: str, body: Json) -> None:
        text = body if isinstance(body, str) else "" if body is None else json.dumps(body, ensure_ascii=False)
        if text:
            cut = text if len(text) <= _BODY else f"{text[:_BODY]}… ({len(text)} characters)"
            self._line(f"      {sign} {cut}".replace("\n", "\\n"), "dim")

    def _claim(self, claim: ClaimVerdict, width: int) -> None:
        share = f"{claim.judged}/{claim.planned}"
        text = f"  {claim.claim:<{width}}  {claim.verdict:<14} {share:>7}  {statement(self._claims, claim.claim)}"
        self._line(text if self._verbose else self._cut(text), _STYLES.get(claim.verdict, ""))

    def _cut(self, text: str) -> str:
        return text if len(text) <= self._width else f"{text[: self._width - 1]}…"

    def _said(self, before: str, text: str, style: str) -> None:
        """Print a text within the width, its further lines under its first."""
        room = max(_NARROWEST, self._width - len(before))
        rows = textwrap.wrap(_visible(text), room, break_long_words=False, break_on_hyphens=False) or [""]
        for start, row in zip([before, *[" " * len(before)] * (len(rows) - 1)], rows, strict=True):
            self._line(start + row, style)

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(Text(_visible(text), style=style))


def _last(told: Headline) -> str:
    judged = f"{told.judged} of {told.total} obligations judged whole"
    return f"{told.profile} {told.tier} · {judged} · {told.figures()} · {told.outcome}"


def _texts(record: Record, key: str) -> tuple[str, ...]:
    return names((record.end or {}).get(key))


def _visible(text: str) -> str:
    # also C1 controls, turned text and lone surrogates: a terminal obeys some, and cannot print others
    return "".join(char if char.isprintable() or char == "\t" else repr(char)[1:-1] for char in text)
