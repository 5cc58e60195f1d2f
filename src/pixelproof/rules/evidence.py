"""What a rule may look at: the contract, the case and its exchanges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pixelproof.contract import Contract, Json
from pixelproof.exchange import Exchange, ImageFacts, Role
from pixelproof.matrix import matrix_of
from pixelproof.planning.case import Case, Send


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One conducted case."""

    contract: Contract
    case: Case
    exchanges: tuple[Exchange, ...]
    #: The finest difference the wallet shows, in smallest units; 0 when it is exact.
    resolution: int = 0
    #: What the target converts at, where that is known (see the contract's forex).
    rate: Decimal | None = None
    #: True when the target's clock runs as it likes: a minute may end between two requests.
    real_time: bool = False

    def of(self, step: str) -> Exchange:
        """Return the last exchange of a step, not counting image downloads. Raises KeyError."""
        for exchange in reversed(self.exchanges):
            if exchange.step == step and exchange.role is not Role.IMAGE:
                return exchange
        raise KeyError(step)

    def downloads(self, step: str) -> tuple[Exchange, ...]:
        """Return the image downloads of a step, in order."""
        return tuple(item for item in self.exchanges if item.step == step and item.role is Role.IMAGE)

    def images(self, step: str) -> tuple[ImageFacts, ...]:
        """Return the images of a step's response: those in its body, else those downloaded."""
        inline = self.of(step).images
        return inline or tuple(image for download in self.downloads(step) for image in download.images)

    def balance(self, step: str) -> int | None:
        """Return the balance that a step read, in smallest units, None when it could not."""
        try:
            value = self.of(step).facts.get("balance")
        except KeyError:  # an optional reading, and no lever for it
            return None
        return value if isinstance(value, int) else None

    def sent(self, step: str) -> Mapping[str, Json]:
        """Return the effective values of the request a step sent: its own and the defaults of its operation."""
        planned = self.case.step(step)
        if not isinstance(planned, Send):
            return matrix_of(self.contract).effective({})
        capability = self.contract.operations[planned.operation].capability
        matrix = matrix_of(self.contract, capability) if capability is not None else matrix_of(self.contract)
        return matrix.effective(planned.body or {})
