"""Servers that measure the length of a request body, or answer a long one, in a way of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier

from ..call import Refusal
from ..seams import Seams
from .catalogue import liar
from .edits import moved

if TYPE_CHECKING:
    from ..call import Call

FAMILY = "body length"
_MEGABYTE = 1_000_000


@liar("aicredits-413-as-400", claim="AIC-23", family=FAMILY, tier=Tier.FULL, intent="a body that is too long is 400")
def too_large_as_400(honest: Seams) -> Seams:
    """Take the length for a parameter."""
    return moved(honest, 400, "too_large")


@liar("aicredits-413-as-malformed", claim="AIC-23", family=FAMILY, tier=Tier.FULL, intent="reads the first 10 MB only")
def too_large_cut(honest: Seams) -> Seams:
    """Parse what fits, and find it malformed."""

    def parse(call: Call) -> None:
        if call.raw is None:
            raise Refusal("malformed", "the JSON ends too early")
        honest.parse(call)

    return replace(honest, parse=parse)


@liar("aicredits-413-at-one-megabyte", claim="AIC-23", family=FAMILY, tier=Tier.FULL, intent="a body of 9 MB is 413")
def too_large_at_one_megabyte(honest: Seams) -> Seams:
    """Keep the limit of the proxy in front."""

    def parse(call: Call) -> None:
        if call.raw is not None and len(call.raw) > _MEGABYTE:
            raise Refusal("too_large", "the request body is too long")
        honest.parse(call)

    return replace(honest, parse=parse)


@liar("aicredits-403-as-401", claim="AIC-23", family="status", intent="what is forbidden is 401")
def forbidden_as_401(honest: Seams) -> Seams:
    """Take a right for a key."""
    return moved(honest, 401, "forbidden")
