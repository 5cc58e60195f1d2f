"""Why checks were not run, each reason once: what was missing, what supplies it, which claims it kept open."""

from __future__ import annotations

from dataclasses import dataclass

from pixelproof.record.recording import Record
from pixelproof.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """One reason for which checks of some claims were not run."""

    reason: str
    what: str
    #: What supplies it, empty where nothing does.
    hint: str
    claims: tuple[str, ...]


def absences(record: Record) -> tuple[Absence, ...]:
    """Return the reasons of a record, in order."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for line in record.verdicts:
        if line.verdict is Verdict.NOT_RUN:
            found.setdefault((line.reason, line.got, line.hint), set()).add(line.claim)
    return tuple(
        Absence(reason=reason, what=what, hint=hint, claims=tuple(sorted(claims)))
        for (reason, what, hint), claims in sorted(found.items())
    )
