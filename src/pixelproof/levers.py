"""Levers: what the harness can do to a target beyond its public API.

A pixelproof control plane supplies all of them; a third-party target supplies what its
file names. What is missing is said with the way to supply it, never guessed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal

from pixelproof.client import Wire
from pixelproof.contract import Contract
from pixelproof.planning.case import Advance, Cancel, ReadBalance, Send, SetRate, Step, Together, Upload
from pixelproof.targets.clock import Clock
from pixelproof.targets.control import ControlPlane
from pixelproof.targets.file import Target
from pixelproof.targets.keyring import KeyRing
from pixelproof.targets.missing import MissingLever, NoRoute
from pixelproof.targets.openings import Granted, Openings
from pixelproof.targets.wallet import Wallet
from pixelproof.traffic.patience import patience_of


class Levers:
    """Everything that can be done to one target: its keys, its wallets, its time, and what it is made to do."""

    def __init__(  # noqa: PLR0913 - everything that a lever needs, by name
        self,
        contract: Contract,
        target: Target,
        wire: Wire,
        control: ControlPlane | None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        pool: int | None = None,
        task_timeout_s: float | None = None,
    ) -> None:
        """Bind the levers of a target; ``sleep`` waits in real time where there is no clock.

        ``pool`` numbers the default key among those of a pool; ``task_timeout_s`` is when a task is given up.
        Raises BadUsage for a target file whose wallet counts in something unknown.
        """
        #: The control plane, None for a third party.
        self.control = control
        openings = Openings(control=control, currency=contract.billing.currency) if control else None
        self.keys = KeyRing(contract=contract, target=target, openings=openings, pool=pool)
        self.wallet = Wallet(contract, target, wire, control, sleep)
        self.clock = Clock(control, patience_of(target.map, task_timeout_s), sleep)
        self._forex = contract.billing.forex
        self._target = target

    @property
    def prices_hold(self) -> bool:
        """Tell whether the contract's prices, assumed ones too, hold for this target."""
        return self.control is not None

    @property
    def rate(self) -> Decimal | None:
        """Return what the target converts at: the contract's rate for a pixelproof mock, else what its file states."""
        if self._forex is None or self.control is not None:
            return self._forex.rate if self._forex else None
        stated = next(iter(self._target.rate.values()), None)
        return Decimal(stated) if stated else None

    def require(self, step: Step) -> None:
        """Raise MissingLever when a step cannot be done, before anything is sent and paid."""
        for send in step.sends if isinstance(step, Together) else ():
            self.require(send)
        if isinstance(step, SetRate) and self.control is None:
            raise MissingLever("the exchange rate", "control: for a pixelproof mock")
        if isinstance(step, Send) and step.provoke is not None:
            self.prompt(step.provoke)
        if isinstance(step, Send | Upload) and self.control is None:
            self.keys.grant(step.key)
        if isinstance(step, ReadBalance) and not step.optional:
            self.wallet.require()
        if isinstance(step, Advance):
            self.clock.require(step)
        if isinstance(step, Cancel) and self.control is None and "cancel" not in self._target.map:
            raise NoRoute("a way to cancel a task", "map: {cancel: 'POST /tasks/{task_id}/cancel'} in the target file")

    def prompt(self, effect: str) -> str:
        """Return the prompt that makes the target act so. Raises MissingLever."""
        if effect in self._target.prompts:
            return self._target.prompts[effect]
        if self.control is not None:
            return f"mock:{effect}"
        raise MissingLever(f"a prompt that provokes {effect}", f"prompts: {{{effect}: …}} in the target file")

    def set_rate(self, granted: Granted, rate: str) -> None:
        """Set the exchange rate of a key's account. Raises MissingLever."""
        if granted.account is None or self.control is None:
            raise MissingLever("the exchange rate", "control: for a pixelproof mock")
        self.control.set_rate(granted.account, rate)
