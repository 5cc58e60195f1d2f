"""Prompts that no content filter minds; hostile text is for mocks and gateways only."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

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

#: Values that look right and are not, by parameter: what other providers take, and what people write by mistake.
#: Whoever takes anything takes these too, so they find more than an invented word would.
TEMPTING: Mapping[str, tuple[str, ...]] = {
    "size": ("512x512", "auto", "1000x1000"),
    "quality": ("high", "ultra"),
    "style": ("realistic",),
    "response_format": ("base64",),
    "output_format": ("gif",),
    "background": ("white",),
    "aspect_ratio": ("3:2",),
}

#: The same title in a few of the scripts that people write in.
_TITLES = "Der Frühling · Весна · 春天 · बसंत · الربيع"

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


def in_other_scripts(case_id: str) -> str:
    """Return a benign prompt with what JSON and databases stumble over: scripts, an emoji, quotes, two lines."""
    return f'{prompt(case_id)}, titled "{_TITLES}"\n{ASTRAL}'


def padded(case_id: str, length: int, filler: str = "") -> str:
    """Return a benign prompt of exactly ``length`` characters, padded with words or ``filler``."""
    start = prompt(case_id) + ", "
    padding = (filler or "with calm colours and gentle shadows, ") * (length + 1)
    return (start + padding)[: length - 1] + (filler or ".")
