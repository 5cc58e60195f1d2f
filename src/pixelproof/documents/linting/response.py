"""What comes back: fields that no mock can fill, images of no size, URLs that live and do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pixelproof.contract import Contract
from pixelproof.documents.document import nearest
from pixelproof.documents.linting.finding import Remark
from pixelproof.documents.linting.given import Given
from pixelproof.documents.linting.names import fields
from pixelproof.documents.linting.registry import error, warning

_TEXT = frozenset({"string"})
_WHOLE = frozenset({"integer", "number"})
_MONEY = frozenset({"amount", "string"})
#: What a field ``is`` → the types that it may be documented with; a test holds the names against the mock.
SOURCES: Mapping[str, frozenset[str]] = {
    "object": frozenset({"object"}),
    "created": _WHOLE,
    "images": frozenset({"array"}),
    "request_id": _TEXT,
    "model": _TEXT,
    "cost": frozenset({"number", "amount"}),
    "latency_ms": frozenset({"number"}),
    "size": _TEXT,
    "quality": _TEXT,
    "background": _TEXT,
    "output_format": _TEXT,
    "input_tokens": _WHOLE,
    "output_tokens": _WHOLE,
    "total_tokens": _WHOLE,
    "zero": _WHOLE,
    "task_id": _TEXT,
    "task_status": _TEXT,
    "capability": _TEXT,
    "currency": _TEXT,
    "charged": _MONEY,
    "refunded": _MONEY,
    "references": frozenset({"array"}),
    "task_error": frozenset({"object"}),
}
#: Media types that can be transparent.
_TRANSPARENT = frozenset({"image/png", "image/webp"})


@error
def unknown_source(contract: Contract, given: Given) -> Iterator[Remark]:
    """A field of something that no mock can make."""
    del given
    for path, field in fields(contract):
        if field.source not in SOURCES:
            message = f"the mock cannot make '{field.source}'"
            yield Remark(path=(*path, "is"), message=message, hint=nearest(field.source, SOURCES))


@error
def wrong_field_type(contract: Contract, given: Given) -> Iterator[Remark]:
    """A field with a type that what it holds does not have."""
    del given
    for path, field in fields(contract):
        types = SOURCES.get(field.source, frozenset({field.type}))
        if field.type not in types:
            message = f"'{field.source}' is never of type {field.type}"
            yield Remark(path=(*path, "type"), message=message, hint=f"write {' or '.join(sorted(types))}")


@warning
def idle_fields(contract: Contract, given: Given) -> Iterator[Remark]:
    """Fields inside something that is no object, or an object without any."""
    del given
    for path, field in fields(contract):
        if (field.source == "object") != bool(field.fields):
            wrong = (
                "an object without fields" if not field.fields else f"fields inside a field that is '{field.source}'"
            )
            yield Remark(path=path, message=wrong, hint="an object has fields, and only an object")


@error
def no_images(contract: Contract, given: Given) -> Iterator[Remark]:
    """A success body that holds no images."""
    del given
    if contract.creating() and not any(field.source == "images" for _, field in fields(contract)):
        message = "no field of the response holds the images"
        yield Remark(path=("response", "fields"), message=message, hint="add 'data: {is: images, type: array}'")


@error
def unsized_ratio(contract: Contract, given: Given) -> Iterator[Remark]:
    """A ratio that can be asked for and has no pixels, or pixels of a ratio that cannot."""
    del given
    images = contract.images
    parameter = contract.parameters.get(images.ratio_parameter or "")
    ratios = parameter.domain.enum or () if parameter is not None else ()
    for ratio in ratios:
        if ratio not in images.sizes:
            message = f"'{ratio}' can be asked for and has no pixel size"
            yield Remark(path=("images", "sizes"), message=message, hint=f"add '\"{ratio}\": WIDTHxHEIGHT'")
    for ratio in images.sizes:
        if parameter is not None and ratio not in ratios:
            message = f"'{ratio}' is no value of {parameter.name}"
            yield Remark(path=("images", "sizes", ratio), message=message, hint=nearest(ratio, ratios))


@error
def impossible_url_life(contract: Contract, given: Given) -> Iterator[Remark]:
    """URLs of the mock that die before they must live, or live after they must be dead."""
    del given
    url = contract.images.url
    if url is not None and not url.alive_at_s <= url.life_s <= url.dead_by_s:
        message = f"alive at {url.alive_at_s} s and dead by {url.dead_by_s} s, but the mock's live {url.life_s} s"
        yield Remark(path=("images", "url"), message=message, hint="keep alive_at_s ≤ life_s ≤ dead_by_s")


@warning
def opaque_types(contract: Contract, given: Given) -> Iterator[Remark]:
    """Images with an alpha channel, of types that have none."""
    del given
    if contract.images.alpha_when and not _TRANSPARENT & set(contract.images.types):
        message = f"none of {', '.join(contract.images.types)} can be transparent"
        yield Remark(path=("images", "alpha"), message=message, hint="add image/png to images.types")
