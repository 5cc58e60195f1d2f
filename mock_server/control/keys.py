"""What a key carries, read from a body before anything is changed, and the routes about keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..state.accounts import Account, Key, KeyTaken, mint, well_formed
from ..steps.admission import LIMIT_NAMES
from .forms import Form, Wrong, body, found, reply
from .people import account_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint, Response

    from pixelproof.contract import Contract

    from ..state.world import World

#: What a key carries, and so what a new account's first key can be given.
KEY_FIELDS = ("scopes", "tier", "limits", "budget", "billed")


def add_routes(routes: Blueprint, world: World) -> None:
    """Add the routes about further keys of an account."""

    @routes.post("/accounts/<account>/keys")
    def add_key(account: str) -> Response:
        owner = account_of(world, account)
        form = body(("key", *KEY_FIELDS), empty=True)
        secret = read_secret(form, owner.contract)
        settings = KeySettings(form, owner.contract)
        with TakenAsConflict():
            key = world.book.add_key(owner, secret)
        settings.give(key, None)
        return reply({"id": key.id, "key": secret, "account": owner.id}, 201)

    @routes.delete("/accounts/<account>/keys/<key_id>")
    def revoke_key(account: str, key_id: str) -> Response:
        owner = account_of(world, account)
        key = found(owner.keys.get(key_id), "this account has no such key")
        with owner.lock:
            key.revoked = True
        return reply({"id": key.id, "revoked": True})


class KeySettings:
    """What the body says about a key: read first, given only when everything is right."""

    def __init__(self, form: Form, contract: Contract) -> None:
        """Check every field. Raises Wrong."""
        self._form = form
        self._scopes = form.texts("scopes", contract.auth.scopes)
        self._tier = _tier(form, contract)
        self._budget = form.money("budget", contract.billing.currency)
        self._billed = form.flag("billed")
        self._limits = _limits(form)
        if self._budget is not None and self._budget < 0:
            raise form.wrong("budget", "a budget cannot be negative")

    def give(self, key: Key, account: Account | None) -> None:
        """Set what was sent; tier and limits on the account where one is given, else on the key."""
        holder = account if account is not None else key
        with key.account.lock:
            if self._form.has("tier"):
                holder.tier = self._tier
            if self._form.has("limits"):
                holder.limits = self._limits
            self._give_rights(key)

    def _give_rights(self, key: Key) -> None:
        if self._form.has("scopes"):
            key.scopes = self._scopes
        if self._form.has("budget"):
            key.budget = self._budget
        if self._billed is not None:
            key.billed = self._billed


class TakenAsConflict:
    """Turns a key that is known already into a 409 with its account."""

    def __enter__(self) -> None:
        """Watch the block."""

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        """Raise the 409 instead."""
        if isinstance(error, KeyTaken):
            raise Wrong(409, str(error), "key", error.account_id) from None


def read_secret(form: Form, contract: Contract) -> str:
    """Return the key that was sent, or a minted one. Raises Wrong for a malformed key."""
    secret = form.text("key")
    if secret is None:
        return mint(contract, billed=form.flag("billed") is not False)
    if not well_formed(contract, secret):
        hint = f"fit {contract.auth.key_pattern} and leave out the word 'invalid'"
        raise form.wrong("key", "the key has not the form of this provider's keys", hint)
    return secret


def _tier(form: Form, contract: Contract) -> str | None:
    tier = form.text("tier")
    known = {name for limit in contract.limits.values() for name in limit.tiers}
    if tier is not None and known and tier not in known:
        hint = f"known: {', '.join(sorted(known))}; for any other, leave it out and set 'limits'"
        raise form.wrong("tier", f"this provider has no tier '{tier[:80]}'", hint)
    return tier


def _limits(form: Form) -> Mapping[str, int | None]:
    limits = form.inner("limits", LIMIT_NAMES)
    if limits is None:
        return {}
    return {name: limits.whole(name) for name in LIMIT_NAMES if limits.has(name)}
