"""What may be asked for: parameters, the model matrix, operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pixelproof.contract.claim import ClaimIds
from pixelproof.contract.json import Json

#: Digits of a side that are still read as a number.
_LONGEST_SIDE = 6


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomSizes:
    """Pixel sizes beyond a list: both sides from ``minimum`` to ``maximum`` in steps of ``step``."""

    minimum: int
    maximum: int
    step: int
    #: Who says that there are custom sizes, and who says which.
    claim: ClaimIds
    bounds_claim: ClaimIds

    def covers(self, value: str) -> bool:
        """Tell whether ``640x480`` and the like is such a size."""
        wide, _, high = value.partition("x")
        return all(self._side(side) for side in (wide, high))

    def _side(self, text: str) -> bool:
        plain = text.isascii() and text.isdigit() and len(text) < _LONGEST_SIDE and text[0] != "0"
        return plain and self.minimum <= int(text) <= self.maximum and int(text) % self.step == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The values that a parameter may take: a small, closed part of JSON Schema."""

    type: str
    enum: tuple[str, ...] | None = None
    minimum: int | None = None
    maximum: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    custom: CustomSizes | None = None


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
    #: facet (required, values, default, count, aliases, exclusive) → claims
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
    #: Bytes of the longest request body, None where the document names no length.
    max_bytes: int | None = None
    claims: Mapping[str, ClaimIds] = field(default_factory=dict)

    def claimed(self, facet: str) -> ClaimIds:
        """Return the claims of one facet (serves, media_type, scope, max_bytes)."""
        return self.claims.get(facet, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Values that are each allowed, but not together; ``parameter`` is named in the refusal."""

    when: Mapping[str, tuple[str, ...]]
    parameter: str
    claim: ClaimIds


@dataclass(frozen=True, slots=True, kw_only=True)
class TestKeys:
    """Keys of an account that are not billed, with quotas of their own."""

    key_pattern: str
    mint: str
    claim: ClaimIds


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """How a key travels and looks. ``mint`` is a template with ``{token}``."""

    scheme: str
    key_pattern: str
    mint: str
    scopes: tuple[str, ...]
    claims: Mapping[str, ClaimIds]
    test_keys: TestKeys | None = None

    def claimed(self, facet: str) -> ClaimIds:
        """Return the claims of one facet (required, key)."""
        return self.claims.get(facet, ())
