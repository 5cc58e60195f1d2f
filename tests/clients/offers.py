"""What the providers that answer at once have to offer, read from their contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pixelproof import loading, pricing
from pixelproof.contract import Contract, Domain, Json, Model, Support
from pixelproof.matrix import Matrix

PROMPT = "a lighthouse at dawn"


@cache
def contract_of(profile: str) -> Contract:
    return loading.shipped(profile)


@cache
def _matrix_of(profile: str) -> Matrix:
    return Matrix(contract_of(profile))


def answers_at_once(profile: str) -> bool:
    """Tell whether a profile makes images in the answer itself, and not in a task."""
    return any(not operation.creates_task for operation in contract_of(profile).creating())


#: Profiles that the libraries can talk to; the others deliver through tasks.
SYNCHRONOUS = tuple(profile for profile in loading.profiles() if answers_at_once(profile))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One model of one profile."""

    profile: str
    model: Model

    def __str__(self) -> str:
        return f"{self.profile}-{self.model.id}"

    @property
    def contract(self) -> Contract:
        return contract_of(self.profile)

    @property
    def sizes(self) -> list[str]:
        """Return the sizes in pixels that the model makes, from small to large."""
        return sorted((size for size in self._domain("size").enum or () if size != "auto"), key=_area)

    @property
    def formats(self) -> tuple[str, ...]:
        """Return the values of ``response_format`` that the model takes, none where it refuses the parameter."""
        return (self._domain("response_format").enum or ()) if self.takes("response_format") else ()

    @property
    def most(self) -> int:
        """Return how many images one request may ask for."""
        return self._domain("n").maximum or 1

    def takes(self, parameter: str) -> bool:
        cell = self.model.cells.get(parameter)
        return cell is not None and cell.support is not Support.REFUSED

    def knows(self, parameter: str, value: str) -> bool:
        """Tell whether the model does something with a value, and does not just let it pass."""
        cell = self.model.cells.get(parameter)
        return cell is not None and cell.support is Support.TAKEN and value in (cell.domain.enum or ())

    def body(self, **changes: Json) -> dict[str, Any]:
        """Return a small request for this model."""
        return {"model": self.model.id, "prompt": PROMPT, "size": self.sizes[0], **changes}

    def delivers(self, body: Mapping[str, Json]) -> str:
        """Return the format in which the images of a request come."""
        return self.model.delivers or str(_matrix_of(self.profile).effective(body)["response_format"])

    def _domain(self, parameter: str) -> Domain:
        return self.model.cells[parameter].domain


def _area(size: str) -> int:
    wide, high = pixels(size)
    return wide * high


def pixels(size: str) -> tuple[int, int]:
    wide, _, high = size.partition("x")
    return int(wide), int(high)


OFFERS = tuple(
    Offer(profile=profile, model=model)
    for profile in SYNCHRONOUS
    for model in contract_of(profile).models.values()
    if model.routes_to is None
)
#: The first model of each profile: for facts in which the model does not matter.
USUAL: Mapping[str, Offer] = {profile: next(o for o in OFFERS if o.profile == profile) for profile in SYNCHRONOUS}


def named(profile: str, model: str) -> Offer | None:
    """Return the offer of a model, None where the profile does not sell it."""
    return next((offer for offer in OFFERS if str(offer) == f"{profile}-{model}"), None)


def refused(profile: str, body: Mapping[str, Json]) -> bool:
    """Tell whether a contract objects to a request."""
    return bool(_matrix_of(profile).violations(body))


def price(profile: str, body: Mapping[str, Json], times: int = 1) -> str:
    """Return what a request costs, when it is served so many times."""
    contract = contract_of(profile)
    units = pricing.charge(contract, _matrix_of(profile), body)
    return contract.billing.currency.format(units * times)
