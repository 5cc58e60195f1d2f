"""JSON Schemas about a place inside a body that a JSON pointer names."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def schema_at(pointer: str, schema: Schema) -> Schema:
    """Return a schema that demands ``pointer``, and ``schema`` of what stands there."""
    for key in reversed(pointer.split("/")[1:]):
        name = key.replace("~1", "/").replace("~0", "~")
        schema = {"type": "object", "properties": {name: schema}, "required": [name]}
    return schema
