"""Claims: unknown, unnamed, without a source; and entries that name none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pixelproof.contract import ClaimIds, Contract, Json, Kind, Level
from pixelproof.documents.document import JsonPath, nearest
from pixelproof.documents.linting.finding import Remark
from pixelproof.documents.linting.given import Given
from pixelproof.documents.linting.names import fields
from pixelproof.documents.linting.registry import error, warning


@warning
def no_claims(contract: Contract, given: Given) -> Iterator[Remark]:
    """A contract without claims: nothing in it can be looked up on a page."""
    del given
    if not contract.claims:
        message = "there is no claims.yaml beside it, so no claim can be looked up"
        yield Remark(path=("profile",), message=message, hint="write claims.yaml first: one statement per row")


@error
def unknown_claim(contract: Contract, given: Given) -> Iterator[Remark]:
    """The id of a claim that does not exist."""
    known = contract.claims
    for claim in known.values():
        for shield in claim.shields:
            if shield not in known:
                path = ("claims", claim.id, "shields")
                message = f"'{shield}' is no claim"
                yield Remark(path=path, message=message, hint=nearest(shield, known), in_claims=True)
    for name in sorted(contract.contradicted):
        if given.elsewhere and name not in given.elsewhere:
            message = f"'{name}' is no claim of another contract"
            hint = nearest(name, given.elsewhere)
            yield Remark(path=("reference", "contradicted"), message=message, hint=hint)


@warning
def unnamed_claim(contract: Contract, given: Given) -> Iterator[Remark]:
    """An obligation that no entry of the contract names."""
    named = set(_texts(dict(given.document.value)))
    for claim in contract.obligations():
        # a contradiction without an ambiguity has a rule of its own
        if claim.id not in named and claim.level is not Level.X:
            message = f"no entry of the contract names {claim.id}, so nothing can be judged by it"
            hint = "name it where the contract says it, or make it kind: note"
            yield Remark(path=("claims", claim.id), message=message, hint=hint, in_claims=True)


@warning
def uncited_entry(contract: Contract, given: Given) -> Iterator[Remark]:
    """An entry that names no claim: nobody can look it up."""
    del given
    if not contract.claims:
        return
    for path, claims in _entries(contract):
        if not any(claims):
            hint = "name the claim of claims.yaml that documents it, of level A where the page is silent"
            yield Remark(path=path, message="no claim documents this entry", hint=hint)


@error
def undated_source(contract: Contract, given: Given) -> Iterator[Remark]:
    """A source without the day on which it was read."""
    del contract
    for name, source in _sources(given).items():
        read = source.get("read") if isinstance(source, dict) else None
        if not _is_day(read):
            message = f"'{read}' is no day" if read else "nobody knows when it was read"
            path = ("sources", name, "read")
            yield Remark(path=path, message=message, hint="write YYYY-MM-DD in quotes", in_claims=True)


@warning
def unused_source(contract: Contract, given: Given) -> Iterator[Remark]:
    """A source that no claim stands on."""
    del contract
    rows = given.claims.value.get("claims") if given.claims is not None else None
    used = {row.get("source") for row in rows.values() if isinstance(row, dict)} if isinstance(rows, dict) else set()
    for name in _sources(given):
        if name not in used and _is_own(given, ("sources", name)):
            message = f"no claim stands on '{name}'"
            hint = "write down the claims that stand there, or leave it out"
            yield Remark(path=("sources", name), message=message, hint=hint, in_claims=True)


@warning
def unplaced_claim(contract: Contract, given: Given) -> Iterator[Remark]:
    """A documented claim without the heading it stands under."""
    del given
    for claim in contract.claims.values():
        if not claim.heading and claim.level not in {Level.A, Level.G}:
            message = f"{claim.id} does not say where on '{claim.page}' it stands"
            hint = "give the heading, row or field in 'heading'"
            yield Remark(path=("claims", claim.id), message=message, hint=hint, in_claims=True)


@error
def judged_note(contract: Contract, given: Given) -> Iterator[Remark]:
    """A price, an error or a model that stands on a note or a permission: it judges nothing."""
    del given
    for path, claims in _entries(contract):
        names = [name for ids in claims for name in ids]
        kinds = {contract.claims[name].kind for name in names if name in contract.claims}
        if kinds and Kind.OBLIGATION not in kinds:
            message = f"{', '.join(names)} cannot be broken, so nothing judges this entry"
            yield Remark(path=path, message=message, hint="name an obligation too")


def _entries(contract: Contract) -> Iterator[tuple[JsonPath, tuple[ClaimIds, ...]]]:
    """Yield the entries that a page documents, with their claims by facet."""
    yield from ((("operations", name), tuple(item.claims.values())) for name, item in contract.operations.items())
    yield from ((("parameters", name), tuple(item.claims.values())) for name, item in contract.parameters.items())
    yield from ((("models", name), (item.claim,)) for name, item in contract.models.items() if item.like is None)
    yield from ((path, (field.claim,)) for path, field in fields(contract))
    yield from ((("errors", "rows", name), (row.claim,)) for name, row in contract.errors.rows.items())
    yield from ((("limits", name), (limit.claim,)) for name, limit in contract.limits.items())
    yield from ((("billing", "prices", index), (row.claim,)) for index, row in enumerate(contract.billing.prices))
    yield from ((("billing", "order", index), (row.claim,)) for index, row in enumerate(contract.billing.order))
    yield from ((("exclusions", index), (row.claim,)) for index, row in enumerate(contract.exclusions))


def _is_own(given: Given, path: JsonPath) -> bool:
    # what a contract extends may have more sources than it took over statements
    return given.claims is not None and given.claims.place(path)[0] == given.claims.file


def _sources(given: Given) -> dict[str, Json]:
    sources = given.claims.value.get("sources") if given.claims is not None else None
    return sources if isinstance(sources, dict) else {}


def _is_day(text: Json) -> bool:
    try:
        return isinstance(text, str) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
