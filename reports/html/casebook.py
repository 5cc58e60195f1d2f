"""Claims with their checks, and cases with their traffic: everything that was judged, to search and filter."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from itertools import islice

from pixelproof.exchange import Role
from pixelproof.record.recording import Record
from pixelproof.verdict import CaseVerdict, ClaimVerdict

from .findings import costs
from .marks import Mark, anchor, gravity, joined, mark
from .sources import Told
from .summary import unplanned
from .traffic import Desk, Shown, brief

#: Checks and cases listed on one page, the gravest first; the rest is counted and stays in the record.
_CHECKS, _CASES = 12_000, 1_000
#: Checks listed of one claim.
_OF_CLAIM = 250
#: Exchanges listed of one case.
_EXCHANGES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckShown:
    """One rule applied to one case for one claim."""

    mark: Mark
    claim: str
    case: str
    rule: str
    #: Of its case; empty where that found no room.
    anchor: str
    claim_anchor: str
    #: What it says beside the verdict: wanted and got, or why it was not run.
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimShown:
    """One claim with its checks."""

    id: str
    anchor: str
    mark: Mark
    level: str
    judged: int
    planned: int
    told: Told
    checks: tuple[CheckShown, ...]
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseShown:
    """One case with its checks and what went to and fro."""

    id: str
    anchor: str
    mark: Mark
    level: str
    claims: str
    brief: str
    cost: str
    checks: tuple[CheckShown, ...]
    exchanges: tuple[Shown, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Casebook:
    """All claims and cases of a record; how many checks and cases found no room."""

    claims: tuple[ClaimShown, ...]
    cases: tuple[CaseShown, ...]
    checks: int
    checks_left: int
    cases_left: int
    levels: tuple[str, ...]


def casebook(record: Record, folded: Mapping[str, ClaimVerdict], told: Mapping[str, Told], desk: Desk) -> Casebook:
    """Return everything that was judged."""
    lines = sorted(record.verdicts, key=lambda line: gravity(line.verdict.value))
    kept = lines[:_CHECKS]
    linked = set(islice(dict.fromkeys(line.case for line in lines), _CASES))
    by_claim: dict[str, list[CheckShown]] = {}
    by_case: dict[str, list[tuple[CaseVerdict, CheckShown]]] = {}
    levels: dict[str, str] = {}
    for line in kept:
        check = _check(line, linked)
        by_claim.setdefault(line.claim, []).append(check)
        by_case.setdefault(line.case, []).append((line, check))
        levels.setdefault(line.claim, line.level)
    for case in desk.by_case:
        by_case.setdefault(case, [])
    prices = costs(record)
    cases = tuple(_case(name, checks, desk, prices) for name, checks in islice(by_case.items(), _CASES))
    return Casebook(
        claims=(*_claims(folded, by_claim, levels, told), *_absent(record, folded, told)),
        cases=cases,
        checks=len(lines),
        checks_left=len(lines) - len(kept),
        cases_left=len(by_case) - len(cases),
        levels=tuple(sorted({line.level for line in lines})),
    )


def _claims(
    folded: Mapping[str, ClaimVerdict],
    by_claim: Mapping[str, list[CheckShown]],
    levels: Mapping[str, str],
    told: Mapping[str, Told],
) -> list[ClaimShown]:
    return [
        ClaimShown(
            id=name,
            anchor=anchor("claim", name),
            mark=mark(claim.verdict),
            level=levels.get(name, ""),
            judged=claim.judged,
            planned=claim.planned,
            told=told.get(name, Told()),
            checks=tuple(by_claim.get(name, ())[:_OF_CLAIM]),
            more=max(0, len(by_claim.get(name, ())) - _OF_CLAIM),
        )
        for name, claim in folded.items()
    ]


def _absent(record: Record, folded: Mapping[str, ClaimVerdict], told: Mapping[str, Told]) -> list[ClaimShown]:
    return [
        ClaimShown(
            id=name,
            anchor=anchor("claim", name),
            mark=mark("not-run"),
            level="",
            judged=0,
            planned=0,
            told=told.get(name, Told()),
            checks=(),
        )
        for name in unplanned(record, folded)
    ]


def _check(line: CaseVerdict, linked: Container[str]) -> CheckShown:
    return CheckShown(
        mark=mark(line.verdict.value),
        claim=line.claim,
        case=line.case,
        rule=line.rule,
        anchor=anchor("case", line.case) if line.case in linked else "",
        claim_anchor=anchor("claim", line.claim),
        says=_says(line),
    )


def _says(line: CaseVerdict) -> str:
    if line.reason:
        return f"{line.reason}: {line.got}" + (f" — {line.hint}" if line.hint else "")
    if line.wanted:
        return f"wanted {line.wanted}; got {line.got}"
    return line.got


def _case(name: str, checks: list[tuple[CaseVerdict, CheckShown]], desk: Desk, prices: Mapping[str, str]) -> CaseShown:
    own = desk.by_case.get(name, [])
    shown = tuple(found for item in own[:_EXCHANGES] if (found := desk.shown(item.seq)) is not None)
    last = next((item for item in reversed(own) if item.role is Role.API), own[-1] if own else None)
    return CaseShown(
        id=name,
        anchor=anchor("case", name),
        mark=joined(line.verdict for line, _ in checks),
        level=" ".join(sorted({line.level for line, _ in checks})),
        claims=" ".join(dict.fromkeys(line.claim for line, _ in checks)),
        brief=brief(last) if last is not None else "nothing was sent",
        cost=prices.get(name, ""),
        checks=tuple(check for _, check in checks),
        exchanges=shown,
        more=len(own) - len(shown),
    )
