"""The files that a contract is made of: its own, and those of the contracts it extends."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pixelproof.documents import document
from pixelproof.documents.document import Document, nearest

#: Contracts that extend one another; a person loses track long before.
MAX_GENERATIONS = 8

#: Returns the contract file of a shipped profile, None for a name that is none.
FindShipped = Callable[[str], Path | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """A contract and its claims as one document each, whichever files they came from."""

    contract: Document
    #: None when there is no claims.yaml anywhere.
    claims: Document | None
    #: Ids of the statements that another contract made and this one took over.
    inherited: frozenset[str]
    #: Of all the files.
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where the shipped contracts are found by name."""

    find: FindShipped
    names: Callable[[], Iterable[str]]


def trace(path: Path, shelf: Shelf) -> Lineage:
    """Read a contract and everything that it extends. Raises BadDocument with file and line."""
    return _trace(path, shelf, (), 0)


def _trace(path: Path, shelf: Shelf, younger: tuple[Path, ...], values: int) -> Lineage:
    raw = document.fetch(path)
    own = document.parse(raw, str(path))
    claims_path = path.with_name("claims.yaml")
    claims_raw = document.fetch(claims_path) if claims_path.exists() else b""
    own_claims = document.parse(claims_raw, str(claims_path)) if claims_path.exists() else None
    values += len(own.lines)
    if values > document.MAX_NODES:
        problem = f"has more than {document.MAX_NODES} values together with what extends it"
        raise own.broken((), problem, "shorten one of them")
    digest = hashlib.sha256(raw + claims_raw)
    if own.value.get("extends") is None:
        return Lineage(contract=own, claims=own_claims, inherited=frozenset(), sha256=digest.hexdigest())
    from pixelproof.documents.extending import (  # shipped contracts do not pay
        extended,
        extended_claims,
        inherited_claims,
    )

    base = _trace(_base(own, path, shelf, (*younger, path)), shelf, (*younger, path), values)
    digest.update(base.sha256.encode())
    contract = extended(base.contract, own, base.claims, own_claims)
    claims = extended_claims(base.claims, own_claims, contract)
    inherited = inherited_claims(base.claims, own_claims)
    return Lineage(contract=contract, claims=claims, inherited=inherited, sha256=digest.hexdigest())


def _base(own: Document, path: Path, shelf: Shelf, chain: tuple[Path, ...]) -> Path:
    """Return the file of the contract that ``own`` extends. Raises BadDocument at its ``extends``."""
    name = own.value["extends"]
    if not isinstance(name, str) or not name:
        problem = "must be the name of a shipped profile, or the path of a contract.yaml"
        raise own.broken(("extends",), problem, f"known: {', '.join(shelf.names())}")
    found = shelf.find(name) or _file(path.parent / name)
    if found is None:
        hint = "the path starts at this file's folder" if "/" in name else nearest(name, shelf.names())
        raise own.broken(("extends",), f"there is no profile and no file '{name}'", hint)
    if found.resolve() in {each.resolve() for each in chain}:
        circle = " → ".join(str(each) for each in (*chain, found))
        raise own.broken(("extends",), f"the contracts extend each other in a circle: {circle}", "cut it at one place")
    if len(chain) >= MAX_GENERATIONS:
        problem = f"is the {len(chain)}th contract in a row that extends another"
        raise own.broken(("extends",), problem, f"at most {MAX_GENERATIONS - 1} are followed; merge some of them")
    return found


def _file(path: Path) -> Path | None:
    if path.is_dir():
        path /= "contract.yaml"
    return Path(os.path.normpath(path)) if path.exists() else None
