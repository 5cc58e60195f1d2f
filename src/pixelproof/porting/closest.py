"""The allowed value that comes closest to one that is refused."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from math import inf, log

from pixelproof.contract import Contract

#: Words of the field for how good an image is; equal ranks stand for one another.
_RANKS: Mapping[str, int] = {"low": 0, "standard": 1, "medium": 1, "auto": 1, "high": 2, "hd": 2}


def closest(value: str, options: Iterable[str], default: object = None) -> str | None:
    """Return the option nearest to ``value``: by shape and area for sizes, by rank for qualities, else by spelling.

    Where nothing is near, the default, when it is an option.
    """
    known = list(options)
    size = pixels(value)
    if size is not None and any(pixels(option) for option in known):
        return min((option for option in known if pixels(option)), key=lambda option: _apart(size, pixels(option)))
    if value in _RANKS and value != "auto" and any(option in _RANKS for option in known):
        return min((o for o in known if o in _RANKS), key=lambda option: abs(_RANKS[option] - _RANKS[value]))
    spelled = difflib.get_close_matches(value, known, n=1)
    if spelled:
        return spelled[0]
    return str(default) if default is not None and str(default) in known else None


def closest_ratio(size: str, contract: Contract) -> str | None:
    """Return the value of a provider's ratio parameter whose images come closest to a pixel size, None without one."""
    wanted = pixels(size)
    if wanted is None or not contract.images.sizes:
        return None
    return min(contract.images.sizes, key=lambda ratio: _apart(wanted, pixels(contract.images.sizes[ratio])))


def pixels(text: str) -> tuple[int, int] | None:
    """Return (width, height) of ``1024x768`` and the like, None for any other text."""
    wide, _, high = text.partition("x")
    return (int(wide), int(high)) if wide.isdecimal() and high.isdecimal() and int(wide) and int(high) else None


def _apart(one: tuple[int, int], other: tuple[int, int] | None) -> tuple[float, float]:
    if other is None:
        return inf, inf
    shape = abs(log(one[0] / one[1]) - log(other[0] / other[1]))
    return round(shape, 3), abs(log(one[0] * one[1]) - log(other[0] * other[1]))
