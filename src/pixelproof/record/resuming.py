"""Going on with a run that was cut: what of its record stands, and what may be asked again.

What was judged is not asked again. A case that was paid for and not brought to its end is never
paid for a second time: it is judged when every step was taken, else it is not run.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pixelproof.contract import Contract, Json
from pixelproof.exchange import Exchange, Role
from pixelproof.problems import BadUsage
from pixelproof.record.recording import Conducted, Record
from pixelproof.strategies import Plan
from pixelproof.verdict import CaseVerdict, Verdict

#: Before the case of exchanges that belong to a case which is begun anew.
INTERRUPTED = "interrupted/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What earlier parts of a run came to; nothing for a run that begins."""

    record: Record | None = None
    #: case → its verdicts, for cases that are not asked again.
    settled: Mapping[str, tuple[CaseVerdict, ...]] = field(default_factory=dict)
    #: Conducted, but cut before they were judged.
    unjudged: Mapping[str, Conducted] = field(default_factory=dict)
    #: Paid for, but never brought to their end.
    cut: frozenset[str] = frozenset()

    @property
    def lines(self) -> tuple[CaseVerdict, ...]:
        """Return the verdicts that stand."""
        return tuple(line for lines in self.settled.values() for line in lines)

    def exchanges_of(self, case: str) -> tuple[Exchange, ...]:
        """Return what was exchanged for a case."""
        return tuple(item for item in (self.record.exchanges if self.record else ()) if item.case == case)

    def calls(self, role: Role) -> int:
        """Return how many requests of a role were answered or given up; wallets and clocks are none."""
        return sum(item.role is role for item in self.record.exchanges) if self.record else 0

    @property
    def last_seq(self) -> int:
        """Return the number of the last exchange, 0 without any."""
        return max((item.seq for item in self.record.exchanges), default=0) if self.record else 0

    @property
    def duration_s(self) -> float:
        """Return how long the earlier parts took: as their end says, else until their last exchange."""
        if self.record is None:
            return 0.0
        told = self.record.end.get("duration_s") if self.record.end else None
        return float(told) if isinstance(told, int | float) else _seconds(self.record)


def earlier_of(record: Record, plan: Plan) -> Earlier:
    """Sort the cases of a plan by what the record of its earlier part says of them. Raises BadUsage."""
    _same_contract(record, plan.contract)
    settled: dict[str, tuple[CaseVerdict, ...]] = {}
    unjudged: dict[str, Conducted] = {}
    cut = set()
    paid = _paid(record)
    for case in plan.cases:
        lines = tuple(line for line in record.verdicts if line.case == case.id)
        whole = len(lines) >= len(case.checks) > 0
        if whole and (case.id in record.cases or case.id in paid or not _to_repeat(lines)):
            settled[case.id] = lines
        elif case.id in record.cases:
            unjudged[case.id] = record.cases[case.id]
        elif case.id in paid:
            cut.add(case.id)
    planned = {case.id for case in plan.cases}
    for line in record.verdicts:  # what speaks of no single case: a walk at random
        if line.case not in planned:
            settled[line.case] = (*settled.get(line.case, ()), line)
    return Earlier(record=record, settled=settled, unjudged=unjudged, cut=frozenset(cut))


def kept_lines(earlier: Earlier, plan: Plan) -> list[dict[str, Json]]:
    """Return the lines of the record that stand, in their order: every exchange, and every settled verdict."""
    if earlier.record is None:
        return []
    again = {case.id for case in plan.cases} - set(earlier.settled) - set(earlier.unjudged) - earlier.cut
    kept = []
    for line in _lines(earlier.record.path):
        case = str(line.get("case", ""))
        if line.get("kind") == "end" or (line.get("kind") == "verdict" and case not in earlier.settled):
            continue
        if line.get("kind") == "run":
            line["resumed"] = _number(line.get("resumed")) + 1
        elif case in again:
            line["case"] = f"{INTERRUPTED}{case}"
        kept.append(line)
    return kept


def _same_contract(record: Record, contract: Contract) -> None:
    told = record.header.get("contract_sha256")
    if told != contract.sha256:
        what = f"{record.path}: was begun with another contract of {record.header.get('profile')}"
        raise BadUsage(what, "the contract has changed since: begin a new run")


def _paid(record: Record) -> frozenset[str]:
    """Return the cases that may have cost money: priced, or wrongly served for a price of nothing."""
    served = {(item.case, item.step) for item in record.exchanges if item.ok}
    refused = _refused(record)
    return frozenset(
        str(line["case"])
        for line in record.sent
        if (str(line["price"]).strip("0.") and (line["case"], line["step"]) not in refused)
        or (line["case"], line["step"]) in served
    )


def _refused(record: Record) -> frozenset[tuple[str, str]]:
    """Return the requests that were refused each time they were sent: a 4xx is free."""
    sent = Counter((str(line["case"]), str(line["step"])) for line in record.sent)
    free = Counter((item.case, item.step) for item in record.exchanges if 400 <= item.status < 500)  # noqa: PLR2004 - the 4xx class
    return frozenset(key for key, times in sent.items() if free[key] >= times)


def _to_repeat(lines: tuple[CaseVerdict, ...]) -> bool:
    return all(line.verdict is Verdict.NOT_RUN for line in lines)


def _lines(path: Path) -> list[dict[str, Json]]:
    found = []
    for text in path.read_text("utf-8", errors="replace").splitlines():
        try:
            line = json.loads(text)
        except ValueError:  # cut in the middle when the run was killed
            continue
        if isinstance(line, dict):
            found.append(line)
    return found


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0


def _seconds(record: Record) -> float:
    try:
        started = datetime.fromisoformat(str(record.header.get("started")))
        ended = datetime.fromisoformat(record.exchanges[-1].at)
    except (ValueError, IndexError):
        return 0.0
    return max(0.0, round((ended - started).total_seconds(), 3))
