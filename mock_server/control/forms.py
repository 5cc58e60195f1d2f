"""Bodies and queries of the control plane, read strictly: unknown fields are named, never ignored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

import orjson
from flask import Response, request

from pixelproof.documents.document import nearest
from pixelproof.money import MoneyError

from ..redaction import redacted
from ..steps.parsing import Malformed, json_object, read_body
from .asking import Asked, tell

if TYPE_CHECKING:
    from werkzeug.exceptions import HTTPException

    from pixelproof.contract import Json
    from pixelproof.money import Currency, Units

_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)

#: Longest text that a field takes.
_LONGEST = 1_000
#: Largest amount, in the smallest unit of its currency: sums of it are whole numbers that JSON can hold.
_MOST_UNITS = 10**15


class Wrong(Exception):
    """A request to the control plane that cannot be done: status, field, and what to do instead."""

    def __init__(self, status: int, message: str, field: str | None = None, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.field = field
        self.suggestion = suggestion


class Form:
    """A JSON object whose fields are taken out one by one, each checked."""

    def __init__(self, fields: dict[str, Json], known: Collection[str], within: str = "") -> None:
        """Refuse fields that are not ``known``; ``within`` prefixes names in errors."""
        self._fields = fields
        self._within = within
        for name in fields:
            if name not in known:
                raise self.wrong(name, f"unknown field '{name[:80]}'", nearest(name[:80], known))

    def wrong(self, name: str, message: str, suggestion: str | None = None) -> Wrong:
        """Return the error about one field."""
        return Wrong(400, message, f"{self._within}{name}"[:100], suggestion)

    def has(self, name: str) -> bool:
        """Tell whether a field was sent, null or not."""
        return name in self._fields

    def text(self, name: str, among: Iterable[str] = ()) -> str | None:
        """Return a text, None when absent or null; that it is ``among`` known words is for the caller to check."""
        self._tell(name, "text", choices=tuple(among))
        value = self._fields.get(name)
        if value is not None and (not isinstance(value, str) or not value or len(value) > _LONGEST):
            raise self.wrong(name, f"'{name}' must be a non-empty text")
        return value

    def whole(self, name: str, *, least: int = 0, most: int = 2**53) -> int | None:
        """Return a whole number, None when absent or null."""
        self._tell(name, "whole number", least, most)
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(name, f"'{name}' must be a whole number from {least} to {most}")
        return value

    def number(self, name: str, *, least: float, most: float) -> float | None:
        """Return a number, None when absent or null."""
        self._tell(name, "number", least, most)
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(name, f"'{name}' must be a number from {least:g} to {most:g}")
        return float(value)

    def flag(self, name: str) -> bool | None:
        """Return a boolean, None when absent or null."""
        self._tell(name, "true or false")
        value = self._fields.get(name)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(name, f"'{name}' must be true or false")
        return value

    def money(self, name: str, currency: Currency) -> Units | None:
        """Return an amount, None when absent or null."""
        self._tell(name, "decimal text")
        value = self._fields.get(name)
        if value is None:
            return None
        try:
            amount = currency.parse(value)
        except MoneyError as error:
            raise self.wrong(name, str(error), f"write a decimal string in {currency.code}") from None
        if abs(amount) > _MOST_UNITS:
            raise self.wrong(name, f"'{name}' is more than anybody has")
        return amount

    def choice(self, name: str, kind: type[_E]) -> _E | None:
        """Return a member of an enum, None when absent or null."""
        word = self.text(name, kind)
        try:
            return None if word is None else kind(word)
        except ValueError:
            raise self.wrong(name, f"'{word}' is not possible here", nearest(str(word), list(kind))) from None

    def texts(self, name: str, known: Collection[str]) -> frozenset[str] | None:
        """Return a set of known words, None when absent or null."""
        self._tell(name, "list of texts", choices=tuple(sorted(known)))
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(name, f"'{name}' must be a list of texts")
        words = frozenset(str(item) for item in value)
        for word in sorted(words - frozenset(known)):
            raise self.wrong(name, f"unknown value '{word[:80]}'", nearest(word[:80], known))
        return words

    def inner(self, name: str, known: Collection[str]) -> Form | None:
        """Return an object inside this one, None when absent or null."""
        self._tell(name, "object", choices=tuple(known))
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(name, f"'{name}' must be an object")
        return Form(value, known, f"{self._within}{name}.")

    def _tell(
        self,
        name: str,
        kind: str,
        least: float | None = None,
        most: float | None = None,
        choices: tuple[str, ...] = (),
    ) -> None:
        tell(Asked(name=f"{self._within}{name}", kind=kind, least=least, most=most, choices=choices))


def body(known: Iterable[str], *, empty: bool = False) -> Form:
    """Return the body of the request; ``empty`` lets it be missing altogether."""
    raw = read_body(request.environ)
    if raw is None:
        raise Wrong(413, "the body is too long")
    if not raw and empty:
        return Form({}, ())
    if request.mimetype != "application/json":
        raise Wrong(400, "the Content-Type must be application/json", "Content-Type", "application/json")
    try:
        return Form(json_object(raw), tuple(known))
    except Malformed as error:
        raise Wrong(400, f"the body is not a valid JSON object: {error}") from None


def query(known: Collection[str]) -> dict[str, str]:
    """Return the query's values. Raises Wrong for unknown names."""
    for name in known:
        tell(Asked(name=name, kind="text"))
    for name in request.args:
        if name not in known:
            raise Wrong(400, f"unknown parameter '{name[:80]}'", name[:80], nearest(name[:80], known))
    return {name: value for name, value in request.args.items() if value}


def number(values: dict[str, str], name: str, default: int, *, most: int) -> int:
    """Return a whole number of a query. Raises Wrong for anything else."""
    tell(Asked(name=name, kind="whole number", least=0, most=most))
    text = values.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 15 or int(text) > most:  # noqa: PLR2004
        raise Wrong(400, f"'{name}' must be a whole number up to {most}", name)
    return int(text)


def found(value: _T | None, message: str) -> _T:
    """Return ``value``. Raises a 404 when it is None."""
    if value is None:
        raise Wrong(404, message)
    return value


def reply(value: Json, status: int = 200) -> Response:
    """Return a JSON answer."""
    return Response(orjson.dumps(value), status, content_type="application/json")


def answer_wrong(error: Wrong) -> Response:
    """Render an error of the control plane."""
    said = {"message": str(error), "field": error.field, "suggestion": error.suggestion}
    shown: dict[str, Json] = {name: text and redacted(text) for name, text in said.items()}
    return reply({"error": shown}, error.status)


def answer_http(error: HTTPException) -> Response:
    """Render Flask's own errors in the same shape."""
    return answer_wrong(Wrong(error.code or 500, error.name))


View = Callable[..., Response]
