"""Where the claims of a contract stand: file and line of the entry that each documents, else of its own row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pixelproof import loading
from pixelproof.contract import Json
from pixelproof.documents import document
from pixelproof.documents.document import Document, JsonPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of a file; lines count from 1."""

    file: str
    line: int


@cache
def claim_places(path: Path) -> Mapping[str, Place]:
    """Return the places of all claims of a contract file: the first entry that names one, else its row in claims.yaml.

    Raises BadDocument for a file that cannot be read.
    """
    files = loading.opened(path)
    rows = files.claims.value.get("claims") if files.claims is not None else None
    known = set(rows) if isinstance(rows, dict) else set()
    found = {claim: _place(files.contract, where) for claim, where in _mentions(dict(files.contract.value), known)}
    own = {claim: _place(files.claims, ("claims", claim)) for claim in known} if files.claims is not None else {}
    return own | found


@cache
def gateway_places() -> Mapping[str, Place]:
    """Return the places of what is expected of any gateway."""
    path = loading.specs_folder() / "gateway" / "claims.yaml"
    read = document.read(path)
    return {claim: _place(read, ("claims", claim)) for claim in loading.gateway_claims()}


def _place(read: Document, where: JsonPath) -> Place:
    file, line = read.place(where)
    return Place(file=file, line=line)


def _mentions(value: Json, known: set[str]) -> Iterator[tuple[str, JsonPath]]:
    """Yield every claim that is named, with its first path."""
    seen: set[str] = set()
    ahead: list[tuple[Json, JsonPath]] = [(value, ())]
    while ahead:
        item, where = ahead.pop()
        if isinstance(item, dict):
            ahead += [(inner, (*where, key)) for key, inner in reversed(item.items())]
        elif isinstance(item, list):
            ahead += [(inner, (*where, index)) for index, inner in reversed(list(enumerate(item)))]
        elif isinstance(item, str) and item in known - seen:
            seen.add(item)
            yield item, where
