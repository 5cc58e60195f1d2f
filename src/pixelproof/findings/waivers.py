"""Waivers: findings that somebody accepted, with a reason, a ticket and an end.

A waiver that no longer matches anything is stale, one past its date is expired: both
fail the run, so that the list cannot rot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from pixelproof.contract import Json
from pixelproof.documents.document import Document, nearest, read
from pixelproof.verdict import CaseVerdict, Verdict

#: What ``waivers write`` puts where a reason belongs; a file with it is refused.
PLACEHOLDER = "TODO"
_KEYS = frozenset({"claim", "rule", "case", "reason", "ticket", "expires", "flaky"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One accepted finding: a claim or a rule, over a glob of cases."""

    reason: str
    claim: str | None = None
    rule: str | None = None
    #: A glob over case ids, or several.
    case: str | tuple[str, ...] = "*"
    ticket: str = ""
    expires: date | None = None
    #: It comes and goes: a passing case does not make the waiver stale.
    flaky: bool = False
    line: int = 0

    def covers(self, verdict: CaseVerdict) -> bool:
        """Tell whether a verdict is of what this waiver names."""
        of_claim = self.claim is None or self.claim == verdict.claim
        of_rule = self.rule is None or self.rule == verdict.rule
        return of_claim and of_rule and any(fnmatchcase(verdict.case, glob) for glob in self.globs)

    @property
    def globs(self) -> tuple[str, ...]:
        """Return the globs over case ids."""
        return (self.case,) if isinstance(self.case, str) else self.case

    def named(self) -> str:
        """Name the waiver for a person."""
        case = self.globs[0] if len(self.globs) == 1 else f"{self.globs[0]} and {len(self.globs) - 1} more"
        return f"{self.claim or self.rule} {case} ({self.reason}{', ' + self.ticket if self.ticket else ''})"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverReport:
    """What became of the waivers of a run."""

    stale: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()
    not_exercised: tuple[str, ...] = ()


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """Read a waiver file. Raises BadDocument with file, line and what to do."""
    return waivers_of(read(path))


def waivers_of(document: Document, *, drafts: bool = False) -> tuple[Waiver, ...]:
    """Return the waivers of a document; ``drafts`` may still have placeholders for reasons. Raises BadDocument."""
    rows = document.value.get("waivers")
    if not isinstance(rows, list) or set(document.value) - {"waivers"}:
        raise document.broken(("waivers",), "the file needs one list 'waivers'", "start with 'waivers:'")
    return tuple(_waiver(document, index, row, drafts=drafts) for index, row in enumerate(rows))


def waived(verdict: CaseVerdict, waivers: Iterable[Waiver], today: date) -> CaseVerdict:
    """Return a finding as waived when a waiver in force covers it, else unchanged."""
    if verdict.verdict not in {Verdict.FAIL, Verdict.WARN}:
        return verdict
    for waiver in waivers:
        if waiver.covers(verdict) and not _expired(waiver, today):
            return replace(verdict, verdict=Verdict.WAIVED, waiver=waiver.named())
    return verdict


def report(waivers: Iterable[Waiver], verdicts: Iterable[CaseVerdict], today: date) -> WaiverReport:
    """Say which waivers are stale, expired, or were not exercised by a run."""
    seen = tuple(verdicts)
    found = [(waiver, [line.verdict for line in seen if waiver.covers(line)]) for waiver in waivers]
    return WaiverReport(
        expired=tuple(waiver.named() for waiver, _ in found if _expired(waiver, today)),
        stale=tuple(waiver.named() for waiver, hits in found if not waiver.flaky and _stale(hits)),
        not_exercised=tuple(w.named() for w, hits in found if not any(hit.judged for hit in hits)),
    )


def _stale(hits: list[Verdict]) -> bool:
    judged = [hit for hit in hits if hit.judged]
    return bool(judged) and all(hit in {Verdict.PASS, Verdict.AMBIGUOUS} for hit in judged)


def _expired(waiver: Waiver, today: date) -> bool:
    return waiver.expires is not None and waiver.expires < today


def _waiver(document: Document, index: int, row: Json, *, drafts: bool) -> Waiver:
    path = ("waivers", index)
    if not isinstance(row, dict):
        raise document.broken(path, "must be a map", "give claim, case and reason")
    for key in row:
        if key not in _KEYS:
            raise document.broken((*path, key), f"'{key}' is unknown here", nearest(key, _KEYS))
    reason = _text(row, "reason")
    if not reason:
        raise document.broken(path, "a waiver needs a reason", "say why this finding is accepted")
    if reason.startswith(PLACEHOLDER) and not drafts:
        raise document.broken((*path, "reason"), "is still the placeholder", "say why this finding is accepted")
    if not (row.get("claim") or row.get("rule")):
        raise document.broken(path, "a waiver names a claim or a rule", "for example claim: AIV-05")
    return Waiver(
        reason=reason,
        claim=_text(row, "claim") or None,
        rule=_text(row, "rule") or None,
        case=_globs(row.get("case")),
        ticket=_text(row, "ticket"),
        expires=_date(document, index, row),
        flaky=row.get("flaky") is True,
        line=document.line(path),
    )


def _globs(value: Json) -> str | tuple[str, ...]:
    if isinstance(value, list) and value:
        return tuple(str(glob) for glob in value)
    return "*" if value is None or isinstance(value, list) else str(value) or "*"


def _text(row: Mapping[str, Json], key: str) -> str:
    value = row.get(key)
    return "" if value is None else str(value)


def _date(document: Document, index: int, row: Mapping[str, Json]) -> date | None:
    value = row.get("expires")
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        where = ("waivers", index, "expires")
        raise document.broken(where, f"'{value}' is no date", "for example 2027-01-31") from None
