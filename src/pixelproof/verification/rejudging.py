"""An old record judged again: today's rules and today's contract over the traffic of then, for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from pixelproof import __version__
from pixelproof.contract import Contract, Json, Level
from pixelproof.deviation import Tier
from pixelproof.exchange import Exchange, ImageFacts
from pixelproof.findings.judging import Absence, Judging
from pixelproof.findings.waivers import Waiver, report, waived
from pixelproof.money import Units
from pixelproof.planning.case import Case, ReadBalance, Send, Together
from pixelproof.record.imaging import inspect
from pixelproof.record.recording import Conducted, Record
from pixelproof.record.revision import JUDGED_BY, Change, changed
from pixelproof.running.ending import RunOutcome, ending, unjudged
from pixelproof.running.run import RULES_VERSION
from pixelproof.strategies import Plan, PlanRequest, make_plan
from pixelproof.strategies.claims import JudgeLevel
from pixelproof.strategies.plan import TOLD
from pixelproof.verdict import CaseVerdict, Reason, Tally, Verdict, claim_verdicts

#: Reasons for which a run ended before its plan.
_STOPPED = frozenset({Reason.BUDGET, Reason.FUNDS, Reason.STOPPED, Reason.DEADLINE, Reason.OUTAGE, Reason.CUT})
_CHANGED = Absence(
    reason=Reason.CHANGED, what="today this case is asked with other requests, or not at all", hint="run verify again"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a record is judged by today."""

    contract: Contract
    level: JudgeLevel
    today: date
    reference: Contract | None = None
    waivers: tuple[Waiver, ...] = ()
    strict: bool = False
    require_complete: bool = False
    #: Returns the bytes of a kept image by its SHA-256, None when it was not kept.
    image: Callable[[str], bytes | None] = field(default=lambda _sha256: None)


def rejudged(record: Record, terms: Terms) -> Record:
    """Return a record as today's rules and contract judge it; its traffic stays as it is."""
    again = _Again(record=record, terms=terms, plan=_plan(record, terms))
    verdicts = tuple(waived(line, terms.waivers, terms.today) for line in again.lines())
    changes = changed(record.verdicts, verdicts)
    return replace(
        record,
        header=_header(record, terms, changes),
        verdicts=verdicts,
        end=_end(record, terms, again.plan, verdicts),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Again:
    """One record, and what it is judged by."""

    record: Record
    terms: Terms
    plan: Plan

    def lines(self) -> Iterator[CaseVerdict]:
        """Yield today's verdicts: of every case in the record, then of what it never came to."""
        planned = {case.id: case for case in self.plan.cases}
        then: dict[str, list[CaseVerdict]] = {case: [] for case in self.record.cases}
        for line in self.record.verdicts:
            then.setdefault(line.case, []).append(line)
        for name, lines in then.items():
            conducted = self.record.cases.get(name)
            if conducted is None:
                yield from self._kept(lines, planned.get(name))
            else:
                yield from self._case(conducted, planned.get(name), {seq for line in lines for seq in line.exchanges})
        what = "the record holds no such case" if self.record.end else "the run was cut before its turn, or in it"
        absence = Absence(reason=Reason.STOPPED, what=what, hint="run it to the end")
        for name, case in planned.items():
            if name not in then:
                yield from self._judging(case).absent(case, absence)

    def _kept(self, lines: list[CaseVerdict], today: Case | None) -> Iterator[CaseVerdict]:
        """Yield the verdicts of a case that was not conducted, or not by the plan: they stay as they are."""
        reason = lines[0].reason if today is not None else ""
        if today is not None and reason and all(line.reason == reason for line in lines):
            absence = Absence(reason=Reason(reason), what=lines[0].got, hint=lines[0].hint)
            yield from self._judging(today).absent(today, absence)
            return
        for line in lines:
            if line.claim in self.plan.obligations:
                # which of both it was before somebody accepted it is not known any more: the graver one
                was = Verdict.FAIL if line.verdict is Verdict.WAIVED else line.verdict
                yield replace(line, verdict=was, waiver="")

    def _case(self, conducted: Conducted, today: Case | None, seen: set[int]) -> Iterator[CaseVerdict]:
        case = _deciding(conducted.case, self.plan.obligations)
        judging = replace(self._judging(case), resolution=conducted.resolution)
        same_contract = self.record.header.get("contract_sha256") == self.terms.contract.sha256
        if today is not None and _holds(conducted.case, today):
            yield from self._judged(judging, today, seen)
        elif same_contract:
            yield from self._judged(judging, case, seen)
            yield from judging.absent(_beyond(today, case), _CHANGED) if today is not None else ()
        else:
            yield from judging.absent(today or case, _CHANGED)

    def _judged(self, judging: Judging, case: Case, seen: set[int]) -> list[CaseVerdict]:
        own = (item for item in self.record.exchanges if item.case == case.id)
        # of a case that was begun twice only what was judged then
        exchanges = tuple(self._seen(item) for item in own if not seen or item.seq in seen)
        try:
            return judging.judged(case, exchanges)
        except Exception:  # noqa: BLE001 - our own crash is an error of ours, never a finding
            return judging.crashed(case)

    def _seen(self, exchange: Exchange) -> Exchange:
        """Return an exchange with its images looked into again, where their files were kept."""
        return replace(exchange, images=tuple(map(self._looked, exchange.images))) if exchange.images else exchange

    def _looked(self, facts: ImageFacts) -> ImageFacts:
        data = self.terms.image(facts.sha256) if facts.sha256 else None
        if data is None:
            return facts
        found = inspect(data)
        return found if found.sha256 == facts.sha256 else facts  # another file under that name proves nothing

    def _judging(self, case: Case) -> Judging:
        told = _told(self.record, "judging")
        rate, control = told.get("rate"), told.get("control")
        return Judging(
            contract=self.plan.contract_of(case),
            exclusive=told.get("exclusive") is not False,
            rate=Decimal(str(rate)) if rate is not None else None,
            real_time=told.get("real_time") is True,
            control=str(control) if control is not None else None,
        )


def _plan(record: Record, terms: Terms) -> Plan:
    told = _told(record, "planned")
    asked: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in told.items() if name in TOLD
    }
    tier = Tier(str(record.header["tier"]))
    plan = make_plan(
        PlanRequest(contract=terms.contract, tier=tier, level=terms.level, reference=terms.reference, **asked)
    )
    # a gate's record is held to what is expected of gateways as well, which no plan of a provider asks
    of_gateways = (claim.id for claim in terms.contract.claims.values() if claim.level is Level.G)
    return replace(plan, obligations=(*plan.obligations, *of_gateways))


def _told(record: Record, key: str) -> Mapping[str, Json]:
    found = record.header.get(key)
    return found if isinstance(found, dict) else {}


def _deciding(case: Case, obligations: tuple[str, ...]) -> Case:
    return replace(case, checks=tuple(check for check in case.checks if check.claim in obligations))


def _beyond(today: Case, judged: Case) -> Case:
    """Return a case with those checks alone that were not judged."""
    known = {(check.rule, check.claim) for check in judged.checks}
    return replace(today, checks=tuple(check for check in today.checks if (check.rule, check.claim) not in known))


def _holds(then: Case, today: Case) -> bool:
    """Tell whether a record of ``then`` has all that ``today`` asks; more readings of a wallet do no harm."""
    readings = [step for step in then.steps if isinstance(step, ReadBalance)]
    wanted = [step for step in today.steps if isinstance(step, ReadBalance)]
    return _asked(then) == _asked(today) and all(step in readings for step in wanted)


def _asked(case: Case) -> tuple[object, ...]:
    """Return what a case sends, without what the contract of the day says it costs."""
    steps = (step for step in case.steps if not isinstance(step, ReadBalance))
    return tuple(
        replace(step, sends=tuple(map(_unpriced, step.sends)))
        if isinstance(step, Together)
        else _unpriced(step)
        if isinstance(step, Send)
        else step
        for step in steps
    )


def _unpriced(send: Send) -> Send:
    return replace(send, price=Units(0), worst=Units(0))


def _header(record: Record, terms: Terms, changes: list[Change]) -> dict[str, Json]:
    rows: list[Json] = [
        {"claim": one.claim, "rule": one.rule, "case": one.case, "then": one.then, "now": one.now} for one in changes
    ]
    then: dict[str, Json] = {name: record.header.get(name) for name in JUDGED_BY}
    return {
        **record.header,
        "tool_version": __version__,
        "rules_version": RULES_VERSION,
        "contract_sha256": terms.contract.sha256,
        "level": terms.level.value,
        "claims": {
            claim.id: {"statement": claim.statement, "source": claim.source} for claim in terms.contract.claims.values()
        },
        "judged_again": {"on": terms.today.isoformat(), "then": then, "changes": rows},
    }


def _end(record: Record, terms: Terms, plan: Plan, verdicts: tuple[CaseVerdict, ...]) -> dict[str, Json]:
    tally = Tally.of(verdicts)
    open_ones = unjudged(plan.obligations, verdicts)
    waivers = report(terms.waivers, verdicts, terms.today)
    cut = record.end is None
    stopped = any(line.reason in _STOPPED for line in verdicts)
    incomplete = cut or stopped or (terms.require_complete and bool(open_ones))
    outcome, code = ending(tally, waivers, strict=terms.strict, incomplete=incomplete)
    if (record.end or {}).get("outcome") == RunOutcome.UNREACHABLE and code not in {1, 4}:
        outcome, code = RunOutcome.UNREACHABLE, 3
    note = (
        "the record has no last line: it was judged as far as it goes"
        if cut
        else str((record.end or {}).get("note", ""))
    )
    return {
        **(record.end or _counted(record, terms.contract)),
        "outcome": outcome.value,
        "exit_code": code,
        "counts": dict(tally.counts),
        "claims": {
            name: {"verdict": claim.verdict, "judged": claim.judged, "planned": claim.planned}
            for name, claim in claim_verdicts(verdicts).items()
        },
        "unjudged": list(open_ones),
        "waivers": {
            "stale": list(waivers.stale),
            "expired": list(waivers.expired),
            "not_exercised": list(waivers.not_exercised),
        },
        "note": note,
    }


def _counted(record: Record, contract: Contract) -> dict[str, Json]:
    """Return what the last line of a cut record would have counted."""
    currency = contract.billing.currency
    spent = sum((Decimal(str(line.get("price", 0))) for line in record.sent), Decimal(0))
    roles = [exchange.role.value for exchange in record.exchanges]
    return {
        "kind": "end",
        "requests": roles.count("api"),
        "downloads": roles.count("image"),
        "cost": {"amount": currency.format(currency.nearest(str(spent))), "currency": currency.code},
        "duration_s": 0,
    }
