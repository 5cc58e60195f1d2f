"""What comes back: bodies, images, tasks, stored media."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pixelproof.contract.claim import ClaimIds
from pixelproof.contract.json import Json


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
    #: The request parameter whose value it repeats.
    echoes: str | None = None
    #: True: no two responses have the same value.
    unique: bool = False


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
