"""Servers that keep the budget of a key in a way of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..call import Refusal
from ..seams import Seams
from .catalogue import liar

if TYPE_CHECKING:
    from ..call import Call

FAMILY = "budget"


@liar("aicredits-any-budget-refuses", claim="AIC-26", family=FAMILY, intent="a key with a budget makes no image at all")
@liar("aivene-any-budget-refuses", claim="AIV-28", family=FAMILY, intent="a key with a budget makes no image at all")
def any_budget_refuses(honest: Seams) -> Seams:
    """Refuse whoever has a budget, spent or not."""

    def check(call: Call) -> None:
        if call.key.budget is not None:
            raise Refusal("budget_exceeded", "this key has a budget")
        honest.check_budget(call)

    return replace(honest, check_budget=check)


@liar("aicredits-budget-of-all-keys", claim="AIC-26", family=FAMILY, intent="one key's budget binds the whole account")
@liar("aivene-budget-of-all-keys", claim="AIV-28", family=FAMILY, intent="one key's budget binds the whole account")
def budget_of_all_keys(honest: Seams) -> Seams:
    """Hold the smallest budget of an account against every key of it."""

    def check(call: Call) -> None:
        keys = call.account.keys.values()
        budgets = [key.budget for key in keys if key.budget is not None]
        if budgets and sum(key.spent for key in keys) + call.cost > min(budgets):
            raise Refusal("budget_exceeded", "the account has reached its budget")
        honest.check_budget(call)

    return replace(honest, check_budget=check)
