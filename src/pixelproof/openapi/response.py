"""The response half of the OpenAPI document: the success body and the error table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pixelproof.contract import About, ClaimIds, Contract, ErrorRow, Json, Level, ResponseField
from pixelproof.openapi.example import error_examples
from pixelproof.openapi.taskbody import task_schema

Schema = dict[str, Any]


def success_name(contract: Contract) -> str:
    """Return the component's name of an image response."""
    return "ImageResponse" if contract.tasks is None else "Task"


def success_schema(contract: Contract) -> Schema:
    """Return the JSON Schema of an image response; further keys are legal everywhere."""
    return _object(contract.response.fields) if contract.tasks is None else task_schema(contract, contract.tasks)


def error_schema(contract: Contract) -> Schema:
    """Return the JSON Schema of the envelope that every error travels in."""
    envelope = contract.errors.envelope
    keys = {name: {"type": _one_or_all(types)} for name, types in envelope.keys.items()}
    inner: Schema = {"type": "object", "properties": keys}
    if _is_documented(contract, envelope.claim):
        inner["required"] = list(envelope.keys)
    schema: Schema = {"type": "object", "properties": {"error": inner}, "required": ["error"]}
    return {**schema, "x-claims": list(envelope.claim)} if envelope.claim else schema


def error_statuses(contract: Contract, names: Iterable[str]) -> Schema:
    """Return the error responses by status, each telling which rows answer with it."""
    rows: dict[int, list[ErrorRow]] = {}
    for name in names:
        row = contract.errors.rows[name]
        for status in row.statuses:
            rows.setdefault(status, []).append(row)
    return {str(status): _error(contract, rows[status]) for status in sorted(rows)}


def _error(contract: Contract, rows: list[ErrorRow]) -> Schema:
    made: Schema = {"description": ", ".join(row.name for row in rows)}
    if any(row.retry_after for row in rows):
        made["headers"] = {"Retry-After": _retry_after(contract, rows)}
    schema: Schema = {"$ref": "#/components/schemas/Error"}
    narrowed = _narrowed(contract, rows)
    if narrowed:
        inner = {"type": "object", "properties": narrowed}
        schema = {"allOf": [schema, {"type": "object", "properties": {"error": inner}}]}
    examples = error_examples(contract.errors.envelope, rows)
    made["content"] = {"application/json": {"schema": schema, "examples": examples}}
    return {**made, "x-claims": list(dict.fromkeys(claim for row in rows for claim in row.claim))}


def _retry_after(contract: Contract, rows: list[ErrorRow]) -> Schema:
    header: Schema = {"description": "Seconds to wait, or an HTTP date", "schema": {"type": "string"}}
    promised = all(
        row.retry_after and "retry_after" not in row.assumed and _is_documented(contract, row.claim) for row in rows
    )
    return {**header, "required": True} if promised else header


def _narrowed(contract: Contract, rows: list[ErrorRow]) -> Schema:
    # A key is narrowed only where every row of the status documents it: several errors share a status.
    if not all(_is_documented(contract, row.claim) for row in rows):
        return {}
    shared = [key for key in contract.errors.envelope.keys if all(key in row.judged_keys for row in rows)]
    return {key: {"enum": _values(contract, rows, key)} for key in shared}


def _is_documented(contract: Contract, claims: ClaimIds) -> bool:
    # Our own choices (level A) never judge somebody else's server.
    levels = {contract.claims[claim].level for claim in claims if claim in contract.claims}
    return levels != {Level.A}


def _values(contract: Contract, rows: list[ErrorRow], key: str) -> list[Json]:
    values = [row.keys[key] for row in rows]
    for row in rows:
        values += [
            model.errors[row.name].get(key, row.keys[key])
            for model in contract.models.values()
            if row.name in model.errors
        ]
        values += _disputed(contract, row) if key == "type" else []
    return list(dict.fromkeys(values))


def _disputed(contract: Contract, row: ErrorRow) -> list[Json]:
    disputes = [a for a in contract.ambiguities if a.about is About.ERROR_TYPE and a.row == row.name]
    return [reading for dispute in disputes for reading in dispute.readings]


def _object(fields: Iterable[ResponseField]) -> Schema:
    listed = tuple(fields)
    schema: Schema = {"type": "object", "properties": {field.name: _field(field) for field in listed}}
    # A key that only some models add cannot be required here: the response does not name its model.
    required = [field.name for field in listed if field.required and field.models is None]
    return {**schema, "required": required} if required else schema


def _field(field: ResponseField) -> Schema:
    schema: Schema = {"type": field.type}
    if field.source == "images":
        schema["items"] = _image()
    elif field.fields:
        schema = _object(field.fields)
    if field.models:
        schema["description"] = f"Added by {', '.join(field.models)}"
    return {**schema, "x-claims": list(field.claim)} if field.claim else schema


def _image() -> Schema:
    # null beside the other format counts as absent.
    keys = {name: {"type": ["string", "null"]} for name in ("url", "b64_json", "revised_prompt")}
    formats = [{"required": [name], "properties": {name: {"type": "string"}}} for name in ("url", "b64_json")]
    return {"type": "object", "properties": keys, "anyOf": formats}


def _one_or_all(types: tuple[str, ...]) -> str | list[str]:
    return types[0] if len(types) == 1 else list(types)
