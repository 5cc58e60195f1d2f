"""One contract out of two: what a child says itself, woven over what it inherits.

Maps merge, lists replace, ``null`` deletes. What speaks only of something deleted goes with
it, and every value keeps the file and line that it came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pixelproof.contract import Json
from pixelproof.documents.document import Document, JsonPath
from pixelproof.documents.pruning import Gone, pruned

#: Who somebody is cannot be inherited: the schema misses these when the child does not say them itself.
_IDENTITY = ("format", "profile", "title", "servers")

#: Where null is a value of its own and no deletion; ``*`` stands for any key.
_NULL_IS_SAID: tuple[JsonPath, ...] = (
    ("limits", "*", "value"),
    ("errors", "rows", "*", "*"),
    ("models", "*", "errors", "*", "*"),
    ("models", "*", "parameters", "*", "custom"),
)

#: With prices of its own, a child leaves behind what was worked out from the inherited ones.
_MADE_OF_PRICES = ("examples", "refund_examples", "order")


def extended(base: Document, own: Document, base_claims: Document | None, own_claims: Document | None) -> Document:
    """Return the contract of a child that extends ``base``, without its ``extends``. Raises BadDocument."""
    _check_currency(base, own)
    said = {key: value for key, value in own.value.items() if key != "extends"}
    gone = _gone(base, own, base_claims, own_claims)
    return woven(pruned(base, gone), replace(own, value=said), _NULL_IS_SAID)


def extended_claims(base: Document | None, own: Document | None, contract: Document) -> Document | None:
    """Return the statements of a child: its own, and those inherited that its contract still names."""
    if base is None:
        return own
    if own is None:
        own = Document(file=base.file, value={}, lines={})
    named = _texts(contract.value)
    kept = {**_rows(own, "claims"), **dict.fromkeys(named)}
    unnamed = frozenset(name for name in _rows(base, "claims") if name not in kept)
    return woven(_without_claims(base, unnamed), own, ())


def inherited_claims(base: Document | None, own: Document | None) -> frozenset[str]:
    """Return the ids of the statements that the child takes over word for word."""
    mine = _rows(own, "claims") if own is not None else {}
    return frozenset(name for name in _rows(base, "claims") if name not in mine) if base is not None else frozenset()


def woven(base: Document, own: Document, null_is_said: tuple[JsonPath, ...]) -> Document:
    """Return ``own`` over ``base``; a null that deletes nothing stays, for the schema to judge."""
    weaver = _Weaver(base, own, null_is_said)
    value = weaver.weave(base.value, own.value, ())
    return Document(file=own.file, value=value, lines=weaver.lines, files=weaver.files)


class _Weaver:
    """Walks two trees at once and notes where each value of the result stands."""

    def __init__(self, base: Document, own: Document, null_is_said: tuple[JsonPath, ...]) -> None:
        self._base = base
        self._own = own
        self._null_is_said = null_is_said
        self.lines: dict[JsonPath, int] = {}
        self.files: dict[JsonPath, str] = {}

    def weave(self, base: Mapping[str, Json], own: Mapping[str, Json], path: JsonPath) -> dict[str, Json]:
        self._note(self._own, path)
        result: dict[str, Json] = {}
        for key in (*base, *(key for key in own if key not in base)):
            where = (*path, key)
            if key not in own:
                result[key] = self._copy(self._base, base[key], where)
            elif key not in base or own[key] is not None or self._is_said(where):
                result[key] = self._over(base.get(key), own[key], where)
        return result

    def _over(self, base: Json, own: Json, path: JsonPath) -> Json:
        if isinstance(base, dict) and isinstance(own, dict):
            return self.weave(base, own, path)
        return self._copy(self._own, own, path)

    def _copy(self, document: Document, value: Json, path: JsonPath) -> Json:
        self._note(document, path)
        for where in paths(value, path):
            self._note(document, where)
        return value

    def _note(self, document: Document, path: JsonPath) -> None:
        if path in document.lines:
            file, self.lines[path] = document.place(path)
            if file != self._own.file:
                self.files[path] = file

    def _is_said(self, path: JsonPath) -> bool:
        return any(
            len(pattern) == len(path) and all(part in {"*", at} for part, at in zip(pattern, path, strict=True))
            for pattern in self._null_is_said
        )


def paths(value: Json, path: JsonPath) -> Iterator[JsonPath]:
    """Yield the path of everything inside a value that stands at ``path``."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield (*path, key)
        yield from paths(item, (*path, key))


def _gone(base: Document, own: Document, base_claims: Document | None, own_claims: Document | None) -> Gone:
    billing = _rows(own, "billing")
    return Gone(
        models=_deleted(base, own, "models"),
        parameters=_deleted(base, own, "parameters"),
        claims=_deleted(base_claims, own_claims, "claims") if base_claims and own_claims else frozenset(),
        keys=frozenset(
            {*((key,) for key in _IDENTITY), *(("billing", key) for key in _MADE_OF_PRICES if "prices" in billing)}
        ),
    )


def _deleted(base: Document, own: Document, section: str) -> frozenset[str]:
    known = _rows(base, section)
    return frozenset(name for name, value in _rows(own, section).items() if value is None and name in known)


def _check_currency(base: Document, own: Document) -> None:
    inherited, said = _rows(base, "billing"), _rows(own, "billing")
    for key in ("currency", "scale"):
        if said.get(key, inherited.get(key)) != inherited.get(key) and "prices" not in said and inherited.get("prices"):
            problem = f"the inherited prices are not in this {key}"
            raise own.broken(("billing", key), problem, "write 'prices:' of your own beside it, or 'prices: null'")


def _rows(document: Document, section: str) -> Mapping[str, Json]:
    rows = document.value.get(section)
    return rows if isinstance(rows, dict) else {}


def _texts(value: Json | Mapping[str, Json]) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset({value})
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return frozenset().union(*map(_texts, inside))


def _without_claims(claims: Document, unnamed: frozenset[str]) -> Document:
    rows = {name: row for name, row in _rows(claims, "claims").items() if name not in unnamed}
    for name, row in rows.items():
        shields = row.get("shields") if isinstance(row, dict) else None
        if isinstance(row, dict) and isinstance(shields, list):
            rows[name] = {**row, "shields": [shield for shield in shields if shield not in unnamed]}
    return replace(claims, value={**claims.value, "claims": rows})
