"""The error table: rows that are missing, incomplete or idle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pixelproof.contract import Contract, Json
from pixelproof.contract.error import FALLBACKS
from pixelproof.documents.document import JsonPath, nearest
from pixelproof.documents.linting.finding import Remark
from pixelproof.documents.linting.given import Given
from pixelproof.documents.linting.registry import error, warning

#: Errors that any server of any contract can answer with, and that no other row stands in for.
_ALWAYS = ("invalid_request", "unauthorized", "rate_limited", "server_error", "not_found")
#: Words of ``assumed`` that are no keys of an error.
_ASSUMABLE = frozenset({"status", "retry_after"})
#: JSON type → the Python types of its values.
_JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


@error
def missing_row(contract: Contract, given: Given) -> Iterator[Remark]:
    """An error that requests of this contract meet, and that the table cannot answer."""
    del given
    needed = dict.fromkeys(_ALWAYS, "every server can meet it")
    if any(row.price > 0 for row in contract.billing.prices):
        needed["insufficient_funds"] = "a wallet can be empty, since images have prices"
    scoped = next((name for name, operation in contract.operations.items() if operation.scope), None)
    if scoped is not None:
        needed["forbidden"] = f"the operation '{scoped}' needs a scope"
    for row, why in needed.items():
        if row not in contract.errors.rows:
            message = f"the table has no '{row}', and {why}"
            yield Remark(path=("errors", "rows"), message=message, hint=f"add the row '{row}' with its status")


@warning
def untried_budget(contract: Contract, given: Given) -> Iterator[Remark]:
    """A spending limit that is documented, and whose error has no row: nothing tries it."""
    del given
    if contract.billing.claimed("budget") and "budget_exceeded" not in contract.errors.rows:
        message = "a key may carry a budget, but no row 'budget_exceeded' says what follows"
        yield Remark(path=("billing", "claims", "budget"), message=message, hint="add the row to errors.rows")


@error
def incomplete_row(contract: Contract, given: Given) -> Iterator[Remark]:
    """A row without a key that the envelope promises and that cannot be null."""
    del given
    for key, types in contract.errors.envelope.keys.items():
        if key == "message" or "null" in types:
            continue
        if key == "param":
            message = "not every error is about a parameter, so 'param' can be null"
            hint = 'write [string, "null"]'
            yield Remark(path=("errors", "envelope", "keys", "param"), message=message, hint=hint)
            continue
        for name, row in contract.errors.rows.items():
            if row.keys.get(key) is None:
                message = f"the envelope promises '{key}' as {' or '.join(types)}, and this row has none"
                hint = f"give the row a '{key}', or let the envelope's be null"
                yield Remark(path=("errors", "rows", name), message=message, hint=hint)


@error
def wrong_key_type(contract: Contract, given: Given) -> Iterator[Remark]:
    """A value of an error that is not of the type its envelope documents."""
    del given
    for path, keys in _keyed(contract):
        for key, value in keys.items():
            types = contract.errors.envelope.keys.get(key, ())
            if value is not None and types and not any(_is(value, kind) for kind in types):
                message = f"'{key}' is {value!r}, and the envelope has it as {' or '.join(types)}"
                yield Remark(path=(*path, key), message=message, hint="quote it or not, or correct the envelope")


@error
def unknown_key(contract: Contract, given: Given) -> Iterator[Remark]:
    """A key that the envelope, or the row, does not have."""
    del given
    known = {*contract.errors.envelope.keys, *contract.errors.envelope.extra}
    for path, keys in _keyed(contract):
        for key in keys:
            if key not in known:
                message = f"'{key}' is no key of the envelope"
                yield Remark(path=(*path, key), message=message, hint=nearest(key, known))
    for name, row in contract.errors.rows.items():
        own = {*row.keys, *_ASSUMABLE}
        for key in sorted(row.assumed - own):
            message = f"'{key}' is assumed, but the row does not have it"
            yield Remark(path=("errors", "rows", name, "assumed"), message=message, hint=nearest(key, own))


@error
def nameless_parameter(contract: Contract, given: Given) -> Iterator[Remark]:
    """A row that names the parameter, in an envelope without 'param'."""
    del given
    envelope = contract.errors.envelope
    for name, row in contract.errors.rows.items():
        if row.names_parameter and "param" not in {*envelope.keys, *envelope.extra}:
            message = "the row names the parameter, but the envelope has no 'param'"
            path = ("errors", "rows", name, "names_parameter")
            yield Remark(path=path, message=message, hint="add 'param' to the envelope, or drop names_parameter")


@warning
def repeated_row(contract: Contract, given: Given) -> Iterator[Remark]:
    """A row that says only what the row standing in for it says already."""
    del given
    rows = contract.errors.rows
    for name, row in rows.items():
        relative = rows.get(FALLBACKS.get(name, ""))
        if relative is not None and _says(row) == _says(relative):
            message = f"it only repeats '{relative.name}', which would answer anyway"
            yield Remark(path=("errors", "rows", name), message=message, hint="leave it out")


def _keyed(contract: Contract) -> Iterator[tuple[JsonPath, Mapping[str, Json]]]:
    for name, row in contract.errors.rows.items():
        yield ("errors", "rows", name), row.keys
    for model in contract.models.values():
        if model.like is None:
            yield from ((("models", model.id, "errors", row), keys) for row, keys in model.errors.items())


def _is(value: Json, kind: str) -> bool:
    return isinstance(value, _JSON_TYPES[kind]) and (not isinstance(value, bool) or kind == "boolean")


def _says(row: object) -> tuple[object, ...]:
    keys = ("statuses", "keys", "claim", "assumed", "retry_after", "names_parameter")
    return tuple(getattr(row, key) for key in keys)
