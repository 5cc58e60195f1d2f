"""A map inside a document that knows where it stands, and says so when it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from pixelproof.contract import Claim, ClaimIds, Json, spelled
from pixelproof.documents.document import Document, JsonPath, nearest
from pixelproof.money import Currency, MoneyError, Units

_E = TypeVar("_E", bound=StrEnum)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Node:
    """A map inside the document that knows where it stands."""

    document: Document
    known_claims: Mapping[str, Claim]
    value: Mapping[str, Json]
    path: JsonPath

    def broken(self, key: str, problem: str, hint: str) -> Exception:
        """Return the error that points at a key of this map."""
        return self.document.broken((*self.path, key) if key else self.path, problem, hint)

    def has(self, key: str) -> bool:
        """Tell whether a key is there and not null."""
        return self.value.get(key) is not None

    def child(self, key: str) -> Node:
        """Return the map under a key, an empty one when it is absent."""
        return self._node(self.value.get(key, {}), (*self.path, key))

    def children(self, key: str) -> Iterable[Node]:
        """Return the maps of a list."""
        items = self.value.get(key) or []
        if not isinstance(items, list):
            raise self.broken(key, "must be a list", "start each entry with '- '")
        return [self._node(item, (*self.path, key, index)) for index, item in enumerate(items)]

    def map_of(self, key: str, build: Callable[[str, Node], _T]) -> dict[str, _T]:
        """Read every entry of the map under a key."""
        holder = self.child(key)
        return {name: build(name, holder.child(name)) for name in holder.value}

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text, or the default. Raises BadDocument."""
        value = self.value.get(key, default)
        if not isinstance(value, str):
            raise self.broken(key, "must be text" if key in self.value else f"'{key}' is missing", "write a string")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; a single value counts as a list of one."""
        value = self.value.get(key)
        if value is None:
            return ()
        return tuple(spelled(item) for item in (value if isinstance(value, list) else [value]))

    def number(self, key: str) -> int | None:
        """Return a whole number, None when absent. Raises BadDocument."""
        value = self.value.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.broken(key, f"{value!r} is no whole number", "write an integer")
        return value

    def required_number(self, key: str) -> int:
        """Return a whole number. Raises BadDocument when it is absent."""
        value = self.number(key)
        if value is None:
            raise self.broken(key, f"'{key}' is missing", "write an integer")
        return value

    def flag(self, key: str) -> bool:
        """Tell whether a key is true."""
        return self.value.get(key) is True

    def choice(self, key: str, kind: type[_E], default: _E) -> _E:
        """Return a value of a closed choice. Raises BadDocument with the nearest one."""
        word = self.value.get(key, default.value)
        try:
            return kind(str(word))
        except ValueError:
            raise self.broken(key, f"'{word}' is not possible here", nearest(str(word), list(kind))) from None

    def money(self, key: str, currency: Currency) -> Units:
        """Return an exact amount in smallest units. Raises BadDocument."""
        try:
            return currency.parse(self.value.get(key))
        except MoneyError as error:
            raise self.broken(key, str(error), f'write an amount such as "{currency.format(1)}"') from None

    def claim(self, key: str = "claim") -> ClaimIds:
        """Return claim ids. Raises BadDocument for one that claims.yaml does not have."""
        names = self.texts(key)
        for name in names:
            if self.known_claims and name not in self.known_claims:
                raise self.broken(key, f"'{name}' is no claim of claims.yaml", nearest(name, self.known_claims))
        return names

    def claims(self) -> dict[str, ClaimIds]:
        """Return the claims of each facet."""
        holder = self.child("claims")
        return {facet: holder.claim(facet) for facet in holder.value}

    def values(self, key: str) -> dict[str, tuple[str, ...]]:
        """Return a map of texts to lists of texts."""
        holder = self.child(key)
        return {name: holder.texts(name) for name in holder.value}

    def _node(self, value: Json, path: JsonPath) -> Node:
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self.document.broken(path, "must be a map", "write 'key: value' pairs")
        return Node(self.document, self.known_claims, value, path)
