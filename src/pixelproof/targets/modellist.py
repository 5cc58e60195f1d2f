"""Reads a list of models: OpenAI's shape, or the one a target file maps."""

from __future__ import annotations

from typing import cast

from pixelproof.contract import Json
from pixelproof.targets.taskview import look_up


def listed_models(body: Json, mapped: Json = None) -> list[str] | None:
    """Return the ids of a list of models, None when it stands where nobody said."""
    names = mapped if isinstance(mapped, dict) else {}
    found = look_up(body, str(names.get("pointer", "/data")))
    if not isinstance(found, list):
        return None
    key = str(names.get("id", "/id"))
    ids = (look_up(item, key) if isinstance(item, dict) else item for item in found)
    return [name for name in ids if isinstance(name, str)]


def as_json(value: object) -> Json:
    """Return a parsed body as the type it has."""
    return cast("Json", value)
