"""Servers whose list of models does not answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pixelproof.deviation import Tier

from ..call import Refusal
from ..seams import Seams
from .catalogue import liar

if TYPE_CHECKING:
    from ..call import Call

FAMILY = "models"


@liar("aivene-no-models", claim="AIV-04", tier=Tier.SMOKE, family=FAMILY, intent="the list of models is empty")
def no_models(honest: Seams) -> Seams:
    """List nothing."""
    return replace(honest, list_models=lambda call: {**honest.list_models(call), "data": []})


@liar("aivene-models-not-found", claim="AIV-04", tier=Tier.SMOKE, family=FAMILY, intent="there is no list of models")
def models_not_found(honest: Seams) -> Seams:
    """Answer 404."""

    def respond(_call: Call) -> None:
        raise Refusal("not_found", "no such endpoint")

    return replace(honest, respond_models=respond)


@liar("aivene-models-crash", claim="AIV-04", tier=Tier.SMOKE, family=FAMILY, intent="the list of models breaks down")
def models_crash(honest: Seams) -> Seams:
    """Answer 500."""

    def respond(_call: Call) -> None:
        raise Refusal("server_error", "the list could not be loaded")

    return replace(honest, respond_models=respond)
