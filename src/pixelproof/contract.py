"""The typed contract: what one provider documents, parsed once and never changed.

Shapes mirror ``specs/<profile>/contract.yaml``; every entry carries the ids of the
claims that document it. Nothing here reads files: see :mod:`pixelproof.loading`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from pixelproof.money import Currency, Units

#: A JSON value as the standard library parses it.
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

ClaimIds = tuple[str, ...]


class Level(StrEnum):
    """Who decides about a claim."""

    D = "D"
    D_DAGGER = "D†"
    E = "E"
    R = "R"
    X = "X"
    A = "A"
    G = "G"


class Kind(StrEnum):
    """How a claim is proven."""

    OBLIGATION = "obligation"
    PERMISSION = "permission"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One documented statement, with the page it stands on."""

    id: str
    level: Level
    kind: Kind
    statement: str
    page: str
    heading: str
    read: str
    shields: ClaimIds = ()

    @property
    def source(self) -> str:
        """Say where the statement stands, for a person."""
        place = f"{self.page}, {self.heading}" if self.heading else self.page
        return f"{place} (read {self.read})"


class Support(StrEnum):
    """What a model does with a parameter."""

    TAKEN = "taken"
    IGNORED = "ignored"
    REFUSED = "refused"


class Presence(StrEnum):
    """Whether a model adds ``revised_prompt`` to an image."""

    ALWAYS = "always"
    OPTIONAL = "optional"
    NEVER = "never"


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
class Domain:
    """The values that a parameter may take: a small, closed part of JSON Schema."""

    type: str
    enum: tuple[str, ...] | None = None
    minimum: int | None = None
    maximum: int | None = None
    min_length: int | None = None
    max_length: int | None = None


#: A reference image (url, artifact or data URI), and a list of them with at most ``maximum`` items.
MEDIA, MEDIA_LIST = "media", "media_list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A request parameter as the provider's table has it, over all models."""

    name: str
    domain: Domain
    required: bool = False
    default: str | int | bool | None = None
    aliases: tuple[str, ...] = ()
    #: A feature that a server may refuse as a whole (``stream``): served or refused, never hung.
    optional_feature: bool = False
    #: The capabilities whose requests have it, None for all.
    capabilities: tuple[str, ...] | None = None
    #: Values of other parameters without which this one means nothing.
    companions: Mapping[str, str] = field(default_factory=dict)
    #: facet (required, values, default, count, aliases) → claims
    claims: Mapping[str, ClaimIds] = field(default_factory=dict)

    def claimed(self, facet: str) -> ClaimIds:
        """Return the claims of one facet, none when the facet is not documented."""
        return self.claims.get(facet, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One parameter of one model: the parameter's domain, narrowed."""

    parameter: str
    support: Support
    domain: Domain
    default: str | int | bool | None
    claim: ClaimIds
    default_claim: ClaimIds = ()
    #: Row of the error table that answers when a refused parameter is sent.
    error: str = "unknown_parameter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One row of the model matrix."""

    id: str
    claim: ClaimIds
    cells: Mapping[str, Cell]
    like: str | None = None
    #: The model that serves requests for this one (``auto``).
    routes_to: str | None = None
    revised_prompt: Presence = Presence.OPTIONAL
    revised_prompt_claim: ClaimIds = ()
    #: The one format the model delivers whatever is asked for, else None.
    delivers: str | None = None
    delivers_claim: ClaimIds = ()
    #: error row → keys that differ for this model
    errors: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One endpoint: ``path`` is relative to the base URL."""

    name: str
    method: str
    path: str
    success: int
    capability: str | None = None
    media_type: str | None = None
    scope: str | None = None
    #: True: it answers at once with a task that delivers later.
    creates_task: bool = False
    claims: Mapping[str, ClaimIds] = field(default_factory=dict)

    def claimed(self, facet: str) -> ClaimIds:
        """Return the claims of one facet (serves, media_type, scope)."""
        return self.claims.get(facet, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Values that are each allowed, but not together; ``parameter`` is named in the refusal."""

    when: Mapping[str, tuple[str, ...]]
    parameter: str
    claim: ClaimIds


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """The life of an asynchronous task, and where its body keeps what (JSON pointers)."""

    pointers: Mapping[str, str]
    #: canonical state → the provider's words for it
    states: Mapping[str, tuple[str, ...]]
    #: Seconds a task of the mock waits and runs.
    queued_s: int
    running_s: int
    claims: Mapping[str, ClaimIds]

    def claimed(self, facet: str) -> ClaimIds:
        """Return the claims of one facet (final, billing, refunds, net, chaining …)."""
        return self.claims.get(facet, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """How a reference image is stored: a multipart field, and where the answer names it."""

    field: str
    artifact_id: str
    types: tuple[str, ...]
    max_bytes: int
    claims: Mapping[str, ClaimIds]


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """The kinds of reference images: kind → its JSON, with ``{url}`` and the like to fill in."""

    kinds: Mapping[str, Mapping[str, Json]]
    upload: Upload | None
    claims: Mapping[str, ClaimIds]

    def claimed(self, facet: str) -> ClaimIds:
        """Return the claims of one facet (kinds, shapes)."""
        return self.claims.get(facet, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseField:
    """One key of a success body; ``source`` names what the mock puts there."""

    name: str
    source: str
    type: str
    required: bool
    claim: ClaimIds
    models: tuple[str, ...] | None = None
    fields: tuple[ResponseField, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The success body of an image request, and the claims about its items."""

    fields: tuple[ResponseField, ...]
    claims: Mapping[str, ClaimIds]

    def claimed(self, facet: str) -> ClaimIds:
        """Return the claims of one facet (items, format, count)."""
        return self.claims.get(facet, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlLife:
    """How long an image URL lives: must answer at ``alive_at_s``, must not after ``dead_by_s``."""

    life_s: int
    alive_at_s: int
    dead_by_s: int
    claim: ClaimIds


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """What a delivered image must be."""

    types: tuple[str, ...]
    alpha_when: Mapping[str, tuple[str, ...]]
    alpha_claim: ClaimIds
    url: UrlLife | None
    #: value of ``ratio_parameter`` → pixel size; empty where requests name pixels themselves.
    sizes: Mapping[str, str] = field(default_factory=dict)
    ratio_parameter: str | None = None
    ratio_tolerance_percent: int = 0
    ratio_claim: ClaimIds = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRow:
    """One row of the error table. Keys named in ``assumed`` are ours and never judged."""

    name: str
    statuses: tuple[int, ...]
    keys: Mapping[str, Json]
    claim: ClaimIds
    assumed: frozenset[str] = frozenset()
    retry_after: bool = False
    names_parameter: bool = False

    @property
    def judged_keys(self) -> Mapping[str, Json]:
        """Return the keys and values that the document states."""
        return {key: value for key, value in self.keys.items() if key not in self.assumed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The object under ``error``: documented keys with JSON types, and the keys we add."""

    keys: Mapping[str, tuple[str, ...]]
    extra: tuple[str, ...]
    claim: ClaimIds


#: Where a row is missing, the row that stands in for it.
FALLBACKS: Mapping[str, str] = MappingProxyType(
    {
        "malformed": "invalid_request",
        "missing_parameter": "invalid_request",
        "unknown_parameter": "invalid_request",
        "unknown_model": "invalid_request",
        "model_retired": "unknown_model",
        "content_policy": "invalid_request",
        "budget_exceeded": "insufficient_funds",
        "unavailable": "upstream_error",
        "upstream_error": "server_error",
        "timeout": "server_error",
        "too_large": "invalid_request",
        "method_not_allowed": "not_found",
        "conflict": "invalid_request",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorTable:
    """The error table of a provider."""

    envelope: Envelope
    rows: Mapping[str, ErrorRow]

    def row(self, name: str) -> ErrorRow:
        """Return the row of an error, or the nearest documented one. Raises KeyError."""
        while name not in self.rows:
            name = FALLBACKS[name]
        return self.rows[name]


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


class About(StrEnum):
    """What an ambiguity is about."""

    REQUEST = "request"
    ERROR_TYPE = "error_type"
    OVERDRAFT = "overdraft"
    CHARGED = "charged"


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
        return self.about is About.REQUEST and all(
            str(values.get(name)) in allowed for name, allowed in self.subject.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """How a key travels and looks. ``mint`` is a template with ``{token}``."""

    scheme: str
    key_pattern: str
    mint: str
    scopes: tuple[str, ...]
    claims: Mapping[str, ClaimIds]

    def claimed(self, facet: str) -> ClaimIds:
        """Return the claims of one facet (required, key)."""
        return self.claims.get(facet, ())


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
