"""The images that came, small: from the record alone, and only what is an image."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pixelproof.exchange import ImageFacts
from pixelproof.record.recording import Record

from .marks import anchor

#: The only addresses that are put into the page.
_INLINE = re.compile(r"data:image/(?:png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+={0,2}")
#: Images shown, and characters of one and of all thumbnails.
_IMAGES, _ONE, _ALL = 300, 16_000, 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One image: its thumbnail where there is one, and what decoding showed."""

    source: str
    says: str
    problem: str
    case: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """The images of a record."""

    pictures: tuple[Picture, ...]
    total: int
    undecodable: int


def gallery(record: Record) -> Gallery | None:
    """Return the images of a record, None where it has none."""
    found = [(item.case, facts) for item in record.exchanges for facts in item.images]
    if not found:
        return None
    bad = sum(bool(facts.problem) for _, facts in found)
    return Gallery(pictures=tuple(_pictures(found)), total=len(found), undecodable=bad)


def _pictures(found: list[tuple[str, ImageFacts]]) -> Iterator[Picture]:
    left = _ALL
    # what could not be decoded is never crowded out
    ordered = sorted(found, key=lambda item: not item[1].problem)[:_IMAGES]
    for case, facts in ordered:
        source = facts.thumbnail if len(facts.thumbnail) <= min(_ONE, left) else ""
        source = source if _INLINE.fullmatch(source) else ""
        left -= len(source)
        yield Picture(source=source, says=_says(facts), problem=facts.problem, case=case, anchor=anchor("case", case))


def _says(facts: ImageFacts) -> str:
    kind = facts.media_type.removeprefix("image/") or "no image"
    size = f"{facts.width}x{facts.height} " if facts.width else ""
    alpha = ", transparent" if facts.transparent else ", alpha" if facts.alpha else ""
    return f"{size}{kind}{alpha}, {_bytes(facts.bytes)}"


def _bytes(count: int) -> str:
    return f"{count:,} B" if count < 10_240 else f"{count / 1024:,.0f} KiB"  # noqa: PLR2004 - three digits tell enough
