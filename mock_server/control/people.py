"""Finding accounts and writing them down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .forms import Wrong, found

if TYPE_CHECKING:
    from pixelproof.contract import Json

    from ..state.accounts import Account, Key
    from ..state.world import World


def account_of(world: World, name: str) -> Account:
    """Return an account by its id, or by one of its keys for use by hand. Raises a 404."""
    account = world.book.account(name)
    if account is None:
        account = next(iter(_owners(world, name)), None)
    return found(account, "there is no such account")


def _owners(world: World, secret: str) -> list[Account]:
    found_keys = (world.book.find(provider.profile, secret) for provider in world.providers)
    owners = [key.account for key in found_keys if key is not None]
    if len(owners) > 1:
        ids = ", ".join(account.id for account in owners)
        raise Wrong(400, "this key has an account under several profiles", "account", f"use one of {ids}")
    return owners


def shown(world: World, account: Account) -> dict[str, Json]:
    """Return an account as JSON, settled: amounts as decimal strings, keys without their text."""
    currency = account.contract.billing.currency
    with account.lock:
        world.settle(account)
        ledger = account.ledger
        return {
            "id": account.id,
            "profile": account.contract.profile,
            "currency": currency.code,
            "balance": currency.format(ledger.balance),
            "held": currency.format(ledger.held),
            "charged": currency.format(ledger.charged),
            "refunded": currency.format(ledger.refunded),
            "keys": [_key(account, key) for key in account.keys.values()],
            "tier": account.tier,
            "limits": dict(account.limits),
            "in_flight": account.in_flight,
            "tasks": len(account.jobs),
            "artifacts": len(account.artifacts),
            "task_polls": account.task_polls,
        }


def _key(account: Account, key: Key) -> dict[str, Json]:
    currency = account.contract.billing.currency
    return {
        "id": key.id,
        "scopes": [*sorted(key.scopes)] if key.scopes is not None else None,
        "tier": key.tier,
        "limits": dict(key.limits),
        "budget": currency.format(key.budget) if key.budget is not None else None,
        "spent": currency.format(key.spent),
        "billed": key.billed,
        "revoked": key.revoked,
    }
