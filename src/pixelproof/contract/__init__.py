"""The typed contract: what one provider documents, parsed once and never changed.

Shapes mirror ``specs/<profile>/contract.yaml``; every entry carries the ids of the
claims that document it. Nothing here reads files: see :mod:`pixelproof.loading`.
"""

from __future__ import annotations

from pixelproof.contract.billing import (
    Billing,
    Limit,
    Moment,
    Overdraft,
    PriceExample,
    PriceOrder,
    PriceRow,
    RefundExample,
)
from pixelproof.contract.claim import Claim, ClaimIds, Kind, Level
from pixelproof.contract.delivery import Images, Media, Response, ResponseField, Tasks, Upload, UrlLife
from pixelproof.contract.error import FALLBACKS, Envelope, ErrorRow, ErrorTable
from pixelproof.contract.json import Json
from pixelproof.contract.request import (
    MEDIA,
    MEDIA_LIST,
    Auth,
    Cell,
    Domain,
    Exclusion,
    Model,
    Operation,
    Parameter,
    Presence,
    Support,
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
    "Domain",
    "Envelope",
    "ErrorRow",
    "ErrorTable",
    "Exclusion",
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
    "RefundExample",
    "Response",
    "ResponseField",
    "Support",
    "Tasks",
    "Upload",
    "UrlLife",
]
