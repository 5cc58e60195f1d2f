"""What comes back: bodies, images, tasks, errors."""

from __future__ import annotations

from collections.abc import Iterator

from pixelproof.contract import Contract, ErrorRow, ResponseField, wording
from pixelproof.documents.markdown.text import code, codes, plain, table


def answers(contract: Contract) -> Iterator[str]:
    """Yield the keys of a success and what a delivered image is."""
    yield from ("## Answers", "")
    headings = ("key", "type", "always", "models", "claims")
    yield from table(headings, (row for field in contract.response.fields for row in _fields(field)))
    images = contract.images
    yield from (f"Images are {codes(images.types)}.", "")
    if images.url is not None:
        yield from (f"An image URL lives {images.url.life_s} seconds ({codes(images.url.claim)}).", "")
    if images.sizes:
        ratio_of = plain(images.ratio_parameter or "ratio")
        yield from table((ratio_of, "pixels"), ((code(ratio), code(size)) for ratio, size in images.sizes.items()))


def tasks(contract: Contract) -> Iterator[str]:
    """Yield the life of a task, nothing where there are none."""
    if contract.tasks is None:
        return
    known = contract.tasks
    yield from ("## Life of a task", "", "Queued, then running, then succeeded, failed or canceled for good.", "")
    yield from table(("state", "spelled"), ((name, codes(words)) for name, words in known.states.items()))
    yield from table(("what", "where"), ((name, code(where)) for name, where in known.pointers.items()))
    yield from table(("rule", "claims"), ((plain(name), codes(ids)) for name, ids in known.claims.items()))


def references(contract: Contract) -> Iterator[str]:
    """Yield the kinds of reference images, nothing where none are taken."""
    if contract.media is None:
        return
    yield from ("## Reference images", "")
    kinds = ((code(kind), code(_json(shape))) for kind, shape in contract.media.kinds.items())
    yield from table(("kind", "JSON"), kinds)
    upload = contract.media.upload
    if upload is not None:
        takes = f"{codes(upload.types)} of at most {upload.max_bytes} bytes"
        named = f"{code(upload.artifact_id)} of the answer names the image"
        yield from (f"Uploads are multipart, field {code(upload.field)}: {takes}; {named}.", "")


def errors(contract: Contract) -> Iterator[str]:
    """Yield the envelope and the table of errors; what the page does not say stands in brackets."""
    envelope = contract.errors.envelope
    yield from ("## Errors", "")
    keys = ((code(f"error.{key}"), " or ".join(types)) for key, types in envelope.keys.items())
    yield from table(("key", "type"), keys)
    yield from (f"Claims: {codes(envelope.claim)}. What stands in brackets is assumed: the page does not say it.", "")
    headings = ("error", "status", *(plain(key) for key in _keys(contract)), "Retry-After", "claims")
    yield from table(headings, (_error(contract, row) for row in contract.errors.rows.values()))


def _fields(field: ResponseField, prefix: str = "") -> Iterator[tuple[str, ...]]:
    always = "yes" if field.required else "no"
    yield code(f"{prefix}{field.name}"), plain(field.type), always, codes(field.models or ()), codes(field.claim)
    for inner in field.fields:
        yield from _fields(inner, f"{prefix}{field.name}.")


def _keys(contract: Contract) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for row in contract.errors.rows.values() for key in row.keys))


def _error(contract: Contract, row: ErrorRow) -> tuple[str, ...]:
    keys, ours = _keys(contract), wording.is_assumed(contract, row.claim)
    said = {key: code("null" if row.keys[key] is None else str(row.keys[key])) for key in keys if key in row.keys}
    said["status"] = " or ".join(map(str, row.statuses))
    told = {key: f"({text})" if ours or key in row.assumed else text for key, text in said.items()}
    return (
        row.name.replace("_", " "),
        told["status"],
        *(told.get(key, "") for key in keys),
        "yes" if row.retry_after else "no",
        codes(row.claim),
    )


def _json(value: object) -> str:
    from json import dumps

    return dumps(value, default=dict, ensure_ascii=False)
