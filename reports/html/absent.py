"""What is no finding and still has to be said: readings, what was not judged, waivers, a second judgement."""

from __future__ import annotations

from dataclasses import dataclass

from pixelproof.contract import Json
from pixelproof.record.recording import Record
from pixelproof.record.revision import Change, changes_of, judged_by
from pixelproof.verdict import Verdict

from .marks import anchor

#: Rows of each list.
_ROWS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRun:
    """Why checks of some claims were not run, and what would supply them."""

    reason: str
    what: str
    hint: str
    claims: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asides:
    """What stands behind the findings."""

    readings: tuple[tuple[str, str, str], ...]
    not_run: tuple[NotRun, ...]
    #: What became of waivers: whether it fails the run, and the sentence.
    waivers: tuple[tuple[bool, str], ...]
    versions: tuple[tuple[str, str, str], ...]
    changes: tuple[Change, ...] | None


def asides(record: Record) -> Asides:
    """Return what else a record says."""
    seen = {(line.claim, line.got) for line in record.verdicts if line.verdict is Verdict.AMBIGUOUS}
    again = "judged_again" in record.header
    return Asides(
        readings=tuple((claim, anchor("claim", claim), got) for claim, got in sorted(seen)[:_ROWS]),
        not_run=_not_run(record),
        waivers=_waivers(record),
        versions=tuple((name.replace("_", " "), *pair) for name, pair in judged_by(record).items()),
        changes=changes_of(record)[:_ROWS] if again else None,
    )


def _not_run(record: Record) -> tuple[NotRun, ...]:
    reasons: dict[tuple[str, str, str], set[str]] = {}
    for line in record.verdicts:
        if line.verdict is Verdict.NOT_RUN and line.reason:
            reasons.setdefault((line.reason, line.got, line.hint), set()).add(line.claim)
    return tuple(
        NotRun(
            reason=reason, what=what, hint=hint, claims=tuple((name, anchor("claim", name)) for name in sorted(claims))
        )
        for (reason, what, hint), claims in sorted(reasons.items())[:_ROWS]
    )


def _waivers(record: Record) -> tuple[tuple[bool, str], ...]:
    told = (record.end or {}).get("waivers")
    rows = told if isinstance(told, dict) else {}
    kinds = (
        ("stale", True, "fails no more: delete it"),
        ("expired", True, "is past its date: mend it or renew it"),
        ("not_exercised", False, "was not exercised: nothing of it was judged in this run"),
    )
    return tuple((grave, f"{name} {says}") for kind, grave, says in kinds for name in _names(rows.get(kind)))


def _names(value: Json) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
