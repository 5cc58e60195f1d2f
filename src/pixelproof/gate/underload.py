"""A short load through a gateway: callers' wallets and the upstream's ledger held against what was served."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pixelproof.client import Wire
from pixelproof.contract import Contract, Json
from pixelproof.gate.file import Auth, GateFile
from pixelproof.gate.upstream import Behind
from pixelproof.loadtest.line import LoadLine
from pixelproof.loadtest.making.run import RECORD, LoadOptions, prepared
from pixelproof.loadtest.reconciling import Reconciler, Reconciliation
from pixelproof.loadtest.result import LoadResult
from pixelproof.money import Units
from pixelproof.targets.control import Account
from pixelproof.targets.file import Target

#: Requests at once: enough to mix callers up, few enough for the smallest gateway.
_USERS = 20
#: A load that a slow gateway does not finish ends after so many seconds, whatever was asked for.
_LONGEST_S = 90.0
#: Wallets of callers whose keys are the upstream's own.
_CALLERS = 4
#: Added to the upstream's account, in whole units of its currency: more than any short load spends.
_PLENTY = "1000000"
#: What the one account is called that a gateway with keys of its own spends from.
_SHARED = "the upstream's account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A load through one gateway."""

    gate: GateFile
    target: Target
    contract: Contract
    behind: Behind
    wire: Wire
    folder: Path
    #: Models that the gateway lists, None when it does not say.
    listed: frozenset[str] | None = None

    def run(self) -> tuple[LoadResult, Mapping[str, Json]]:
        """Make the load; return what came of it, and the facts by which it is judged. Raises Problem."""
        payers = self._payers()
        before = self._spent(payers)
        keys = {"default": next(iter(payers.values())).key} if self._passes else self.target.keys
        pool = tuple(account.key for account in payers.values())[1:] if self._passes else _others(self.target)
        target = replace(self.target, control=None, keys=keys, pool=pool)
        options = LoadOptions(
            target=target,
            profile=self.contract.profile,
            requests=self.gate.load_requests,
            users=_USERS,
            duration_s=_LONGEST_S,
            timeout_s=self.gate.timeout_s,
            report_dir=self.folder,
        )
        result = prepared(options, self._tested(), target, self.wire).run(lambda _progress: None)
        after = self._spent(payers)
        money = self._reconciled({name: Units(after[name] - before[name]) for name in payers})
        return result, {"load": result.figures(), "upstream": money.figures()}

    def _tested(self) -> Contract:
        """Return the contract with the models that the other cases tried: a gateway need not know them all."""
        known = {
            name: model
            for name, model in self.contract.models.items()
            if model.like is None and (self.listed is None or name in self.listed)
        }
        return replace(self.contract, models=known)

    @property
    def _passes(self) -> bool:
        return self.gate.auth is Auth.PASSTHROUGH

    def _payers(self) -> dict[str, Account]:
        """Return the upstream's accounts that pay: several callers', or the gateway's own one."""
        if not self._passes:
            self.behind.top_up(_PLENTY)
            return {_SHARED: self.behind.account}
        unlimited: dict[str, Json] = dict.fromkeys(self.contract.limits)
        return {
            f"payer-{number}": self.behind.control.open_account({"balance": _PLENTY, "limits": unlimited})
            for number in range(_CALLERS)
        }

    def _spent(self, payers: Mapping[str, Account]) -> dict[str, int]:
        return {name: self.behind.spent(account) for name, account in payers.items()}

    def _reconciled(self, spent: Mapping[str, Units]) -> Reconciliation:
        """Hold what the upstream took against what callers were served; ids are a gateway's own affair."""
        reconciler = Reconciler(self.contract)
        for line in self._lines():
            reconciler.line(line if self._passes else replace(line, account=_SHARED))
        return reconciler.by_totals(spent)

    def _lines(self) -> Iterator[LoadLine]:
        with (self.folder / RECORD).open("rb") as record:
            for line in record:
                yield LoadLine.read(json.loads(line))


def _others(target: Target) -> tuple[str, ...]:
    """Return the keys of further callers, so that a load is made by more than one."""
    return (*([target.keys["other"]] if "other" in target.keys else []), *target.pool)
