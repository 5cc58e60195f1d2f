"""Findings, grouped by what is behind them: the claim, what was wanted, what came, and how to see it again."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pixelproof.contract import Json
from pixelproof.findings.causes import Cause, causes
from pixelproof.record.recording import Record
from pixelproof.verdict import CaseVerdict, Verdict

from .limits import PAGE
from .marks import Mark, anchor, mark
from .sources import Told
from .summary import trimmed
from .traffic import Desk, Shown

#: Causes shown, and further cases listed of one; the rest is counted.
_CAUSES, _CASES = 150, 60
_TITLES: Mapping[Verdict, str] = {
    Verdict.ERROR: "Errors of pixelproof itself",
    Verdict.FAIL: "Broken promises",
    Verdict.WARN: "Warnings",
    Verdict.WAIVED: "Waived",
}
_WORDS = re.compile(r"\s+|[^\W_]+(?:[._-][^\W_]+)*|.", re.DOTALL)
#: Longer texts are compared by eye.
_COMPARED = 400

#: A text in pieces: whether a piece differs from the other side, and the piece.
Pieces = tuple[tuple[bool, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One case that shows a cause."""

    case: str
    rule: str
    anchor: str
    wanted: Pieces
    got: Pieces
    curl: str
    #: False for a command that was too long to be shown whole.
    whole: bool
    cost: str
    waiver: str
    exchanges: tuple[Shown, ...]
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTold:
    """A claim as it heads a finding."""

    id: str
    level: str
    anchor: str
    told: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseShown:
    """One cause on the page."""

    anchor: str
    mark: Mark
    #: Parameters that all its requests share.
    shared: str
    claims: tuple[ClaimTold, ...]
    first: Finding
    others: tuple[Finding, ...]
    more: int

    @property
    def brief(self) -> str:
        """Return what was wanted and what came, in one line."""
        wanted, got = ("".join(text for _, text in pieces) for pieces in (self.first.wanted, self.first.got))
        return f"{wanted} → {got}" if wanted else got


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """All causes of one gravity."""

    title: str
    mark: Mark
    causes: tuple[CauseShown, ...]
    more: int

    @property
    def count(self) -> int:
        """Return how many causes there are, shown or not."""
        return len(self.causes) + self.more


def groups(record: Record, told: Mapping[str, Told], desk: Desk) -> tuple[Group, ...]:
    """Return what was found, the gravest first."""
    return tuple(_groups(record, told, desk))


def _groups(record: Record, told: Mapping[str, Told], desk: Desk) -> Iterator[Group]:
    prices = costs(record)
    for kind, title in _TITLES.items():
        found = causes(record.verdicts, record.exchanges, kind)
        if found:
            shown = tuple(
                _cause(cause, f"{kind.value}-{number}", told, desk, prices)
                for number, cause in enumerate(found[:_CAUSES], start=1)
            )
            yield Group(title=title, mark=mark(kind.value), causes=shown, more=len(found) - len(shown))


def costs(record: Record) -> Mapping[str, str]:
    """Return what each case costs by the document, by case; what was wrongly served costs what it would have."""
    served = {(exchange.case, exchange.step) for exchange in record.exchanges if exchange.ok}
    sums: dict[str, Decimal] = {}
    for line in record.sent:
        case = str(line.get("case"))
        price = amount_of(line.get("price"))
        worst = amount_of(line.get("worst")) if (case, line.get("step")) in served else price
        sums[case] = sums.get(case, Decimal(0)) + max(price, worst)
    cost = (record.end or {}).get("cost")
    code = f" {cost.get('currency')}" if isinstance(cost, dict) else ""
    return {case: f"{trimmed(f'{amount:f}')}{code}" if amount else "nothing" for case, amount in sums.items()}


def amount_of(text: Json) -> Decimal:
    """Return an amount of a record, 0 for what is none."""
    try:
        amount = Decimal(str(text))
    except InvalidOperation:
        return Decimal(0)
    return amount if amount.is_finite() and abs(amount.adjusted()) < 30 else Decimal(0)  # noqa: PLR2004 - longer than any wallet


def _cause(cause: Cause, name: str, told: Mapping[str, Told], desk: Desk, prices: Mapping[str, str]) -> CauseShown:
    first, *others = cause.shown
    levels = {line.claim: line.level for line in cause.lines}
    claims = tuple(
        ClaimTold(id=claim, level=levels[claim], anchor=anchor("claim", claim), told=told.get(claim, Told()))
        for claim in cause.claims
    )
    return CauseShown(
        anchor=anchor("finding", name),
        mark=mark(cause.verdict.value),
        shared=cause.said().partition(": ")[2],
        claims=claims,
        first=_finding(first, desk, prices, traffic=True),
        others=tuple(_finding(line, desk, prices, traffic=False) for line in others[:_CASES]),
        more=max(0, len(others) - _CASES),
    )


def _finding(line: CaseVerdict, desk: Desk, prices: Mapping[str, str], *, traffic: bool) -> Finding:
    wanted, got = compared(line.wanted, line.got)
    numbers = (line.shown,) if line.shown else line.exchanges[-1:]
    return Finding(
        case=line.case,
        rule=line.rule,
        anchor=anchor("case", line.case),
        wanted=wanted,
        got=got,
        curl=line.curl,
        whole=len(line.curl) < PAGE.command,
        cost=prices.get(line.case, ""),
        waiver=line.waiver,
        exchanges=tuple(shown for seq in numbers if (shown := desk.shown(seq)) is not None) if traffic else (),
        others=max(0, len(line.exchanges) - len(numbers)),
    )


def compared(wanted: str, got: str) -> tuple[Pieces, Pieces]:
    """Return both texts in pieces, with what differs told apart where they have something in common."""
    if not wanted or not got or max(len(wanted), len(got)) > _COMPARED:
        return ((False, wanted),), ((False, got),)
    one, other = _WORDS.findall(wanted), _WORDS.findall(got)
    matcher = difflib.SequenceMatcher(a=one, b=other, autojunk=False)
    if matcher.ratio() < 0.5:  # noqa: PLR2004 - less in common than not: marks would only disturb
        return ((False, wanted),), ((False, got),)
    left: list[tuple[bool, str]] = []
    right: list[tuple[bool, str]] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        left.append((tag != "equal", "".join(one[a:b])))
        right.append((tag != "equal", "".join(other[c:d])))
    return _kept(left), _kept(right)


def _kept(pieces: list[tuple[bool, str]]) -> Pieces:
    return tuple(piece for piece in pieces if piece[1])
