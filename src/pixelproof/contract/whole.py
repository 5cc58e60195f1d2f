"""The whole contract of one provider, and the points its documents leave open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pixelproof.contract.billing import Billing, Limit, RateHeaders
from pixelproof.contract.claim import Claim, ClaimIds, Kind
from pixelproof.contract.condition import holds
from pixelproof.contract.delivery import Images, Media, Response, Tasks
from pixelproof.contract.error import ErrorRow, ErrorTable
from pixelproof.contract.json import Json
from pixelproof.contract.request import Auth, Exclusion, Model, Operation, Parameter, Support


class About(StrEnum):
    """What an ambiguity is about."""

    REQUEST = "request"
    ERROR_TYPE = "error_type"
    OVERDRAFT = "overdraft"
    CHARGED = "charged"
    STATUS = "status"
    ENVELOPE = "envelope"
    PRICE = "price"
    COST = "cost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguity:
    """A point on which the documents leave several readings; every one passes."""

    claim: str
    about: About
    readings: Mapping[str, str]
    mock: str
    subject: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    row: str | None = None

    def covers(self, values: Mapping[str, Json]) -> bool:
        """Tell whether effective request values lie inside the disputed subject."""
        return self.about is About.REQUEST and holds(self.subject, values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Everything one provider documents."""

    profile: str
    title: str
    servers: tuple[str, ...]
    auth: Auth
    operations: Mapping[str, Operation]
    parameters: Mapping[str, Parameter]
    unknown_policy: Support
    unknown_claim: ClaimIds
    models: Mapping[str, Model]
    response: Response
    images: Images
    errors: ErrorTable
    limits: Mapping[str, Limit]
    billing: Billing
    ambiguities: tuple[Ambiguity, ...]
    contradicted: frozenset[str]
    claims: Mapping[str, Claim]
    sha256: str
    exclusions: tuple[Exclusion, ...] = ()
    rate_headers: RateHeaders | None = None
    tasks: Tasks | None = None
    media: Media | None = None

    def error(self, name: str, model: str | None = None) -> ErrorRow:
        """Return an error row, with the keys that differ for ``model``."""
        row = self.errors.row(name)
        known = self.models.get(model) if model else None
        special = known.errors.get(name) if known else None
        if special is None:
            return row
        return ErrorRow(
            name=row.name,
            statuses=row.statuses,
            keys={**row.keys, **special},
            claim=row.claim,
            assumed=row.assumed,
            retry_after=row.retry_after,
            names_parameter=row.names_parameter,
        )

    def creating(self) -> tuple[Operation, ...]:
        """Return the operations that make images, in the contract's order."""
        return tuple(operation for operation in self.operations.values() if operation.capability is not None)

    def obligations(self) -> tuple[Claim, ...]:
        """Return the claims that a server can break."""
        return tuple(claim for claim in self.claims.values() if claim.kind is Kind.OBLIGATION)
