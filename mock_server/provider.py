"""One served profile: its contract compiled once into what the steps need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pixelproof.matrix import Matrix
from pixelproof.pricing import compile_prices

from . import checking, successes
from .seams import IMAGE_STEPS, MODEL_STEPS, Seams, Step

if TYPE_CHECKING:
    from pixelproof.contract import Ambiguity, ClaimIds, Contract, Json
    from pixelproof.money import Units

    from .call import Call
    from .world import World

Steps = tuple[tuple[str, Step], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Provider:
    """A contract, its compiled checks and prices, and the steps that serve it."""

    #: Position among the served profiles; part of image URLs.
    number: int
    contract: Contract
    world: World
    seams: Seams
    matrix: Matrix
    unit_price: Callable[[Mapping[str, Json]], Units]
    build_success: successes.Builder
    strict_readings: tuple[Ambiguity, ...]
    revising_models: frozenset[str]
    #: Parameters such as ``stream`` that are refused when they ask for anything.
    optional_features: tuple[tuple[str, ClaimIds], ...]
    image_steps: Steps
    model_steps: Steps

    @property
    def profile(self) -> str:
        """Return the profile's name."""
        return self.contract.profile

    @property
    def url_life_s(self) -> int | None:
        """Return how long image URLs live, None when the contract says nothing."""
        url = self.contract.images.url
        return url.life_s if url is not None else None

    def revises(self, call: Call) -> bool:
        """Tell whether the model of a request rewrites prompts."""
        return call.model in self.revising_models


def compile_provider(number: int, contract: Contract, world: World, seams: Seams) -> Provider:
    """Compile a contract; every request afterwards is look-ups and plain calls."""
    return Provider(
        number=number,
        contract=contract,
        world=world,
        seams=seams,
        matrix=Matrix(contract),
        unit_price=compile_prices(contract.billing),
        build_success=successes.compile_success(contract.response.fields),
        strict_readings=checking.strict_readings(contract.ambiguities),
        revising_models=successes.always_revised(contract),
        optional_features=checking.optional_features(contract),
        image_steps=_steps(seams, IMAGE_STEPS),
        model_steps=_steps(seams, MODEL_STEPS),
    )


def _steps(seams: Seams, names: tuple[str, ...]) -> Steps:
    return tuple((name, getattr(seams, name)) for name in names)
