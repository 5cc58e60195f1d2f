"""JSON for people: what fits into a line stands on one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from pixelproof.contract import Json

#: Longest line, in characters.
_WIDTH = 116
_STEP = "  "


def pretty(value: Json, margin: str = "", before: int = 0) -> str:
    """Return JSON, indented by ``margin``; ``before`` characters stand on its first line already."""
    line = _line(value)
    if len(margin) + before + len(line) <= _WIDTH or not isinstance(value, dict | list) or not value:
        return line
    inner = margin + _STEP
    if isinstance(value, list):
        rows = [pretty(item, inner) for item in value]
        return "[\n" + ",\n".join(inner + row for row in rows) + f"\n{margin}]"
    named = [(orjson.dumps(name).decode() + ": ", item) for name, item in value.items()]
    return "{\n" + ",\n".join(inner + name + pretty(item, inner, len(name)) for name, item in named) + f"\n{margin}}}"


def _line(value: Json) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_line(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{orjson.dumps(name).decode()}: {_line(item)}' for name, item in value.items())}}}"
    return orjson.dumps(value).decode()
