"""What a dollar costs in rupees: for everybody, or in the universe of one account."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from .forms import Form, body, query, reply
from .people import account_of

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from ..state.world import World

#: Longest number, so that arithmetic with it stays exact.
_DIGITS = 20


def add_routes(routes: Blueprint, world: World) -> None:
    """Add the routes about forex."""

    @routes.get("/forex")
    def show_forex() -> Response:
        account = query(("account",)).get("account")
        own = account_of(world, account).usd_inr if account is not None else None
        return reply({"usd_inr": own or world.usd_inr})

    @routes.put("/forex")
    def set_forex() -> Response:
        form = body(("usd_inr", "account"))
        rate, account = _rate(form), form.text("account")
        owner = account_of(world, account) if account is not None else None
        with world.common if owner is None else owner.lock:
            if owner is None:
                world.usd_inr = rate
            else:
                owner.usd_inr = rate
        return reply({"usd_inr": rate})


def _rate(form: Form) -> str:
    text = form.text("usd_inr")
    hint = 'a decimal string, for example {"usd_inr": "87.50"}'
    if text is None or len(text) > _DIGITS:
        raise form.wrong("usd_inr", "'usd_inr' is required, as a short decimal string", hint)
    try:
        rate = Decimal(text)
    except InvalidOperation:
        raise form.wrong("usd_inr", f"'{text}' is not a number", hint) from None
    if not rate.is_finite() or rate <= 0 or "e" in text.lower():
        raise form.wrong("usd_inr", "a rate is more than zero", hint)
    return text
