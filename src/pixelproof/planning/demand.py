"""What a case demands of accounts and keys, as a control plane is asked for it."""

from __future__ import annotations

from dataclasses import replace

from pixelproof.contract import Json
from pixelproof.money import Currency
from pixelproof.planning.case import Key, KeyRole

#: Requests a minute of accounts that no case is about.
_UNLIMITED = 1_000_000
_RICH = 1_000_000


def account_form(demand: Key, currency: Currency) -> dict[str, Json]:
    """Return the form of a new account: what is demanded, and plenty of everything else."""
    balance = demand.balance if demand.balance is not None else currency.parse(_RICH)
    form: dict[str, Json] = {
        "balance": currency.format(balance),
        "limits": {"requests_per_minute": demand.limit_per_minute or _UNLIMITED},
    }
    if demand.as_documented:
        del form["limits"]
    if demand.scopes is not None:
        form["scopes"] = list(demand.scopes)
    if demand.tier is not None:
        form["tier"] = demand.tier
    return form


def key_form(demand: Key, currency: Currency) -> dict[str, Json] | None:
    """Return the form of a further key of an account, None where the account's first key does."""
    if demand.role in {KeyRole.SECOND, KeyRole.TEST}:
        return {"billed": False} if demand.role is KeyRole.TEST else {}
    return {"budget": currency.format(demand.budget)} if demand.budget is not None else None


def owner(demand: Key) -> Key:
    """Return the demand for the account that a further key belongs to: the limited one where limits are named."""
    is_limited = demand.tier is not None or demand.limit_per_minute is not None
    return replace(demand, role=KeyRole.LIMITED if is_limited else KeyRole.FRESH)
