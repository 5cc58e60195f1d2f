"""Accounts: opened, listed, shown and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .forms import Form, body, number, query, reply
from .keys import KEY_FIELDS, KeySettings, TakenAsConflict, read_secret
from .people import account_of, shown

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from pixelproof.contract import Contract
    from pixelproof.money import Units

    from ..provider import Provider
    from ..state.world import World


#: Most looks that a task may need to come to its end.
_MOST_POLLS = 1_000
#: Accounts of one page, and the largest offset; a page begins with those that asked last.
_PAGE, _LARGEST_PAGE, _MOST = 50, 1_000, 10**9


def add_routes(routes: Blueprint, world: World) -> None:
    """Add the routes about accounts."""

    @routes.post("/accounts")
    def open_account() -> Response:
        form = body(("key", "profile", "balance", "task_polls", *KEY_FIELDS), empty=True)
        contract = _provider(world, form).contract
        opening = _opening(form, contract)
        secret = read_secret(form, contract)
        settings = KeySettings(form, contract)
        polls = _polls(form)
        with TakenAsConflict():
            key = world.book.open(contract, secret, opening=opening, by_key=False)
        with key.account.lock:
            settings.give(key, key.account)
            key.account.task_polls = polls
        return reply({**shown(world, key.account), "key": secret}, 201)

    @routes.get("/accounts")
    def list_accounts() -> Response:
        values = query(("search", "offset", "limit"))
        offset, limit = number(values, "offset", 0, most=_MOST), number(values, "limit", 0, most=_LARGEST_PAGE)
        accounts = world.book.accounts()
        if not values:
            return reply({"accounts": [shown(world, account) for account in accounts]})
        part = values.get("search", "")
        fitting = [account for account in accounts if part in account.id or part in account.contract.profile]
        fitting.sort(key=lambda account: account.last_seen, reverse=True)
        page = fitting[offset : offset + (limit or _PAGE)]
        return reply({"accounts": [shown(world, account) for account in page], "total": len(fitting)})

    @routes.get("/accounts/<account>")
    def show_account(account: str) -> Response:
        query(())
        return reply(shown(world, account_of(world, account)))

    @routes.patch("/accounts/<account>")
    def change_account(account: str) -> Response:
        owner = account_of(world, account)
        form = body((*KEY_FIELDS, "adjustment", "balance", "task_polls"))
        if form.has("balance"):
            raise form.wrong("balance", "a balance is never set", "add a top-up, or send an 'adjustment'")
        settings = KeySettings(form, owner.contract)
        adjustment = form.money("adjustment", owner.contract.billing.currency)
        polls = _polls(form)
        with owner.lock:
            if form.has("task_polls"):
                owner.task_polls = polls
            for key in owner.keys.values():
                settings.give(key, owner)
            if adjustment:
                owner.ledger.adjust(adjustment, owner.clock.now())
        return reply(shown(world, owner))


def _polls(form: Form) -> int | None:
    return form.whole("task_polls", least=1, most=_MOST_POLLS)


def _opening(form: Form, contract: Contract) -> Units:
    opening = form.money("balance", contract.billing.currency)
    if opening is None:
        return contract.billing.opening
    if opening < 0:
        raise form.wrong("balance", "a balance cannot open below zero")
    return opening


def _provider(world: World, form: Form) -> Provider:
    name = form.text("profile")
    served = {provider.profile: provider for provider in world.providers}
    if name is None and len(served) > 1:
        raise form.wrong("profile", "several profiles are served: name one", ", ".join(served))
    if name is not None and name not in served:
        raise form.wrong("profile", f"the profile '{name[:80]}' is not served", ", ".join(served))
    return served[name] if name is not None else world.providers[0]
