"""The typed contract: what one provider documents, parsed once and never changed.

Shapes mirror ``specs/<profile>/contract.yaml``; every entry carries the ids of the
claims that document it. Nothing here reads files: see :mod:`pixelproof.loading`.
"""

from __future__ import annotations

from pixelproof.contract.billing import (
    Billing,
    Forex,
    Limit,
    Moment,
    Overdraft,
    PriceExample,
    PriceOrder,
    PriceRow,
    RateHeaders,
    RefundExample,
)
from pixelproof.contract.claim import Claim, ClaimIds, Kind, Level
from pixelproof.contract.condition import When, holds, spelled
from pixelproof.contract.delivery import Images, Media, Response, ResponseField, Tasks, Upload, UrlLife
from pixelproof.contract.error import FALLBACKS, Envelope, ErrorRow, ErrorTable
from pixelproof.contract.json import Json
from pixelproof.contract.request import (
    MEDIA,
    MEDIA_LIST,
    Auth,
    Cell,
    CustomSizes,
    Domain,
    Exclusion,
    Model,
    Operation,
    Parameter,
    Presence,
    Support,
    TestKeys,
)
from pixelproof.contract.whole import About, Ambiguity, Contract

__all__ = [
    "FALLBACKS",
    "MEDIA",
    "MEDIA_LIST",
    "About",
    "Ambiguity",
    "Auth",
    "Billing",
    "Cell",
    "Claim",
    "ClaimIds",
    "Contract",
    "CustomSizes",
    "Domain",
    "Envelope",
    "ErrorRow",
    "ErrorTable",
    "Exclusion",
    "Forex",
    "Images",
    "Json",
    "Kind",
    "Level",
    "Limit",
    "Media",
    "Model",
    "Moment",
    "Operation",
    "Overdraft",
    "Parameter",
    "Presence",
    "PriceExample",
    "PriceOrder",
    "PriceRow",
    "RateHeaders",
    "RefundExample",
    "Response",
    "ResponseField",
    "Support",
    "Tasks",
    "TestKeys",
    "Upload",
    "UrlLife",
    "When",
    "holds",
    "spelled",
]
