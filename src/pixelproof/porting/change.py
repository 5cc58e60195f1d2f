"""What a caller meets on the way from one provider to another: one change, its effect and its sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from pixelproof.contract import ClaimIds


class Effect(StrEnum):
    """What a change does to a program written for the first provider, worst first."""

    #: Requests are refused, or an answer cannot be read any more.
    BREAKS = "breaks"
    #: Money: other prices, another moment of payment, other refunds.
    COSTS = "costs"
    #: It is served, but not as before: another default, a value without effect, another error.
    DIFFERS = "differs"
    #: Configuration that every move needs: address and key.
    SETUP = "setup"
    #: As before.
    WORKS = "works"


class Topic(StrEnum):
    """The part of the contract that a change is about."""

    ENTRANCE = "entrance"
    OPERATION = "operation"
    MODEL = "model"
    PARAMETER = "parameter"
    ANSWER = "answer"
    ERROR = "error"
    LIMIT = "limit"
    BILLING = "billing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference, or one thing that stays: what was, what is, and what to do."""

    effect: Effect
    topic: Topic
    #: What it is about: ``size``, ``unauthorized``.
    subject: str
    before: str
    after: str
    #: The models it is about, ``dall-e-2`` or ``dall-e-2 → flux-pro``; none when it is about all.
    models: tuple[str, ...] = ()
    #: What the caller must do; empty when there is nothing to do.
    do: str = ""
    claims_before: ClaimIds = ()
    claims_after: ClaimIds = ()
    #: True: at least one side is our choice, because its page is silent.
    assumed: bool = False


def told(  # noqa: PLR0913, PLR0917 - one column of the table each
    topic: Topic,
    effect: Effect,
    subject: str,
    before: str,
    after: str,
    do: str,
    before_claims: ClaimIds = (),
    after_claims: ClaimIds = (),
    *,
    models: tuple[str, ...] = (),
) -> Change:
    """Return a change from its columns, in the order in which people read them."""
    return Change(
        effect=effect,
        topic=topic,
        subject=subject,
        models=models,
        before=before,
        after=after,
        do=do,
        claims_before=before_claims,
        claims_after=after_claims,
    )


def merged(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes with those that say the same about several models told once, in the order met."""
    models: dict[Change, dict[str, None]] = {}
    for change in changes:
        models.setdefault(replace(change, models=()), {}).update(dict.fromkeys(change.models))
    return tuple(replace(change, models=tuple(found)) for change, found in models.items())
