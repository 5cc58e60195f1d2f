"""From conducted cases to verdict lines: rules applied, fairness kept, a curl beside each finding."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypedDict

from pixelproof.contract import Contract
from pixelproof.exchange import Exchange, Role
from pixelproof.findings.reproduction import Stage, reproduction
from pixelproof.planning.case import Case, Check
from pixelproof.rules import RULES, Evidence, judge
from pixelproof.verdict import CaseVerdict, Outcome, Reason, Verdict

_TELLING = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.ERROR})
#: Families of rules whose evidence is a wallet, which others may spend from as well.
_OF_MONEY = frozenset({"money", "wallet", "callerwallet"})


class _Told(TypedDict, total=False):
    """What a finding has besides its verdict."""

    curl: str
    shown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Why a case was not judged: a reason, what was missing, and what would supply it."""

    reason: Reason
    what: str
    hint: str = ""

    @property
    def verdict(self) -> Verdict:
        """Return what its checks come to."""
        applies = self.reason not in {Reason.MODEL, Reason.ROUTE}
        return Verdict.NOT_RUN if applies else Verdict.NOT_APPLICABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """How verdicts are made for one contract and one target."""

    contract: Contract
    #: The finest difference the target's wallet shows, in smallest units.
    resolution: int = 0
    #: False: others spend from the same wallet, so money findings are only warnings.
    exclusive: bool = True
    #: What the target converts at, where that is known.
    rate: Decimal | None = None
    #: True when the target's clock is not ours to move.
    real_time: bool = False
    #: Address of the control plane, where the target is a pixelproof mock.
    control: str | None = None

    def judged(self, case: Case, exchanges: tuple[Exchange, ...]) -> list[CaseVerdict]:
        """Return a verdict for each check of a conducted case."""
        evidence = Evidence(
            contract=self.contract,
            case=case,
            exchanges=exchanges,
            resolution=self.resolution,
            rate=self.rate,
            real_time=self.real_time,
        )
        return [self._line(case, check, self._fair(check, judge(evidence, check)), exchanges) for check in case.checks]

    def absent(self, case: Case, absence: Absence) -> list[CaseVerdict]:
        """Return the verdicts of a case that was not conducted."""
        bare = (self._bare(case, check) for check in case.checks)
        return [
            replace(line, verdict=absence.verdict, got=absence.what, reason=absence.reason.value, hint=absence.hint)
            for line in bare
        ]

    def crashed(self, case: Case) -> list[CaseVerdict]:
        """Return the verdicts of a case in which we broke; call it while the exception is handled."""
        said = traceback.format_exc(limit=-3)[-600:]
        bare = (self._bare(case, check) for check in case.checks)
        return [replace(line, verdict=Verdict.ERROR, wanted="a working harness", got=said) for line in bare]

    def _line(self, case: Case, check: Check, outcome: Outcome, exchanges: tuple[Exchange, ...]) -> CaseVerdict:
        shown = _shown(exchanges, outcome.step)
        return replace(
            self._bare(case, check),
            verdict=outcome.verdict,
            wanted=outcome.wanted,
            got=outcome.got,
            **self._told(case, exchanges, shown) if shown is not None and outcome.verdict in _TELLING else {},
            exchanges=tuple(exchange.seq for exchange in exchanges),
        )

    def _told(self, case: Case, exchanges: tuple[Exchange, ...], shown: Exchange) -> _Told:
        stage = Stage(contract=self.contract, control=self.control)
        return {"curl": reproduction(stage, case, exchanges, shown), "shown": shown.seq}

    def _fair(self, check: Check, outcome: Outcome) -> Outcome:
        uncertain = not self.exclusive and RULES[check.rule].family in _OF_MONEY
        return replace(outcome, verdict=Verdict.WARN) if uncertain and outcome.verdict is Verdict.FAIL else outcome

    def _bare(self, case: Case, check: Check) -> CaseVerdict:
        claim = self.contract.claims.get(check.claim)
        return CaseVerdict(
            claim=check.claim,
            rule=check.rule,
            case=case.id,
            level=claim.level.value if claim else "",
            verdict=Verdict.NOT_RUN,
        )


def _shown(exchanges: Iterable[Exchange], step: str) -> Exchange | None:
    """Return the API exchange that shows a finding: the step's last one, else the case's last one."""
    calls = [exchange for exchange in exchanges if exchange.role is Role.API]
    of_step = [exchange for exchange in calls if exchange.step == step]
    found = of_step or calls
    return found[-1] if found else None
