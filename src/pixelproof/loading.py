"""From YAML to the typed contract: shipped ones by profile name, outside ones by path.

Shipped contracts are validated against the JSON Schema by tests, outside files always
(``jsonschema`` is imported only then).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pixelproof.contract import Claim, Contract, Json, Kind, Level
from pixelproof.documents import document
from pixelproof.documents.document import Document, JsonPath
from pixelproof.documents.lineage import Lineage, Shelf, trace
from pixelproof.documents.reading import read_contract
from pixelproof.problems import BadDocument, BadUsage

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

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
    return _built(opened(specs_folder() / profile / "contract.yaml"))


def opened(path: Path) -> Lineage:
    """Read a contract as documents, with whatever it extends woven in. Raises BadDocument."""
    return trace(path, Shelf(find=_file_of, names=profiles))


def outside(path: Path) -> Contract:
    """Load and validate a contract of the user's. Raises BadDocument with file and line."""
    files = opened(path)
    check_schema(files.contract, "contract")
    if files.claims is not None:
        check_schema(files.claims, "claims")
    return _built(files)


@cache
def gateway_claims() -> Mapping[str, Claim]:
    """Return what is expected of any gateway, by claim id."""
    return _claims(document.read(specs_folder() / "gateway" / "claims.yaml"), frozenset())


def behind_gateways(contract: Contract) -> Contract:
    """Return a contract that holds whoever stands before its provider as well: with the claims about gateways."""
    return replace(contract, claims={**contract.claims, **gateway_claims()})


def named(name: str) -> Contract:
    """Return the contract that somebody names: a shipped profile, or the path of a contract file."""
    return shipped(name) if name in profiles() else outside(path_of(name))


def path_of(name: str) -> Path:
    """Return the contract file that somebody names: a shipped profile's, or their own. Raises BadUsage."""
    found = _file_of(name)
    if found is not None:
        return found
    path = Path(name)
    if path.suffix in {".yaml", ".yml"} or path.exists():
        return path / "contract.yaml" if path.is_dir() else path
    raise BadUsage(f"there is no profile and no file '{name}'", document.nearest(name, profiles()))


def check_schema(read: Document, name: str) -> None:
    """Validate a document against ``specs/schema/<name>.schema.json``; raise the first error."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    schema = json.loads((specs_folder() / "schema" / f"{name}.schema.json").read_text("utf-8"))
    error = best_match(Draft202012Validator(schema).iter_errors(read.value))
    if error is None:
        return
    if error.instance is None and read.files:
        raise _deletes_nothing(read, tuple(error.absolute_path))
    if error.validator == "additionalProperties" and isinstance(error.schema, dict):
        raise _unknown_key(read, error.absolute_path, error.instance, error.schema.get("properties", {}))
    if "propertyNames" in error.absolute_schema_path:
        raise _bad_name(read, error)
    raise read.broken(error.absolute_path, _plain(error.message), _schema_hint(error))


def _deletes_nothing(read: Document, path: JsonPath) -> BadDocument:
    known: Json | Mapping[str, Json] = read.value
    for part in path[:-1]:
        known = known.get(str(part)) if isinstance(known, Mapping) else None
    names = [name for name in known if name != path[-1]] if isinstance(known, Mapping) else []
    hint = document.nearest(str(path[-1]), names) if names else "leave it out"
    return read.broken(path, f"null deletes what is inherited, and no '{path[-1]}' is", hint)


def _bad_name(read: Document, error: ValidationError) -> BadDocument:
    schema = error.schema if isinstance(error.schema, dict) else {}
    if "enum" in schema:
        return _unknown_key(read, error.absolute_path, {str(error.instance): None}, dict.fromkeys(schema["enum"]))
    where = (*error.absolute_path, str(error.instance))
    return read.broken(where, f"'{error.instance}' is no name that can stand here", _schema_hint(error))


def _unknown_key(
    read: Document, path: Iterable[str | int], value: Mapping[str, object], known: Mapping[str, object]
) -> BadDocument:
    key = next(name for name in value if name not in known)
    hint = document.nearest(key, known) if known else "see specs/schema for the format"
    return read.broken((*path, key), f"the key '{key}' is not possible here", hint)


def _built(files: Lineage) -> Contract:
    claims = {} if files.claims is None else _claims(files.claims, files.inherited)
    return read_contract(files.contract, claims, files.sha256)


def _file_of(profile: str) -> Path | None:
    return specs_folder() / profile / "contract.yaml" if profile in profiles() else None


def _claims(read: Document, inherited: frozenset[str]) -> dict[str, Claim]:
    sources = read.value.get("sources")
    rows = read.value.get("claims")
    if not isinstance(sources, dict) or not isinstance(rows, dict):
        raise read.broken((), "needs the maps 'sources' and 'claims'", "see specs/schema/claims.schema.json")
    return {name: replace(_claim(read, name, sources), inherited=name in inherited) for name in rows}


def _claim(read: Document, name: str, sources: Mapping[str, object]) -> Claim:
    rows = read.value["claims"]
    row = rows[name] if isinstance(rows, dict) else None
    if row is None:
        raise read.broken(("claims", name), "null takes away an inherited statement, and this is none", "leave it out")
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


def _schema_hint(error: ValidationError) -> str:
    wanted = error.validator_value
    if error.validator == "required" and isinstance(error.instance, dict) and isinstance(wanted, list):
        return f"add {', '.join(name for name in wanted if name not in error.instance)}"
    schema = error.schema
    if isinstance(schema, dict):
        if isinstance(schema.get("description"), str):
            return str(schema["description"])
        if isinstance(schema.get("properties"), dict):
            return _known(schema["properties"])
    return "see specs/schema for the format"


__all__ = [
    "BadDocument",
    "check_schema",
    "named",
    "opened",
    "outside",
    "path_of",
    "profiles",
    "shipped",
    "specs_folder",
]
