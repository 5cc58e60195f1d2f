"""What a lint rule is given beside the contract: the documents, and every request that can be made."""

from __future__ import annotations

from dataclasses import dataclass, field

from pixelproof.documents.document import Document
from pixelproof.documents.linting.requests import Requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The documents that a contract was read from, and what follows from the whole of it."""

    document: Document
    #: ``claims.yaml``, None where there is none.
    claims: Document | None
    requests: Requests
    #: Ids of claims in other contracts: what ``reference`` may name.
    elsewhere: frozenset[str] = field(default_factory=frozenset)
