"""A badge: what an endpoint of shields.io answers, https://shields.io/badges/endpoint-badge."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pixelproof.record.recording import Record

from .headline import headline
from .legible import legible

#: Characters of a label: a badge is one line.
_LABEL = 40
_COLOURS: Mapping[str, str] = {
    "conformant": "brightgreen",
    "partial": "yellowgreen",
    "findings": "red",
    "broken": "orange",
}
#: Nothing is known of the target, or too little.
_GREY = "lightgrey"


def render(record: Record) -> str:
    """Return label, message and colour as one JSON object."""
    told = headline(legible(record))
    judged = f"{told.judged} of {told.total} judged"
    message = told.sentence() if told.outcome in {"findings", "broken"} else f"{told.outcome}, {judged}"
    badge = {
        "schemaVersion": 1,
        "label": f"pixelproof {told.profile}"[:_LABEL],
        "message": message,
        "color": _COLOURS.get(told.outcome, _GREY),
        "isError": told.outcome not in {"conformant", "partial"},
    }
    return json.dumps(badge) + "\n"
