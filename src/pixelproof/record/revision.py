"""What a second judgement of a record changed: by what it was judged then and now, and which verdicts are others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pixelproof.record.recording import Record
from pixelproof.verdict import CaseVerdict

#: What of the first line says by what was judged.
JUDGED_BY = ("tool_version", "rules_version", "contract_sha256", "level")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A verdict that is another one today."""

    claim: str
    rule: str
    case: str
    then: str
    now: str


def changes_of(record: Record) -> tuple[Change, ...]:
    """Return what a record that was judged again says has changed."""
    again = record.header.get("judged_again")
    rows = again.get("changes") if isinstance(again, dict) else None
    return tuple(Change(**row) for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()  # type: ignore[arg-type]  # the schema of the record fixes the types


def judged_by(record: Record) -> dict[str, tuple[str, str]]:
    """Return what is judged by another version today: name → (then, now)."""
    again = record.header.get("judged_again")
    then = again.get("then") if isinstance(again, dict) else None
    if not isinstance(then, dict):
        return {}
    pairs = {name: (str(then.get(name)), str(record.header.get(name))) for name in JUDGED_BY}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def changed(then: Iterable[CaseVerdict], now: Iterable[CaseVerdict]) -> list[Change]:
    """Return every verdict that is another one now."""
    before = {(line.claim, line.rule, line.case): line.verdict.value for line in then}
    after = {(line.claim, line.rule, line.case): line.verdict.value for line in now}
    return [
        Change(claim=key[0], rule=key[1], case=key[2], then=before.get(key, "absent"), now=after.get(key, "absent"))
        for key in dict.fromkeys((*before, *after))
        if before.get(key) != after.get(key)
    ]
