"""How money moves, and the limits on how much may be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pixelproof.contract.claim import ClaimIds
from pixelproof.contract.json import Json
from pixelproof.money import Currency, Units


class Moment(StrEnum):
    """When the money of a request leaves the wallet."""

    AT_CREATION = "at_creation"
    HOLD_THEN_CHARGE = "hold_then_charge"
    AFTER_RESPONSE = "after_response"


class Overdraft(StrEnum):
    """Whether a request may push a wallet below zero."""

    NEVER = "never"
    ONE_REQUEST = "one_request"
    UNSPECIFIED = "unspecified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A rolling window over requests or images; ``value`` None means unlimited."""

    name: str
    value: int | None
    per: str
    claim: ClaimIds


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """A price per image for requests whose effective values lie in ``when``."""

    when: Mapping[str, tuple[str, ...]]
    price: Units
    claim: ClaimIds


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOrder:
    """A documented order of prices: every ``cheaper`` request costs less than its ``dearer`` twin."""

    cheaper: Mapping[str, str]
    dearer: Mapping[str, str]
    claim: ClaimIds


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceExample:
    """A charge computed by hand from the page: the oracle of :mod:`pixelproof.pricing`."""

    request: Mapping[str, Json]
    charge: Units
    worked: str
    operation: str = "generate"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundExample:
    """A refund computed by hand from the page, for ``delivered`` of the images asked for."""

    request: Mapping[str, Json]
    delivered: int
    refund: Units
    worked: str
    operation: str = "generate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """How money moves."""

    currency: Currency
    moment: Moment
    overdraft: Overdraft
    opening: Units
    prices: tuple[PriceRow, ...]
    order: tuple[PriceOrder, ...]
    examples: tuple[PriceExample, ...]
    claims: Mapping[str, ClaimIds]
    refund_examples: tuple[RefundExample, ...] = ()

    def claimed(self, facet: str) -> ClaimIds:
        """Return the claims of one facet (charged_once, refused_is_free, failed_is_free, budget)."""
        return self.claims.get(facet, ())
