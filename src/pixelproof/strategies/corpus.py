"""Prompts that no content filter minds; hostile text is for mocks and gateways only."""

from __future__ import annotations

import zlib

_SUBJECTS = (
    "a red apple on a wooden table",
    "a lighthouse above a calm sea",
    "a paper boat on a pond",
    "a bowl of lemons by a window",
    "a snow-covered pine forest",
    "a yellow bicycle against a brick wall",
    "a cup of tea beside an open book",
    "a hot-air balloon over green hills",
)
_MANNERS = ("in soft light", "as a watercolour", "in flat colours", "seen from above", "at dawn", "as a pencil sketch")

#: A character outside the basic plane: two UTF-16 units, four UTF-8 bytes, one character.
ASTRAL = "🌄"
#: Two UTF-8 bytes, one character.
TWO_BYTES = "é"


def prompt(case_id: str) -> str:
    """Return a benign prompt that belongs to one case and is always the same."""
    number = zlib.crc32(case_id.encode())
    subject = _SUBJECTS[number % len(_SUBJECTS)]
    manner = _MANNERS[number // 8 % len(_MANNERS)]
    return f"{subject} {manner}, study {number % 10_000}"


def padded(case_id: str, length: int, filler: str = "") -> str:
    """Return a benign prompt of exactly ``length`` characters, padded with words or ``filler``."""
    start = prompt(case_id) + ", "
    padding = (filler or "with calm colours and gentle shadows, ") * (length + 1)
    return (start + padding)[: length - 1] + (filler or ".")
