"""What an OpenAPI document cannot say, told to Schemathesis: which of its bodies are no requests at all."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import strategies as st

from pixelproof.running.conducting.references import data_uri, picture

#: Parameters that switch on what a server may refuse as a whole: "refused or served" fits no JSON Schema.
OPTIONAL_FEATURES = ("stream", "partial_images")
#: Kind of a reference → a value that is one: a schema asks for text, the page for an HTTPS URL or an image.
REFERENCES = {"url": "https://images.example.com/a.png", "data_uri": data_uri(picture())}

for media_type in ("image/png", "image/jpeg", "image/webp"):
    # A schema calls an upload binary; that it must be an image stands in the media type alone.
    schemathesis.openapi.media_type(media_type, st.just(picture()))


@schemathesis.hook
def filter_body(_context: Any, body: Any) -> bool:
    """Leave out bodies that ask for a feature which a server may or may not have."""
    return not (isinstance(body, dict) and any(body.get(name) for name in OPTIONAL_FEATURES))


@schemathesis.hook
def map_body(_context: Any, body: Any) -> Any:
    """Make references of a body point at images; what is no reference stays as it is."""
    if isinstance(body, list):
        return [map_body(_context, item) for item in body]
    if not isinstance(body, dict):
        return body
    kind = str(body.get("type"))
    value = body.get(kind)
    if kind in REFERENCES and isinstance(value, str) and value:
        return {**body, kind: REFERENCES[kind]}
    return {name: map_body(_context, item) for name, item in body.items()}
