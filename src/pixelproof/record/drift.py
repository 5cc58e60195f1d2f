"""One target then and now: which findings are new, which are gone, and what cannot be said.

A finding is known by claim, rule and case. What was not judged on one side is no change, and
where rules or contract changed between two runs another verdict proves nothing about the target.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pixelproof.record.recording import Record
from pixelproof.verdict import CaseVerdict, Verdict, worst

#: What of the first line says by what a run was judged.
_TERMS = ("rules_version", "contract_sha256")
_FOUND = frozenset({Verdict.FAIL, Verdict.WAIVED})
_ABSENT = "absent"

Key = tuple[str, str, str]


class Trend(StrEnum):
    """What became of a finding between two runs."""

    NEW = "new"
    FIXED = "fixed"
    UNCHANGED = "unchanged"
    #: Found, and somebody accepted it.
    ACCEPTED = "accepted"
    #: One of both runs did not come to it, or could not judge it.
    NOT_JUDGED = "not judged there"
    #: Judged by other rules or another contract: the verdict is another one, the target may be the same.
    INCOMPARABLE = "not comparable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """One finding of either run. ``then`` and ``now`` are verdicts, or ``absent``."""

    claim: str
    rule: str
    case: str
    trend: Trend
    then: str
    now: str
    #: Of the run that found it, the later one where both did.
    wanted: str = ""
    got: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Everything that became of the findings of two runs of one target."""

    before: Record
    after: Record
    #: What both runs were judged by differently: ``rules_version``, ``contract_sha256``.
    changed_terms: tuple[str, ...]
    findings: tuple[Drifted, ...]

    def of(self, trend: Trend) -> tuple[Drifted, ...]:
        """Return the findings of one trend."""
        return tuple(item for item in self.findings if item.trend is trend)


def drift(before: Record, after: Record) -> Drift:
    """Hold a run against an earlier one of the same target."""
    terms = tuple(name for name in _TERMS if before.header.get(name) != after.header.get(name))
    then, now = _by_key(before.verdicts), _by_key(after.verdicts)
    found = (
        _drifted(key, then.get(key, ()), now.get(key, ()), comparable=not terms) for key in dict.fromkeys((*now, *then))
    )
    return Drift(
        before=before, after=after, changed_terms=terms, findings=tuple(item for item in found if item is not None)
    )


def _by_key(lines: Iterable[CaseVerdict]) -> Mapping[Key, tuple[CaseVerdict, ...]]:
    grouped: dict[Key, list[CaseVerdict]] = {}
    for line in lines:
        grouped.setdefault((line.claim, line.rule, line.case), []).append(line)
    return {key: tuple(found) for key, found in grouped.items()}


def _drifted(
    key: Key, then: tuple[CaseVerdict, ...], now: tuple[CaseVerdict, ...], *, comparable: bool
) -> Drifted | None:
    was, is_now = _joined(then), _joined(now)
    trend = _trend(was, is_now, comparable=comparable)
    if trend is None:
        return None
    shown = next((line for line in (*now, *then) if line.verdict in _FOUND), (*now, *then)[0])
    return Drifted(
        claim=key[0],
        rule=key[1],
        case=key[2],
        trend=trend,
        then=was.value if was else _ABSENT,
        now=is_now.value if is_now else _ABSENT,
        wanted=shown.wanted,
        got=shown.got,
    )


def _joined(lines: tuple[CaseVerdict, ...]) -> Verdict | None:
    # a waiver accepts what was found: beside it a mere warning does not hide it
    if any(line.verdict is Verdict.WAIVED for line in lines) and not any(
        line.verdict in {Verdict.FAIL, Verdict.ERROR} for line in lines
    ):
        return Verdict.WAIVED
    return worst(line.verdict for line in lines) if lines else None


def _trend(then: Verdict | None, now: Verdict | None, *, comparable: bool) -> Trend | None:
    """Return what became of a finding, None where neither run has one or nothing was decided anew."""
    if then not in _FOUND and now not in _FOUND:
        return None
    if not _decided(then) or not _decided(now):
        return Trend.NOT_JUDGED
    if now is Verdict.WAIVED:
        return Trend.UNCHANGED if then is Verdict.WAIVED else Trend.ACCEPTED
    if then in _FOUND and now in _FOUND:
        return Trend.UNCHANGED
    if not comparable:
        return Trend.INCOMPARABLE
    return Trend.NEW if now in _FOUND else Trend.FIXED


def _decided(verdict: Verdict | None) -> bool:
    """Tell whether a run says anything about the target; our own crash does not."""
    return verdict is not None and verdict.judged and verdict is not Verdict.ERROR
