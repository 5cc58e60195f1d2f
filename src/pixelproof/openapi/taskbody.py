"""The body of a task in the OpenAPI document: what is there from the start, and what only at the end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pixelproof.contract import Contract, ResponseField, Tasks
from pixelproof.openapi.pointer import schema_at

Schema = dict[str, Any]

#: Money as a number or as a decimal string: the pages give the unit, not the JSON type.
_AMOUNT = ["string", "number"]
_TEXT = {"type": "string", "minLength": 1}


def task_schema(contract: Contract, tasks: Tasks) -> Schema:
    """Return the JSON Schema of a task; further keys are legal everywhere."""
    schema = _object(contract.response.fields, tasks)
    ended = schema_at(tasks.pointers["status"], {"enum": list(tasks.states["succeeded"])})
    images = schema_at(tasks.pointers["images"], {"type": "array", "minItems": 1})
    then: Schema = {**images, "x-claims": list(contract.response.claimed("items"))}
    return {**schema, "if": ended, "then": then if then["x-claims"] else images}


def _object(fields: Iterable[ResponseField], tasks: Tasks) -> Schema:
    listed = tuple(fields)
    schema: Schema = {"type": "object", "properties": {field.name: _field(field, tasks) for field in listed}}
    required = [field.name for field in listed if field.required]
    return {**schema, "required": required} if required else schema


def _field(field: ResponseField, tasks: Tasks) -> Schema:
    schema: Schema = _object(field.fields, tasks) if field.fields else {}
    schema |= {"type": _types(field), **_content(field, tasks)}
    return {**schema, "x-claims": list(field.claim)} if field.claim else schema


def _types(field: ResponseField) -> str | list[str]:
    types = _AMOUNT if field.type == "amount" else [field.type]
    # What a task does not have yet may be left out or null.
    types = types if field.required else [*types, "null"]
    return types[0] if len(types) == 1 else types


def _content(field: ResponseField, tasks: Tasks) -> Schema:
    if field.source == "images":
        keys = {"url": _TEXT, "artifact_id": _TEXT}
        return {"items": {"type": "object", "properties": keys, "required": list(keys)}}
    if field.source == "references":
        return {"items": {"type": "object", "properties": {"artifact_id": {"type": ["string", "null"]}}}}
    if field.source == "task_status":
        return {"description": ", ".join(word for words in tasks.states.values() for word in words)}
    return {}
