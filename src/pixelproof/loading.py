"""From YAML to the typed contract: shipped ones by profile name, outside ones by path.

Shipped contracts are validated against the JSON Schema by tests, outside files always
(``jsonschema`` is imported only then).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from pixelproof import document
from pixelproof.contract import Claim, Contract, Kind, Level
from pixelproof.document import Document
from pixelproof.problems import BadDocument, BadUsage
from pixelproof.reading import read_contract

_SEARCH = ("pixelproof.specs",)


@cache
def specs_folder() -> Path:
    """Return the folder of the shipped contracts, in a checkout or an installed wheel."""
    from importlib.util import find_spec

    spec = find_spec(_SEARCH[0])
    if spec is None or not spec.submodule_search_locations:
        raise BadUsage("the shipped contracts are missing", "reinstall pixelproof")
    return Path(next(iter(spec.submodule_search_locations)))


@cache
def profiles() -> tuple[str, ...]:
    """Return the names of the shipped profiles, in alphabetical order."""
    return tuple(sorted(path.parent.name for path in specs_folder().glob("*/contract.yaml")))


@cache
def shipped(profile: str) -> Contract:
    """Load a shipped contract by its profile name. Raises BadUsage for an unknown one."""
    if profile not in profiles():
        raise BadUsage(f"there is no profile '{profile}'", document.nearest(profile, profiles()))
    return _load(specs_folder() / profile / "contract.yaml")


def outside(path: Path) -> Contract:
    """Load and validate a contract of the user's. Raises BadDocument with file and line."""
    contract_document = document.read(path)
    check_schema(contract_document, "contract")
    claims_path = path.with_name("claims.yaml")
    if claims_path.exists():
        check_schema(document.read(claims_path), "claims")
    return _load(path)


def check_schema(read: Document, name: str) -> None:
    """Validate a document against ``specs/schema/<name>.schema.json``; raise the first error."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    schema = json.loads((specs_folder() / "schema" / f"{name}.schema.json").read_text("utf-8"))
    error = best_match(Draft202012Validator(schema).iter_errors(read.value))
    if error is None:
        return
    if error.validator == "additionalProperties" and isinstance(error.schema, dict):
        raise _unknown_key(read, error.absolute_path, error.instance, error.schema.get("properties", {}))
    if "propertyNames" in error.absolute_schema_path:
        known = error.schema.get("enum", ()) if isinstance(error.schema, dict) else ()
        raise _unknown_key(read, error.absolute_path, {str(error.instance): None}, dict.fromkeys(known))
    raise read.broken(error.absolute_path, _plain(error.message), _schema_hint(error.schema))


def _unknown_key(
    read: Document, path: Iterable[str | int], value: Mapping[str, object], known: Mapping[str, object]
) -> BadDocument:
    key = next(name for name in value if name not in known)
    hint = document.nearest(key, known) if known else "see specs/schema for the format"
    return read.broken((*path, key), f"the key '{key}' is not possible here", hint)


def load_claims(path: Path) -> tuple[dict[str, Claim], Document]:
    """Read a ``claims.yaml``: every statement by its id."""
    read = document.read(path)
    sources = read.value.get("sources")
    rows = read.value.get("claims")
    if not isinstance(sources, dict) or not isinstance(rows, dict):
        raise read.broken((), "needs the maps 'sources' and 'claims'", "see specs/schema/claims.schema.json")
    return {name: _claim(read, name, sources) for name in rows}, read


def _load(path: Path) -> Contract:
    contract_document = document.read(path)
    claims_path = path.with_name("claims.yaml")
    claims, digest = _claims_beside(claims_path)
    sha256 = hashlib.sha256(path.read_bytes() + digest).hexdigest()
    return read_contract(contract_document, claims, sha256)


def _claims_beside(path: Path) -> tuple[Mapping[str, Claim], bytes]:
    if not path.exists():
        return {}, b""
    return load_claims(path)[0], path.read_bytes()


def _claim(read: Document, name: str, sources: Mapping[str, object]) -> Claim:
    rows = read.value["claims"]
    row = rows[name] if isinstance(rows, dict) else None
    if not isinstance(row, dict):
        raise read.broken(("claims", name), "must be a map", "give level, source and statement")
    source = sources.get(str(row.get("source")))
    if not isinstance(source, dict):
        raise read.broken(("claims", name, "source"), f"names no source: {row.get('source')}", _known(sources))
    shields = row.get("shields")
    try:
        return Claim(
            id=name,
            level=Level(str(row.get("level"))),
            kind=Kind(str(row.get("kind", "obligation"))),
            statement=str(row.get("statement", "")),
            page=str(source.get("page", "")),
            heading=str(row.get("heading", "")),
            read=str(source.get("read", "")),
            shields=tuple(str(item) for item in shields) if isinstance(shields, list) else (),
        )
    except ValueError as error:
        raise read.broken(("claims", name), str(error), "see specs/schema/claims.schema.json") from None


def _known(names: Iterable[str]) -> str:
    return f"known: {', '.join(sorted(names))}"


def _plain(message: str) -> str:
    return message if len(message) < 300 else message[:297] + "…"  # noqa: PLR2004 - one readable line


def _schema_hint(schema: object) -> str:
    if isinstance(schema, dict):
        if isinstance(schema.get("description"), str):
            return str(schema["description"])
        if isinstance(schema.get("properties"), dict):
            return _known(schema["properties"])
    return "see specs/schema for the format"


__all__ = ["BadDocument", "check_schema", "load_claims", "outside", "profiles", "shipped", "specs_folder"]
