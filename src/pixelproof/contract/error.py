"""The error table of a provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pixelproof.contract.claim import ClaimIds
from pixelproof.contract.json import Json


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
