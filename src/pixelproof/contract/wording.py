"""Contracts in words: what a domain allows, and which of it the documents say themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pixelproof.contract import MEDIA, MEDIA_LIST, ClaimIds, Contract, Domain, Json, Level

#: Characters of a value that are still shown whole.
_SHOWN = 40


def allowed(domain: Domain) -> str:
    """Say which values a domain allows: ``1 to 4``, ``url, b64_json``, ``text, at most 4000 characters``."""
    return ", ".join(_parts(domain)) or _TYPE_WORDS.get(domain.type, domain.type)


def shown(value: Json) -> str:
    """Write a value for a person; a long text is told by its length."""
    if isinstance(value, str) and len(value) > _SHOWN:
        return f"<{len(value)} characters>"
    if isinstance(value, dict | list):
        return "<reference image>"
    return str(value).lower() if isinstance(value, bool) else str(value)


def request(body: Mapping[str, Json]) -> str:
    """Write a request for a person, without the prompt when it is a short one."""
    parts = [f"{name}={shown(value)}" for name, value in body.items() if name != "prompt" or len(str(value)) > _SHOWN]
    return " ".join(parts) or "prompt alone"


def condition(when: Mapping[str, tuple[str, ...]]) -> str:
    """Write the values of a table row for a person: ``size 1024x1024 or auto, quality low``."""
    return ", ".join(f"{name} {' or '.join(values)}" for name, values in when.items())


def is_assumed(contract: Contract, claims: ClaimIds) -> bool:
    """Tell whether a statement is our choice where the documents are silent: every claim of it has level A."""
    known = [contract.claims[claim] for claim in claims if claim in contract.claims]
    return bool(known) and all(claim.level is Level.A for claim in known)


def _parts(domain: Domain) -> Iterator[str]:
    if domain.type == MEDIA_LIST and domain.maximum is not None:
        yield f"at most {domain.maximum} reference images"
        return
    if domain.enum is not None:
        yield ", ".join(domain.enum)
        if domain.custom is not None:
            yield f"any size of {domain.custom.minimum} to {domain.custom.maximum} in steps of {domain.custom.step}"
        return
    yield from _bounds(domain)


def _bounds(domain: Domain) -> Iterator[str]:
    if domain.minimum is not None and domain.maximum is not None:
        yield f"{domain.minimum} to {domain.maximum}" if domain.minimum != domain.maximum else f"{domain.minimum} only"
    elif domain.minimum is not None:
        yield f"at least {domain.minimum}"
    elif domain.maximum is not None:
        yield f"at most {domain.maximum}"
    if domain.max_length is not None:
        yield f"text of at most {domain.max_length} characters"


_TYPE_WORDS: Mapping[str, str] = {
    "string": "any text",
    "boolean": "true, false",
    MEDIA: "a reference image",
    MEDIA_LIST: "reference images",
}
