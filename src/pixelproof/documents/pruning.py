"""A contract without some of its models, parameters or claims, and without what spoke only of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from pixelproof.contract import Json
from pixelproof.documents.document import Document, JsonPath


class _Cut(Enum):
    """Stands for a value that is not there any more."""

    CUT = "cut"


_CUT = _Cut.CUT

#: Keys of a contract that hold parameters and values of a request.
_REQUESTS = ("when", "subject", "request", "cheaper", "dearer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What a child takes away from the contract that it extends."""

    models: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()
    #: Whole entries, by their path.
    keys: frozenset[JsonPath] = frozenset()


def pruned(document: Document, gone: Gone) -> Document:
    """Return the document without what is gone: a price row of a deleted model, the cell of a deleted parameter.

    The deleted models and parameters themselves stay, for their deletion to find. What is
    left keeps its file and line, also where a list got shorter.
    """
    pruner = _Pruner(document, gone)
    value = pruner.prune(dict(document.value), (), ())
    return Document(
        file=document.file, value=value if isinstance(value, dict) else {}, lines=pruner.lines, files=pruner.files
    )


class _Pruner:
    """Copies a tree, leaving out; ``old`` is where a value stood, ``new`` where it will stand."""

    def __init__(self, document: Document, gone: Gone) -> None:
        self._document = document
        self._gone = gone
        self._default = _at(document.value, ("parameters", "model", "default"))
        self.lines: dict[JsonPath, int] = {}
        self.files: dict[JsonPath, str] = {}

    def prune(self, value: Json, old: JsonPath, new: JsonPath) -> Json | _Cut:
        if old in self._gone.keys or self._speaks_of_what_is_gone(value, old):
            return _CUT
        if old in self._document.lines:
            file, self.lines[new] = self._document.place(old)
            if file != self._document.file:
                self.files[new] = file
        if isinstance(value, dict):
            return self._map(value, old, new)
        return self._list(value, old, new) if isinstance(value, list) else value

    def _map(self, value: Mapping[str, Json], old: JsonPath, new: JsonPath) -> Json | _Cut:
        like = value.get("like")
        if len(old) == 2 and old[0] == "models" and like in self._gone.models:  # noqa: PLR2004 - models, id
            # The twin of a deleted model is written out: it was never said that it goes too.
            original = ("models", str(like))
            return self.prune(_at(self._document.value, original), original, new)
        result: dict[str, Json] = {}
        for key, item in value.items():
            kept = self.prune(item, (*old, key), (*new, key))
            if not isinstance(kept, _Cut):
                result[key] = kept
        return result

    def _list(self, value: list[Json], old: JsonPath, new: JsonPath) -> Json | _Cut:
        result: list[Json] = []
        for index, item in enumerate(value):
            kept = self.prune(item, (*old, index), (*new, len(result)))
            if not isinstance(kept, _Cut):
                result.append(kept)
        return result if result or not value else _CUT

    def _speaks_of_what_is_gone(self, value: Json, path: JsonPath) -> bool:
        if isinstance(value, dict):
            return self._entry_is_gone(value) or self._cell_is_gone(path)
        names_model = path == ("parameters", "model", "default") or bool({"models", "model"} & set(path[-2:]))
        if isinstance(value, str) and (value in self._gone.claims or (names_model and value in self._gone.models)):
            return True
        return self._cell_is_gone(path)

    def _cell_is_gone(self, path: JsonPath) -> bool:
        inside = path[-2:-1] == ("companions",) or (path[:1] == ("models",) and path[2:3] == ("parameters",))
        return inside and path[-1] in self._gone.parameters

    def _entry_is_gone(self, entry: Mapping[str, Json]) -> bool:
        models = entry.get("models")
        return (
            any(self._request_is_gone(key, entry[key]) for key in _REQUESTS if key in entry)
            or (isinstance(models, list) and bool(models) and set(map(str, models)) <= self._gone.models)
            or any(entry.get(key) in self._gone.parameters for key in ("is", "echoes") if "type" in entry)
            or ("readings" in entry and entry.get("claim") in self._gone.claims)
        )

    def _request_is_gone(self, key: str, request: Json) -> bool:
        if not isinstance(request, dict):
            return False
        asked = request.get("model", self._default if key == "request" else None)
        models = asked if isinstance(asked, list) else [asked]
        without = all(model in self._gone.models for model in models)
        return without or bool(self._gone.parameters & set(request))


def _at(value: Json | Mapping[str, Json], path: JsonPath) -> Json:
    for key in path:
        value = value.get(str(key)) if isinstance(value, Mapping) else None
    return dict(value) if isinstance(value, Mapping) else value
