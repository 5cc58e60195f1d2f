"""How the same trouble is told: status, type and code on both sides, and the keys of the envelope."""

from __future__ import annotations

from collections.abc import Iterator

from pixelproof.contract import Contract, ErrorRow, Support
from pixelproof.porting.change import Change, Effect, Topic
from pixelproof.porting.pairing import ModelPair


def failure_changes(before: Contract, after: Contract) -> Iterator[Change]:
    """Yield the errors that a caller must recognise differently, then the ones that stay."""
    yield from _envelope(before, after)
    same: list[str] = []
    for name in dict.fromkeys((*before.errors.rows, *after.errors.rows)):
        own, there = _row(before, name), _row(after, name)
        if own is None or there is None or not _can_answer(after, name):
            continue
        if _said(own) == _said(there):
            same.append(name)
        else:
            yield _change(name.replace("_", " "), own, there)
    if same:
        yield Change(
            effect=Effect.WORKS,
            topic=Topic.ERROR,
            subject="errors",
            before=", ".join(name.replace("_", " ") for name in same),
            after="same status, type and code",
        )


def model_failure_changes(before: Contract, after: Contract, pair: ModelPair) -> Iterator[Change]:
    """Yield the errors that differ for one model beyond those of every model."""
    if pair.target is None:
        return
    for name in sorted({*pair.before.errors, *pair.target.errors}):
        own, there = before.error(name, pair.before.id), after.error(name, pair.target.id)
        if _said(own) != _said(there):
            yield _change(name.replace("_", " "), own, there, models=(pair.name,))


def told(row: ErrorRow) -> str:
    """Write an error for a person: ``429 (requests) rate_limit_exceeded``; what the page does not say in brackets."""
    parts = {"status": " or ".join(map(str, row.statuses))}
    parts |= {key: str(value) for key, value in row.keys.items() if value is not None and value not in row.statuses}
    return " ".join(f"({text})" if key in row.assumed else text for key, text in parts.items())


def _said(row: ErrorRow) -> tuple[object, ...]:
    return row.statuses, tuple(sorted((key, repr(value)) for key, value in row.keys.items() if value is not None))


def _row(contract: Contract, name: str) -> ErrorRow | None:
    try:
        return contract.errors.row(name)
    except KeyError:
        return None


def _can_answer(contract: Contract, name: str) -> bool:
    """Tell whether a provider ever answers so: one that ignores what it does not know never complains about it."""
    if name != "unknown_parameter":
        return True
    refuses = any(
        cell.support is Support.REFUSED for model in contract.models.values() for cell in model.cells.values()
    )
    return contract.unknown_policy is Support.REFUSED or refuses


def _change(subject: str, own: ErrorRow, there: ErrorRow, models: tuple[str, ...] = ()) -> Change:
    return Change(
        effect=Effect.DIFFERS,
        topic=Topic.ERROR,
        subject=subject,
        models=models,
        before=told(own),
        after=told(there),
        do="recognise it by status" if own.statuses != there.statuses else "recognise it by type and code",
        claims_before=own.claim,
        claims_after=there.claim,
        assumed=_is_ours(own) or _is_ours(there),
    )


def _is_ours(row: ErrorRow) -> bool:
    """Tell whether the page says neither status nor any key of an error."""
    return {"status", *row.keys} <= row.assumed


def _envelope(before: Contract, after: Contract) -> Iterator[Change]:
    own, there = before.errors.envelope, after.errors.envelope
    for key, types in own.keys.items():
        found = there.keys.get(key)
        if found is not None and set(found) <= set(types):
            continue
        yield Change(
            effect=Effect.DIFFERS,
            topic=Topic.ERROR,
            subject=f"error.{key}",
            before=" or ".join(types),
            after=" or ".join(found) if found is not None else "not documented",
            do="do not read it" if found is None else "read the other type too",
            claims_before=own.claim,
            claims_after=there.claim,
        )
