"""Which model of the second provider serves the requests for a model of the first."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from pixelproof.contract import Contract, Model
from pixelproof.problems import BadUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPair:
    """A model, the one it becomes, and the one to think of where it becomes none."""

    before: Model
    #: None: the second provider has no model of this name, and nobody named another.
    after: Model | None
    #: The model to compare with: ``after``, else the nearest one; None: the second provider has no models.
    target: Model | None

    @property
    def name(self) -> str:
        """How a person calls the pair: one name, or both."""
        if self.target is None or self.target.id == self.before.id:
            return self.before.id
        return f"{self.before.id} → {self.target.id}"


def pair_models(before: Contract, after: Contract, mapping: Mapping[str, str]) -> tuple[ModelPair, ...]:
    """Return one pair for each model of ``before``. Raises BadUsage for names that a mapping has wrong."""
    for own, other in mapping.items():
        _known(own, before)
        _known(other, after)
    return tuple(_pair(model, after, mapping) for model in before.models.values())


def _pair(model: Model, after: Contract, mapping: Mapping[str, str]) -> ModelPair:
    name = mapping.get(model.id, model.id)
    found = after.models.get(name)
    return ModelPair(before=model, after=found, target=found or after.models.get(_nearest(model.id, after)))


def _nearest(name: str, contract: Contract) -> str:
    """Return the closest name, else the model that routes to the best one, else the default, else the first."""
    close = difflib.get_close_matches(name, contract.models, n=1)
    routing = [model.id for model in contract.models.values() if model.routes_to is not None]
    default = contract.parameters["model"].default if "model" in contract.parameters else None
    candidates = [*close, *routing[:1], *([default] if isinstance(default, str) else []), *contract.models]
    return candidates[0] if candidates else ""


def _known(name: str, contract: Contract) -> None:
    if name not in contract.models:
        close = difflib.get_close_matches(name, contract.models, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"known: {', '.join(contract.models)}"
        raise BadUsage(f"{contract.title} has no model '{name}'", hint)
