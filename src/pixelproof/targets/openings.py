"""Accounts that the harness opens for itself at a pixelproof mock, as a case demands them."""

from __future__ import annotations

from dataclasses import dataclass

from pixelproof.money import Currency
from pixelproof.planning.case import Key, KeyRole
from pixelproof.planning.demand import account_form, key_form
from pixelproof.targets.control import Account, ControlPlane


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A key for a case, and its account where a control plane made it."""

    key: str | None
    account: Account | None = None
    #: Its number, from 1, where it comes from the pool of a target file.
    pool: int | None = None


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
        account = self.control.open_account(account_form(demand, self.currency))
        further = key_form(demand, self.currency)
        if further is not None:
            account = self.control.add_key(account, further)
        return Granted(key=account.key, account=account)

    def another(self, owner: Account, role: KeyRole) -> Granted:
        """Return a second key of an account; for ``TEST`` one that is not billed."""
        account = self.control.add_key(owner, key_form(Key(role=role), self.currency) or {})
        return Granted(key=account.key, account=account)
