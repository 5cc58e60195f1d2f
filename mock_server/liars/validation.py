"""Servers that let pass, or refuse, what they should not."""

from __future__ import annotations

from dataclasses import replace

from pixelproof.deviation import Tier

from ..seams import Seams, without
from .catalogue import liar


@liar(
    "openai-n-11-accepted",
    claim="OAI-02",
    tier=Tier.CORE,
    family="validation",
    intent="takes any n: dall-e-2 makes eleven images",
)
def n_unbounded(honest: Seams) -> Seams:
    """Overlook every violation of n."""
    return replace(honest, matrix_violations=without(honest.matrix_violations, lambda v: v.parameter == "n"))
