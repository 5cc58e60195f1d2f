"""Reference images of a request: found in the account's store, or copied into it. Nothing is ever fetched."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pixelproof.contract import MEDIA, MEDIA_LIST
from pixelproof.contract.media import Reference, read_reference

from ..call import Call, Refusal
from ..images.pictures import Picture
from ..images.samples import Unusable, sample
from ..state.artifacts import Artifact, Origin, drawn
from ..state.tickets import unseal
from .delivery import PATH
from .naming import copy_id

if TYPE_CHECKING:
    from pixelproof.contract import Contract, Json

#: Side of the picture that stands in for a URL of somebody else.
_SIDE = 1024
#: Largest file in a data URI where the contract has no uploads to measure it by.
_MAX_BYTES = 20_000_000


def ingest(call: Call) -> None:
    """Write the artifact of every reference; copies are stored when the task is created, not before."""
    for name, value in _given(call):
        reference = _read(call, name, value)
        try:
            artifact = call.seams.ingest_reference(call, reference)
        except Unusable as error:
            raise Refusal("invalid_request", f"'{name}' {error}", parameter=name) from None
        call.references.append(artifact)


def ingest_reference(call: Call, reference: Reference) -> Artifact:
    """Return the artifact that a reference names, or a copy of what it brings. Raises Unusable."""
    if reference.kind == "artifact":
        found = call.seams.find_artifact(call, reference.value)
        if found is None:
            raise Refusal("not_found", "there is no such artifact")
        return found
    if reference.kind == "url":
        return _of_url(call, reference.value)
    return _of_data_uri(call, reference.value)


def find_artifact(call: Call, artifact_id: str) -> Artifact | None:
    """Return an artifact of this account: an upload, a copy, or a result of a finished task."""
    account = call.account
    with account.lock:
        call.seams.settle(call.provider, account, account.clock.now())
        return account.artifacts.find(artifact_id)


def store_artifact(call: Call, artifact: Artifact) -> None:
    """Keep an artifact in the account's store."""
    with call.account.lock:
        call.account.artifacts.keep(artifact)


def media_parameters(contract: Contract, capability: str) -> tuple[tuple[str, bool], ...]:
    """Return the parameters of a capability that hold references, and whether each is a list."""
    return tuple(
        (parameter.name, parameter.domain.type == MEDIA_LIST)
        for parameter in contract.parameters.values()
        if parameter.domain.type in {MEDIA, MEDIA_LIST}
        and (parameter.capabilities is None or capability in parameter.capabilities)
    )


def _given(call: Call) -> Iterator[tuple[str, Json]]:
    for name, is_list in call.provider.media_parameters[call.operation.capability or ""]:
        value = call.values.get(name)
        if value is not None:
            items = value if is_list and isinstance(value, list) else [value]
            yield from ((name, item) for item in items)


def _read(call: Call, name: str, value: Json) -> Reference:
    media = call.provider.contract.media
    found = read_reference(media, value) if media is not None else None
    if found is None:
        raise Refusal("invalid_request", f"'{name}' must be a reference image", parameter=name)
    return found


def _of_url(call: Call, url: str) -> Artifact:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise Unusable("has a malformed URL") from None
    if parts.path.startswith(PATH) and f"{parts.scheme}://{parts.netloc}" == call.base_url:
        return drawn(copy_id(call), Origin.URL, _our_own(call, parts.path))
    if parts.scheme != "https" or not host:
        raise Unusable("must have an https URL")
    colour = blake2b(url.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return drawn(copy_id(call), Origin.URL, Picture(width=_SIDE, height=_SIDE, colour=colour))


def _our_own(call: Call, path: str) -> Picture:
    ticket = unseal(call.provider.world.url_secret, path[len(PATH) :].rpartition(".")[0])
    if ticket is None:
        raise Unusable("has an image URL that was not signed here")
    if call.provider.world.now_of(ticket.account) >= ticket.expires:
        raise Unusable("has an image URL that has expired")
    return ticket.picture


def _of_data_uri(call: Call, uri: str) -> Artifact:
    head, comma, text = uri.partition(",")
    if not comma or not head[:5].lower() == "data:" or not head.lower().endswith(";base64"):
        raise Unusable("must be a data URI in base64")
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unusable("has invalid base64") from None
    return stored_copy(call, data, Origin.DATA_URI)


def stored_copy(call: Call, data: bytes, origin: Origin) -> Artifact:
    """Return the artifact of a file's bytes. Raises Unusable when it is no image that we take."""
    media = call.provider.contract.media
    upload = media.upload if media is not None else None
    if len(data) > (upload.max_bytes if upload is not None else _MAX_BYTES):
        raise Unusable("is too large a file")
    seen = sample(data)
    if upload is not None and seen.mime_type not in upload.types:
        raise Unusable(f"must be one of {', '.join(upload.types)}")
    return Artifact(
        id=copy_id(call),
        origin=origin,
        mime_type=seen.mime_type,
        size_bytes=len(data),
        width=seen.width,
        height=seen.height,
        sampled=seen.colours,
    )
