"""Reference images as JSON: recognising a kind by its shape, and writing one down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pixelproof.contract import Json, Media


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One reference image of a request: its kind (url, artifact, data_uri) and what it names."""

    kind: str
    value: str


def read_reference(media: Media, value: Json) -> Reference | None:
    """Return the reference that a JSON value is, None when it has the shape of no kind."""
    if not isinstance(value, dict):
        return None
    for kind, template in media.kinds.items():
        found = _matched(template, value)
        if found is not None:
            return Reference(kind=kind, value=found)
    return None


def write_reference(template: Json | Mapping[str, Json], kind: str, value: str) -> Json:
    """Return the JSON of a reference; the placeholder of its kind is filled in, however deep it stands."""
    if isinstance(template, str):
        return template.replace(_placeholders().get(kind, "{" + kind + "}"), value)
    if isinstance(template, list):
        return [write_reference(item, kind, value) for item in template]
    if isinstance(template, Mapping):
        return {key: write_reference(item, kind, value) for key, item in template.items()}
    return template


def _placeholders() -> Mapping[str, str]:
    return {"url": "{url}", "artifact": "{artifact_id}", "data_uri": "{data_uri}"}


def _matched(template: Mapping[str, Json], value: Mapping[str, Json]) -> str | None:
    """Return what fills the template's placeholder, None when a key is missing or another constant."""
    filled: str | None = None
    for key, wanted in template.items():
        given = value.get(key)
        if isinstance(wanted, str) and wanted.startswith("{") and wanted.endswith("}"):
            if not isinstance(given, str) or not given:
                return None
            filled = given
        elif given != wanted:
            return None
    return filled
