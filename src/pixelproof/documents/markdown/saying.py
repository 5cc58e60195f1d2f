"""Who says so: the pages, what they leave open, what is assumed, every claim."""

from __future__ import annotations

from collections.abc import Iterator

from pixelproof.contract import Claim, Contract, Kind, Level, wording
from pixelproof.documents.markdown.text import code, plain, table


def sources(contract: Contract) -> Iterator[str]:
    """Yield the pages that the contract was read from, with the day of reading."""
    pages = dict.fromkeys((c.page, c.read) for c in contract.claims.values() if c.level is not Level.A)
    yield from table(("source", "read"), ((plain(page), plain(read)) for page, read in pages))


def ambiguities(contract: Contract) -> Iterator[str]:
    """Yield the points on which the pages leave several readings; nothing where there are none."""
    if not contract.ambiguities:
        return
    yield from ("## What the pages leave open", "")
    for point in contract.ambiguities:
        claim = contract.claims.get(point.claim)
        subject = f" ({plain(wording.condition(point.subject))})" if point.subject else ""
        statement = plain(claim.statement) if claim is not None else ""
        yield from (f"**{plain(point.claim)}**, {plain(point.about.value)}{subject}: {statement}", "")
        rows = ((code(name), plain(who), "yes" if name == point.mock else "") for name, who in point.readings.items())
        yield from table(("reading", "who says so", "the mock's"), rows)


def assumptions(contract: Contract) -> Iterator[str]:
    """Yield what pixelproof chose where the pages are silent; nothing where nothing is."""
    chosen = [claim for claim in contract.claims.values() if claim.level is Level.A]
    if chosen:
        yield from ("## Assumptions", "", "The pages are silent; never judged against somebody's server.", "")
        yield from table(("claim", "assumed"), ((code(claim.id), plain(claim.statement)) for claim in chosen))


def claims(contract: Contract) -> Iterator[str]:
    """Yield every claim with its place."""
    if contract.claims:
        yield from ("## Claims", "")
        headings = ("claim", "level", "statement", "page", "heading")
        yield from table(headings, (_claim(claim) for claim in contract.claims.values()))


def _claim(claim: Claim) -> tuple[str, ...]:
    level = claim.level.value if claim.kind is Kind.OBLIGATION else f"{claim.level.value} {claim.kind.value}"
    return code(claim.id), level, plain(claim.statement), plain(claim.page), plain(claim.heading)
