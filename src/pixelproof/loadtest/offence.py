"""What can be wrong with money and callers under load, and the claim that each breaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from pixelproof.contract import ClaimIds, Contract, Json

#: Examples told of each offence; the others are counted.
_TOLD = 5


class Wrong(StrEnum):
    """What is wrong, in words for a person."""

    NOT_CHARGED = "served, and not charged in full"
    CHARGED_TOO_MUCH = "charged more than its price, or twice"
    REFUSED_CHARGED = "refused, and charged"
    FAILED_CHARGED = "failed, and charged"
    PARTLY_CHARGED = "an unknown request is charged in part, or twice"
    FOREIGN = "charged to another account than asked"
    UNASKED = "charged for what nobody asked"
    TOO_MUCH = "the wallet lost more than was owed"
    TOO_LITTLE = "the wallet lost less than was owed"
    NOT_REFUNDED = "a refund is missing"
    REFUNDED_TOO_MUCH = "refunded more than is due, or twice"
    BELOW_ZERO = "the balance fell below zero"
    MOVED = "money moved that no request moves"
    HELD = "money is held for nobody"
    UNBALANCED = "the ledger does not balance"
    SAME_ID = "two requests have one id"
    SAME_IMAGE = "two accounts got the same image"
    STRANGER = "an answer belongs to another request"
    STUCK = "a task does not end"
    LOST = "a task is lost"
    COUNT = "another number of images than asked for"
    SHOWN = "a task was shown to another account"
    LIMIT = "the limit is not kept to the request"
    WAIT = "turned away after the announced wait"
    NO_WAIT = "turned away, and not told for how long"
    ENVELOPE = "an error is not the documented object"


#: What says nothing about the money.
_NO_MONEY = frozenset(
    {
        Wrong.SAME_ID,
        Wrong.SAME_IMAGE,
        Wrong.STRANGER,
        Wrong.STUCK,
        Wrong.LOST,
        Wrong.COUNT,
        Wrong.SHOWN,
        Wrong.LIMIT,
        Wrong.WAIT,
        Wrong.NO_WAIT,
        Wrong.ENVELOPE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence:
    """One kind of wrong, with the claims it breaks: none where the document does not speak of it."""

    wrong: Wrong
    claims: ClaimIds
    count: int
    examples: tuple[str, ...]

    def figures(self) -> dict[str, Json]:
        """Return the offence as plain data."""
        return {
            "what": self.wrong.value,
            "claims": list(self.claims),
            "count": self.count,
            "examples": list(self.examples),
        }


class Offences:
    """Counts what is wrong, and keeps the first examples of each."""

    def __init__(self, contract: Contract) -> None:
        """Name claims as ``contract`` has them."""
        self._contract = contract
        self._counts: Counter[Wrong] = Counter()
        self._examples: dict[Wrong, list[str]] = {}

    def note(self, wrong: Wrong, example: str) -> None:
        """Count one more."""
        self._counts[wrong] += 1
        told = self._examples.setdefault(wrong, [])
        if len(told) < _TOLD:
            told.append(example)

    def about_money(self) -> bool:
        """Tell whether any of them is about money."""
        return any(wrong not in _NO_MONEY for wrong in self._counts)

    def found(self) -> tuple[Offence, ...]:
        """Return everything that is wrong, in the order of the kinds."""
        return tuple(
            Offence(
                wrong=wrong,
                claims=claims_of(self._contract, wrong),
                count=self._counts[wrong],
                examples=tuple(self._examples[wrong]),
            )
            for wrong in Wrong
            if self._counts[wrong]
        )


def joined(one: tuple[Offence, ...], other: tuple[Offence, ...]) -> tuple[Offence, ...]:
    """Return the offences of both, those of one kind as one."""
    found = {offence.wrong: offence for offence in one}
    for offence in other:
        known = found.get(offence.wrong)
        if known is None:
            found[offence.wrong] = offence
        else:
            examples = (*known.examples, *offence.examples)[:_TOLD]
            found[offence.wrong] = replace(known, count=known.count + offence.count, examples=examples)
    return tuple(found[wrong] for wrong in Wrong if wrong in found)


def claims_of(contract: Contract, wrong: Wrong) -> ClaimIds:
    """Return the claims that a kind of wrong breaks: the first that the contract has of those that fit."""
    return next((claims for claims in _CLAIMS[wrong](contract) if claims), ())


_Claims = Callable[[Contract], tuple[ClaimIds, ...]]


def _charged(contract: Contract) -> tuple[ClaimIds, ...]:
    return _billing("charged_once", "charged_at_creation", "prices")(contract)


def _billing(*facets: str) -> _Claims:
    return lambda contract: tuple(contract.billing.claimed(facet) for facet in facets)


def _all(*facets: str) -> _Claims:
    """Name every one of several claims: which of them it was, the ledger does not say."""
    return lambda contract: (tuple(claim for facet in facets for claim in contract.billing.claimed(facet)),)


def _tasks(*facets: str) -> _Claims:
    return lambda contract: tuple(contract.tasks.claimed(facet) for facet in facets) if contract.tasks else ()


def _isolated(contract: Contract) -> tuple[ClaimIds, ...]:
    return (*_tasks("isolation")(contract), contract.auth.claimed("key"), contract.auth.claimed("required"))


def _funds(contract: Contract) -> tuple[ClaimIds, ...]:
    return (contract.error("insufficient_funds").claim, *_charged(contract))


def _limited(contract: Contract) -> tuple[ClaimIds, ...]:
    minutes = (limit for name, limit in contract.limits.items() if name.endswith("_per_minute"))
    return tuple(limit.claimed("rolling") or limit.claimed("value") or limit.claim for limit in minutes)


def _turned_away(contract: Contract) -> tuple[ClaimIds, ...]:
    return (contract.error("rate_limited").claim,)


def _shaped(contract: Contract) -> tuple[ClaimIds, ...]:
    return (contract.errors.envelope.claim,)


def _counted(contract: Contract) -> tuple[ClaimIds, ...]:
    return contract.response.claimed("count"), contract.response.claimed("items")


_CLAIMS: Mapping[Wrong, _Claims] = {
    **dict.fromkeys(Wrong, _charged),
    Wrong.REFUSED_CHARGED: _billing("refused_is_free", "charged_once", "prices"),
    Wrong.FAILED_CHARGED: _billing("failed_is_free", "failed_refund", "charged_once", "prices"),
    Wrong.NOT_REFUNDED: _all("failed_refund", "partial_refund", "net"),
    Wrong.REFUNDED_TOO_MUCH: _all("failed_refund", "partial_refund", "net"),
    Wrong.MOVED: _billing("net", "charged_once", "charged_at_creation", "prices"),
    Wrong.BELOW_ZERO: _funds,
    Wrong.SAME_ID: _isolated,
    Wrong.SAME_IMAGE: _isolated,
    Wrong.STRANGER: _isolated,
    Wrong.STUCK: _tasks("final", "states"),
    Wrong.LOST: _tasks("final", "states"),
    Wrong.COUNT: _counted,
    Wrong.SHOWN: _isolated,
    Wrong.LIMIT: _limited,
    Wrong.WAIT: _turned_away,
    Wrong.NO_WAIT: _turned_away,
    Wrong.ENVELOPE: _shaped,
}
