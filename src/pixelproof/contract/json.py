"""JSON as the standard library parses it."""

from __future__ import annotations

#: A JSON value as the standard library parses it.
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
