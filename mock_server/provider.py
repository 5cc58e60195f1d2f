"""One served profile: its contract compiled once into what the steps need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pixelproof.matrix import Matrix
from pixelproof.pricing import compile_prices

from .redaction import learn
from .steps import checking, successes
from .steps.references import media_parameters
from .steps.taskbodies import shows_net

if TYPE_CHECKING:
    from pixelproof.contract import Ambiguity, ClaimIds, Contract, Json
    from pixelproof.money import Units

    from .call import Call
    from .seams import Seams
    from .state.world import World


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Provider:
    """A contract, its compiled checks and prices, and the steps that serve it."""

    #: Position among the served profiles; part of image URLs.
    number: int
    contract: Contract
    world: World
    seams: Seams
    #: capability → its compiled checks, and its parameters that hold reference images
    matrices: Mapping[str, Matrix]
    media_parameters: Mapping[str, tuple[tuple[str, bool], ...]]
    unit_price: Callable[[Mapping[str, Json]], Units]
    build_success: successes.Builder
    #: What a fault of delivery may spoil (``created images``) → the names that lead to it in a success body.
    keys: Mapping[str, tuple[str, ...]]
    strict_readings: tuple[Ambiguity, ...]
    revising_models: frozenset[str]
    #: Parameters such as ``stream`` that are refused when they ask for anything.
    optional_features: tuple[tuple[str, ClaimIds], ...]
    #: True: what a task shows as charged falls with a refund.
    shows_net: bool
    #: True: the cost in a response is that of one image, not of the request.
    shows_unit_cost: bool

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
    learn(contract)
    capabilities = [operation.capability for operation in contract.creating() if operation.capability is not None]
    return Provider(
        number=number,
        contract=contract,
        world=world,
        seams=seams,
        matrices={name: Matrix(contract, name) for name in capabilities},
        media_parameters={name: media_parameters(contract, name) for name in capabilities},
        unit_price=compile_prices(contract.billing),
        build_success=successes.compile_success(contract.response.fields),
        keys={source: successes.path_to(source, contract.response.fields) for source in ("created", "images")},
        strict_readings=checking.strict_readings(contract.ambiguities),
        revising_models=successes.always_revised(contract),
        optional_features=checking.optional_features(contract),
        shows_net=shows_net(contract),
        shows_unit_cost=successes.shows_unit_cost(contract),
    )
