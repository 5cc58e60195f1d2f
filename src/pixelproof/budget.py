"""How much a run may cost, and what it has cost so far."""

from __future__ import annotations

from dataclasses import dataclass

from pixelproof.money import Currency, Units
from pixelproof.problems import BadUsage


@dataclass(slots=True)
class Budget:
    """A cap and the money behind it: nothing is started that could overshoot it."""

    currency: Currency
    cap: Units | None = None
    #: The larger of what was documented and what was measured, so far.
    spent: Units = Units(0)
    #: True when at least one call was not started.
    stopped: bool = False

    def allows(self, worst: Units) -> bool:
        """Tell whether a call that can cost ``worst`` may be started, and remember a refusal."""
        if self.cap is None or self.spent + worst <= self.cap:
            return True
        self.stopped = True
        return False

    def spend(self, amount: Units) -> None:
        """Book what a call cost by the document."""
        self.spent = Units(self.spent + amount)


def parse_cap(text: str | None, currency: Currency) -> Units | None:
    """Read ``"0.50 USD"``. Raises BadUsage for another currency or no number."""
    if text is None:
        return None
    amount, _, code = text.strip().partition(" ")
    if code.strip() and code.strip().upper() != currency.code:
        raise BadUsage(f"--max-cost is in {code.strip()}, the contract in {currency.code}", f"give {currency.code}")
    try:
        cap = currency.nearest(amount)
    except ValueError:
        cap = Units(-1)
    if cap < 0:
        raise BadUsage(f"--max-cost '{text}' is no amount", f'for example "0.50 {currency.code}"')
    return cap
