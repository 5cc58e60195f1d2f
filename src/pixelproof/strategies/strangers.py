"""Whose wallet the wallet's own endpoint shows: nobody's without a key, and to each key its own."""

from __future__ import annotations

from collections.abc import Iterator

from pixelproof.contract import Model
from pixelproof.planning.case import Case, Key, KeyRole, ReadBalance, Send, Step
from pixelproof.strategies.bodies import Bodies
from pixelproof.strategies.errors import row_checks

_FRESH, _OTHER = Key(role=KeyRole.FRESH), Key(role=KeyRole.OTHER)


def cases(bodies: Bodies) -> Iterator[Case]:
    """Yield the cases about looks at a wallet by those whose it is not."""
    models = bodies.tested()
    if models and "wallet" in bodies.contract.operations:
        yield from _without_a_key(bodies, models[0])
        yield from _of_another(bodies, models[0])


def _without_a_key(bodies: Bodies, model: Model) -> Iterator[Case]:
    """Yield a look at no key's wallet, where a status for a missing key is documented."""
    claims = bodies.contract.auth.claimed("required")
    reached = bodies.scope.checks("error_reached", claims, row="unauthorized")
    if reached and bodies.scope.any_decides(bodies.contract.errors.row("unauthorized").claim):
        step = Send(name="main", operation="wallet", key=Key(role=KeyRole.NONE))
        checks = (*reached, *row_checks(bodies, "unauthorized", model))
        yield Case(id="errors/unauthorized/wallet", steps=(step,), checks=checks, model=None)


def _of_another(bodies: Bodies, model: Model) -> Iterator[Case]:
    """Yield two looks of another account at its own wallet, and an image that it does not pay for."""
    case_id = "money/wallet-of-another"
    steps: tuple[Step, ...] = (
        Send(name="first", operation="wallet", key=_OTHER, positive=True),
        ReadBalance(name="before", key=_FRESH),
        bodies.positive("main", bodies.body(case_id, model, bodies.cheap_params(model)), key=_FRESH),
        ReadBalance(name="after", key=_FRESH),
        Send(name="second", operation="wallet", key=_OTHER, positive=True),
    )
    checks = bodies.scope.checks("wallet_of_another_rests", bodies.contract.operations["wallet"].claimed("serves"))
    if checks:
        yield Case(id=case_id, steps=steps, checks=tuple(checks), model=model.id)
