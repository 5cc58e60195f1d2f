"""Reference images in the OpenAPI document: their kinds, and how one is uploaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pixelproof.contract import MEDIA, MEDIA_LIST, Contract, Json, Media, Operation, Parameter, Upload
from pixelproof.contract.media import write_reference
from pixelproof.openapi.pointer import schema_at

Schema = dict[str, Any]

#: Name of the component that holds every kind of reference image.
REFERENCE = "ReferenceImage"

#: kind → what an example names
_SAMPLES: Mapping[str, str] = {
    "url": "https://example.com/bicycle.png",
    "artifact": "art_0001",
    "data_uri": "data:image/png;base64,iVBORw0KGgo=",
}


def reference_schema(media: Media) -> Schema:
    """Return the JSON Schema of a reference image: one alternative for each kind."""
    kinds = [_kind(name, template) for name, template in media.kinds.items()]
    # Further keys are legal, so without a constant to tell them apart a value may be of two kinds at once.
    word = "oneOf" if _are_told_apart(list(media.kinds.values())) else "anyOf"
    claims = list(dict.fromkeys(claim for ids in media.claims.values() for claim in ids))
    return {word: kinds, "x-claims": claims} if claims else {word: kinds}


def reference_parameter(domain_type: str) -> Schema | None:
    """Return the schema of a parameter that holds one reference or a list of them, None of any other."""
    one: Schema = {"$ref": f"#/components/schemas/{REFERENCE}"}
    schemas: Mapping[str, Schema] = {MEDIA: one, MEDIA_LIST: {"type": "array", "items": one}}
    return schemas.get(domain_type)


def sample_reference(media: Media) -> Json:
    """Return a reference of the first kind, for examples."""
    kind, template = next(iter(media.kinds.items()))
    return write_reference(template, kind, _SAMPLES.get(kind, kind))


def takes_references(contract: Contract, operation: Operation) -> bool:
    """Tell whether requests of an operation can name a stored image."""
    return reference_of(contract, operation) is not None


def reference_of(contract: Contract, operation: Operation) -> Parameter | None:
    """Return the parameter of an operation that takes one reference image, None if it has none."""
    for parameter in contract.parameters.values():
        of_operation = parameter.capabilities is None or operation.capability in parameter.capabilities
        if parameter.domain.type == MEDIA and of_operation:
            return parameter
    return None


def upload_form(contract: Contract) -> Schema | None:
    """Return the multipart form that stores a reference image, None when nothing is said about it."""
    if contract.media is None or contract.media.upload is None:
        return None
    upload = contract.media.upload
    file = {"type": "string", "format": "binary", "description": f"An image of at most {upload.max_bytes} bytes"}
    form: Schema = {"type": "object", "properties": {upload.field: file}, "required": [upload.field]}
    return {
        "schema": _with_claims(form, upload, "shapes"),
        "encoding": {upload.field: {"contentType": ", ".join(upload.types)}},
    }


def upload_answer(upload: Upload) -> Schema:
    """Return the JSON Schema of the answer to an upload."""
    return _with_claims(schema_at(upload.artifact_id, {"type": "string", "minLength": 1}), upload, "stores")


def _kind(name: str, template: Mapping[str, Json]) -> Schema:
    keys: Schema = {
        key: {"type": "string", "minLength": 1} if _is_placeholder(value) else {"const": value}
        for key, value in template.items()
    }
    return {"title": name, "type": "object", "properties": keys, "required": list(template)}


def _is_placeholder(value: Json) -> bool:
    return isinstance(value, str) and value.startswith("{") and value.endswith("}")


def _are_told_apart(templates: list[Mapping[str, Json]]) -> bool:
    constants = [{key: value for key, value in each.items() if not _is_placeholder(value)} for each in templates]
    return all(
        any(one[key] != other[key] for key in one.keys() & other.keys())
        for index, one in enumerate(constants)
        for other in constants[:index]
    )


def _with_claims(schema: Schema, upload: Upload, facet: str) -> Schema:
    claims = upload.claims.get(facet, ())
    return {**schema, "x-claims": list(claims)} if claims else schema
