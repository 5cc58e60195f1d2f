"""Accounts that the harness opens for itself at a pixelproof mock, as a case demands them."""

from __future__ import annotations

from dataclasses import dataclass

from pixelproof.case import Key, KeyRole
from pixelproof.contract import Json
from pixelproof.control import Account, ControlPlane
from pixelproof.money import Currency

#: Requests a minute, and requests in flight, of accounts that no case is about.
_UNLIMITED = 1_000_000
_RICH = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A key for a case, and its account where a control plane made it."""

    key: str | None
    account: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Openings:
    """Opens accounts with what is demanded, and with plenty of everything else."""

    control: ControlPlane
    currency: Currency

    def rich(self) -> Granted:
        """Return the key of an account that never runs out."""
        return self.open(Key())

    def open(self, demand: Key) -> Granted:
        """Return the key of a new account, with the tier, limit, scopes and budget demanded."""
        account = self.control.open_account(self._wanted(demand))
        if demand.budget is not None:
            account = self.control.add_key(account, {"budget": self.currency.format(demand.budget)})
        return Granted(key=account.key, account=account)

    def another(self, owner: Account, role: KeyRole) -> Granted:
        """Return a second key of an account; for ``TEST`` one that is not billed."""
        demand: dict[str, Json] = {"billed": False} if role is KeyRole.TEST else {}
        account = self.control.add_key(owner, demand)
        return Granted(key=account.key, account=account)

    def _wanted(self, demand: Key) -> dict[str, Json]:
        balance = demand.balance if demand.balance is not None else self.currency.parse(_RICH)
        wanted: dict[str, Json] = {
            "balance": self.currency.format(balance),
            "limits": {"requests_per_minute": demand.limit_per_minute or _UNLIMITED},
        }
        if demand.as_documented:
            del wanted["limits"]
        if demand.scopes is not None:
            wanted["scopes"] = list(demand.scopes)
        if demand.tier is not None:
            wanted["tier"] = demand.tier
        return wanted
