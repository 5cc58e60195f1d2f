"""Rules about the delivered files: decoded, never believed."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof.contract import Json
from pixelproof.exchange import Exchange, ImageFacts
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, moot, names, passed, rule, text, unseen, warned
from pixelproof.verdict import Outcome

#: Beginnings of content types under which nobody gets to see a picture.
_DOCUMENTS = ("text/html", "application/xhtml", "application/json", "application/xml", "text/xml", "text/css")


@rule
def image_decodes(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Every delivered image is a real image file of a documented type."""
    step = text(args, "step")
    images = evidence.images(step)
    if args.get("or_refused") and evidence.of(step).status in range(400, 500):
        return moot("refused, as it may be")
    if not evidence.of(step).ok or not images:
        return unseen("no image came back")
    allowed = evidence.contract.images.types
    for index, image in enumerate(images):
        if image.problem:
            return failed("an image file that decodes", f"image {index}: {image.problem}", step)
        if image.media_type not in allowed:
            return failed(f"one of {', '.join(allowed)}", f"image {index} is {image.media_type}", step)
    for download in evidence.downloads(step):
        named = _no_image(download)
        if named:
            return failed("an image that says that it is one", f"{download.request.url[:100]} served as {named}", step)
    return passed()


@rule
def pictures_differ(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Requests for different things bring different pictures; a stand-in for a model may draw the same: a warning."""
    steps = names(args, "steps")
    seen = [{image.pixels for image in _decoded(evidence, step) if image.pixels} for step in steps]
    if not all(seen):
        return unseen("no image came back")
    if seen[0] & seen[-1]:
        return warned("another picture for another prompt", "the same picture, pixel for pixel", steps[-1])
    return passed()


@rule
def image_size(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """The decoded picture has the pixel size that was asked for."""
    step = text(args, "step")
    images = _decoded(evidence, step)
    if args.get("or_refused") and evidence.of(step).status in range(400, 500):
        return moot("refused, as it may be")
    if not images:
        return unseen("no image came back")
    wanted = text(args, "size", str(evidence.sent(step).get("size", "")))
    allowed = {_pixels(size) for size in (_sizes(evidence, step) if wanted == "auto" else (wanted,))}
    for index, image in enumerate(images):
        if (image.width, image.height) not in allowed:
            return failed(f"{wanted} pixels", f"image {index} has {image.width}x{image.height}", step)
    return passed()


@rule
def image_type(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """The file has the type that was asked for."""
    step = text(args, "step")
    wanted = f"image/{text(args, 'type', 'png')}"
    images = _decoded(evidence, step)
    if not images:
        return unseen("no image came back")
    wrong = [image.media_type for image in images if image.media_type != wanted]
    return failed(wanted, ", ".join(wrong), step) if wrong else passed()


@rule
def image_transparent(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """A transparent image has an alpha channel."""
    step = text(args, "step")
    images = _decoded(evidence, step)
    if args.get("or_refused") and evidence.of(step).status in range(400, 500):
        return moot("refused, as it may be")
    if not images:
        return unseen("no image came back")
    opaque = [index for index, image in enumerate(images) if not image.alpha]
    return failed("an alpha channel", f"image {opaque[0]} has none", step) if opaque else passed()


def _no_image(download: Exchange) -> str:
    """Return the content type of a file that says that it is a document, else nothing: browsers show what it says.

    A type that says nothing (application/octet-stream, text/plain) or none is how plain file servers are.
    """
    named = download.response.media_type if download.response is not None else ""
    return named if named.startswith(_DOCUMENTS) else ""


def _decoded(evidence: Evidence, step: str) -> tuple[ImageFacts, ...]:
    return tuple(image for image in evidence.images(step) if not image.problem)


def _sizes(evidence: Evidence, step: str) -> tuple[str, ...]:
    model = evidence.contract.models.get(str(evidence.sent(step).get("model")))
    sizes = model.cells["size"].domain.enum if model and "size" in model.cells else None
    return tuple(size for size in sizes or () if size != "auto")


def _pixels(size: str) -> tuple[int, int]:
    width, _, height = size.partition("x")
    return (int(width), int(height)) if width.isdigit() and height.isdigit() else (0, 0)
