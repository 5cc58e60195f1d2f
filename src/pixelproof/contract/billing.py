"""How money moves, and the limits on how much may be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
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
    #: tier of a key → its value, where the document has tiers; ``value`` is the tier of new keys.
    tiers: Mapping[str, int] = field(default_factory=dict)
    #: facet (value, per, rolling) → claims: what the document says beyond that there is a limit.
    claims: Mapping[str, ClaimIds] = field(default_factory=dict)

    def claimed(self, facet: str) -> ClaimIds:
        """Return the claims of one facet, none when the facet is not documented."""
        return self.claims.get(facet, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class RateHeaders:
    """Names of the headers in which every response says how much of a limit is left."""

    limit: str
    remaining: str
    reset: str
    claim: ClaimIds


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """A price per image for requests whose effective values lie in ``when``."""

    when: Mapping[str, tuple[str, ...]]
    price: Units
    claim: ClaimIds
    #: Where the document gives a range (from ``least`` to ``most``), any charge in it is right.
    least: Units | None = None
    most: Units | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOrder:
    """A documented order of prices: every ``cheaper`` request costs less than its ``dearer`` twin."""

    cheaper: Mapping[str, str]
    dearer: Mapping[str, str]
    claim: ClaimIds
    #: The dearer one costs so many times the cheaper one; None when only the order is documented.
    times: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forex:
    """Prices made of another currency's: rows hold at ``rate`` and move in proportion to it."""

    base: str
    #: How many units of the contract's currency one ``base`` costs, where the rows hold.
    rate: Decimal
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
    forex: Forex | None = None

    def claimed(self, facet: str) -> ClaimIds:
        """Return the claims of one facet (charged_once, charged_each, refused_is_free, failed_is_free, budget)."""
        return self.claims.get(facet, ())
