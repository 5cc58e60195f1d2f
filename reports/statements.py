"""What the claims of a record say, and where: as the record tells it, else as it is shipped today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pixelproof import loading
from pixelproof.contract import Claim, Json
from pixelproof.record.recording import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a record tells about a claim."""

    statement: str = ""
    source: str = ""


def known_claims(record: Record) -> Mapping[str, Claim | Told]:
    """Return the claims that a record speaks of: as it tells them, else as they are shipped today."""
    known: dict[str, Claim | Told] = {**_told_claims(record)}
    seen = {line.claim for line in record.verdicts} | set(names((record.end or {}).get("unjudged")))
    own = str(record.header.get("profile"))
    for profile in sorted(loading.profiles(), key=lambda profile: profile != own):
        if seen <= set(known):
            break
        known = {**loading.shipped(profile).claims, **known}
    return known


def statement(known: Mapping[str, Claim | Told], claim: str) -> str:
    """Return what a claim says, empty where nobody knows."""
    return known[claim].statement if claim in known else ""


def source(known: Mapping[str, Claim | Told], claim: str) -> str:
    """Return the page of a claim, empty where nobody knows."""
    return known[claim].source if claim in known else ""


def names(value: Json) -> tuple[str, ...]:
    """Return a list of a record as texts; nothing for what is no list."""
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _told_claims(record: Record) -> Mapping[str, Told]:
    told = record.header.get("claims")
    return {
        name: Told(statement=str(row.get("statement", "")), source=str(row.get("source", "")))
        for name, row in (told.items() if isinstance(told, dict) else ())
        if isinstance(row, dict)
    }
