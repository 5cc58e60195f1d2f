"""Honest servers that differ where the documents let them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .catalogue import variation

if TYPE_CHECKING:
    from pixelproof.contract import Json

    from ..call import Call
    from ..seams import Seams


@variation("aivene-extra-fields", claim="AIV-31", family="success shape", intent="adds fields nobody documented")
def extra_fields(honest: Seams) -> Seams:
    """Add a field to the body, and one to each image."""

    def body(call: Call) -> dict[str, Json]:
        return {**honest.shape_success(call), "x_region": "eu"}

    return replace(honest, shape_success=body)
