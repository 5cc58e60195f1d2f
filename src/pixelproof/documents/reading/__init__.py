"""From a contract document to the typed model."""

from __future__ import annotations

from pixelproof.documents.reading.whole import read_contract

__all__ = ["read_contract"]
