"""The first and the last line of every report: what came of a run, with its denominator, time and money."""

from __future__ import annotations

from dataclasses import dataclass

from pixelproof.record.recording import Record
from pixelproof.verdict import Tally, Verdict, claim_verdicts

from .spending import spending
from .statements import names

#: Verdicts of a claim of which all that was planned was judged.
_WHOLE = frozenset({"pass", "ambiguous", "warn", "fail", "waived"})
#: Outcome of a record that has no last line.
INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What came of a run, in figures."""

    profile: str
    tier: str
    target: str
    #: ``conformant``, ``findings`` … as the record says, ``incomplete`` without a last line.
    outcome: str
    #: Claims with at least one verdict *fail*.
    broken: int
    errors: int
    #: Claims judged whole, and all that were to be judged.
    judged: int
    total: int
    counts: dict[str, int]
    requests: str
    money: str
    seconds: str

    def sentence(self) -> str:
        """Return the outcome in words, for a title or a badge."""
        if self.outcome == INCOMPLETE:
            return INCOMPLETE
        if self.errors:
            return f"{self.errors} error{'s' if self.errors != 1 else ''} of pixelproof"
        if self.broken:
            return f"{self.broken} broken promise{'s' if self.broken != 1 else ''}"
        return self.outcome

    def figures(self) -> str:
        """Return requests, money and time, for the last line."""
        return " · ".join(
            part for part in (self.requests, self.money, f"{self.seconds} s" if self.seconds else "") if part
        )


def headline(record: Record) -> Headline:
    """Return what came of a run."""
    end, header = record.end, record.header
    tally = Tally.of(record.verdicts)
    folded = claim_verdicts(record.verdicts)
    return Headline(
        profile=str(header.get("profile", "")),
        tier=str(header.get("tier", "")),
        target=str(header.get("target", "")),
        outcome=INCOMPLETE if end is None else str(end.get("outcome", "")),
        broken=len({line.claim for line in record.verdicts if line.verdict is Verdict.FAIL}),
        errors=tally.of_kind(Verdict.ERROR),
        judged=sum(claim.verdict in _WHOLE for claim in folded.values()),
        total=len(set(folded) | set(names((end or {}).get("unjudged")))),
        counts=dict(tally.counts),
        requests=_requests(record),
        money=spending(record),
        seconds="" if end is None else str(end.get("duration_s", "")),
    )


def _requests(record: Record) -> str:
    if record.end is None:
        roles = [exchange.role.value for exchange in record.exchanges]
        return f"{roles.count('api')} requests + {roles.count('image')} downloads"
    return f"{record.end.get('requests')} requests + {record.end.get('downloads', 0)} downloads"
