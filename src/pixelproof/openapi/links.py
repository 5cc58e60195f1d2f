"""OpenAPI links: from a created task to its polling, from a stored or delivered image to its reuse.

Tools that walk links (stateful testing) follow these without knowing the provider.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pixelproof.contract import Contract, Media, Operation, Tasks
from pixelproof.contract.media import write_reference
from pixelproof.openapi.reference import reference_of

Schema = dict[str, Any]

#: The kind of reference that names an image which the provider keeps.
_KEPT = "artifact"


def links(contract: Contract, operation: Operation) -> Schema:
    """Return the links of an operation's success, by the name of the operation that they lead to."""
    return dict(_links(contract, operation))


def _links(contract: Contract, operation: Operation) -> Iterator[tuple[str, Schema]]:
    tasks, media = contract.tasks, contract.media
    if tasks is not None and operation.creates_task:
        yield from _to_task(contract, tasks)
    artifact = _artifact(operation, tasks, media)
    if media is not None and artifact is not None:
        yield from _to_reuse(contract, media, artifact)


def _to_task(contract: Contract, tasks: Tasks) -> Iterator[tuple[str, Schema]]:
    task_id = f"$response.body#{tasks.pointers['id']}"
    for operation in contract.operations.values():
        for name in re.findall(r"\{(\w+)\}", operation.path):
            yield operation.name, {"operationId": operation.name, "parameters": {name: task_id}}


def _artifact(operation: Operation, tasks: Tasks | None, media: Media | None) -> str | None:
    """Return the expression for the image that a success stored or delivered, None when it has none."""
    if media is not None and media.upload is not None and operation.name == "upload":
        return f"$response.body#{media.upload.artifact_id}"
    if tasks is not None and operation.method == "GET" and "{" in operation.path:
        return f"$response.body#{tasks.pointers['images']}/0/artifact_id"
    return None


def _to_reuse(contract: Contract, media: Media, artifact: str) -> Iterator[tuple[str, Schema]]:
    if _KEPT not in media.kinds:
        return
    value = write_reference(media.kinds[_KEPT], _KEPT, artifact)
    for operation in contract.creating():
        parameter = reference_of(contract, operation)
        if parameter is not None:
            yield operation.name, {"operationId": operation.name, "requestBody": {parameter.name: value}}
