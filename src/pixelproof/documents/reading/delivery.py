"""Reads what comes back: bodies, images, tasks, media."""

from __future__ import annotations

from pixelproof.contract import Images, Media, Response, ResponseField, Tasks, Upload, UrlLife
from pixelproof.documents.reading.node import Node

#: Keys of ``tasks`` that are no JSON pointers.
_TASK_KEYS = frozenset({"states", "duration", "claims"})


def read_tasks(node: Node) -> Tasks:
    """Read the life of a task and where its body keeps what."""
    duration = node.child("duration")
    return Tasks(
        pointers={name: node.text(name) for name in node.value if name not in _TASK_KEYS},
        states=node.values("states"),
        queued_s=duration.required_number("queued_s"),
        running_s=duration.required_number("running_s"),
        claims=node.claims(),
    )


def read_media(node: Node) -> Media:
    """Read the kinds of reference images and how one is stored."""
    kinds = node.child("kinds")
    return Media(
        kinds={name: dict(kinds.child(name).value) for name in kinds.value},
        upload=_upload(node.child("upload")) if node.has("upload") else None,
        claims=node.claims(),
    )


def _upload(node: Node) -> Upload:
    return Upload(
        field=node.text("field"),
        artifact_id=node.text("artifact_id"),
        types=node.texts("types"),
        max_bytes=node.required_number("max_bytes"),
        claims=node.claims(),
    )


def read_field(name: str, node: Node) -> ResponseField:
    """Read one key of a success body, with the keys inside it."""
    return ResponseField(
        name=name,
        source=node.text("is"),
        type=node.text("type"),
        required=node.flag("required"),
        claim=node.claim(),
        models=node.texts("models") or None,
        fields=tuple(node.map_of("fields", read_field).values()),
        echoes=node.text("echoes") if node.has("echoes") else None,
        unique=node.flag("unique"),
    )


def read_response(node: Node) -> Response:
    """Read the success body."""
    return Response(fields=tuple(node.map_of("fields", read_field).values()), claims=node.claims())


def read_images(node: Node) -> Images:
    """Read what a delivered image must be."""
    alpha, ratio = node.child("alpha"), node.child("ratio")
    sizes = node.child("sizes")
    return Images(
        types=node.texts("types"),
        alpha_when=alpha.values("when"),
        alpha_claim=alpha.claim(),
        url=_url_life(node.child("url")) if node.has("url") else None,
        sizes={name: sizes.text(name) for name in sizes.value},
        ratio_parameter=ratio.text("parameter") if ratio.value else None,
        ratio_tolerance_percent=ratio.number("tolerance_percent") or 0,
        ratio_claim=ratio.claim(),
    )


def _url_life(node: Node) -> UrlLife:
    return UrlLife(
        life_s=node.required_number("life_s"),
        alive_at_s=node.required_number("alive_at_s"),
        dead_by_s=node.required_number("dead_by_s"),
        claim=node.claim(),
    )
