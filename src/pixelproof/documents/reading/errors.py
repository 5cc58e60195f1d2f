"""Reads the error table."""

from __future__ import annotations

from pixelproof.contract import Envelope, ErrorRow, ErrorTable
from pixelproof.documents.document import nearest
from pixelproof.documents.reading.node import Node

#: Keys of an error row that are not keys of the envelope.
_ROW_KEYS = frozenset({"status", "claim", "assumed", "retry_after", "names_parameter"})


def read_errors(node: Node) -> ErrorTable:
    """Read the error table; a row may only have keys that its envelope has."""
    envelope = node.child("envelope")
    known = {*envelope.child("keys").value, *envelope.texts("extra")}
    rows = node.child("rows")
    for name in rows.value:
        _check_envelope_keys(rows.child(name), known | _ROW_KEYS)
    return ErrorTable(
        envelope=Envelope(keys=envelope.values("keys"), extra=envelope.texts("extra"), claim=envelope.claim()),
        rows=node.map_of("rows", _error_row),
    )


def _check_envelope_keys(row: Node, known: set[str]) -> None:
    for key in row.value:
        if key not in known:
            raise row.broken(key, f"'{key}' is no key of the envelope", nearest(key, known))


def _error_row(name: str, node: Node) -> ErrorRow:
    statuses = tuple(int(status) for status in node.texts("status") if status.isdigit())
    if not statuses:
        raise node.broken("status", f"the error '{name}' has no status", "give an HTTP status, or a list of them")
    return ErrorRow(
        name=name,
        statuses=statuses,
        keys={key: value for key, value in node.value.items() if key not in _ROW_KEYS},
        claim=node.claim(),
        assumed=frozenset(node.texts("assumed")),
        retry_after=node.flag("retry_after"),
        names_parameter=node.flag("names_parameter"),
    )
