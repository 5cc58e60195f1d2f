"""Wallets of a target: read from a control plane, or as a target file says."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from decimal import Decimal

from pixelproof.client import Wire, parse_json
from pixelproof.contract import Contract
from pixelproof.money import MoneyError, Units
from pixelproof.problems import BadUsage
from pixelproof.targets.control import ControlPlane, ControlRefused
from pixelproof.targets.file import Target
from pixelproof.targets.missing import MissingLever
from pixelproof.targets.openings import Granted

_SUPPLY = "balance: in the target file, or control: for a pixelproof mock"


class Wallet:
    """Reads what is left on a key, in smallest units, and knows how far a reading can be trusted."""

    def __init__(
        self,
        contract: Contract,
        target: Target,
        wire: Wire,
        control: ControlPlane | None,
        sleep: Callable[[float], None],
    ) -> None:
        """Bind the wallets of a target. Raises BadUsage for a unit that cannot be told in the contract's currency."""
        self._currency = contract.billing.currency
        self._target = target
        self._wire = wire
        self._control = control
        self._sleep = sleep
        self._worth = _worth(contract, target)
        #: Charges that may not show yet, and when the last of them was made.
        self._unseen_charges, self._charged_at = 0, 0.0
        #: True once a wallet showed a fraction of the smallest unit.
        self._finer = False

    @property
    def is_exclusive(self) -> bool:
        """Tell whether nobody else spends from the wallets we read."""
        return self._control is not None or self._target.balance is None or self._target.balance.exclusive

    @property
    def resolution(self) -> int:
        """Return the finest difference that a wallet shows, in smallest units; 0 when it is exact.

        A wallet that shows fractions of the smallest unit was rounded at both ends of a
        difference: one unit more or less says nothing.
        """
        if self._control is not None or self._target.balance is None:
            return 0
        stated = self._currency.nearest(self._target.balance.resolution or 0)
        return max(stated, 1) if self._finer else stated

    @property
    def is_readable(self) -> bool:
        """Tell whether wallets can be read at all."""
        return self._control is not None or self._target.balance is not None

    def require(self) -> None:
        """Raise MissingLever when wallets cannot be read."""
        if not self.is_readable:
            raise MissingLever("the wallet", _SUPPLY)

    def balance(self, granted: Granted, before: Units | None, *, settled: bool = False) -> Units:
        """Return the wallet of a key in smallest units. Raises MissingLever.

        With a reading ``before``, a slow target is given ``settle_s`` to move; ``settled``
        gives it all of them, for a charge and a refund are two moves. What earlier requests
        were charged shows first: it is no move of those that follow.
        """
        if granted.account is not None and self._control is not None:
            return self._currency.parse(self._control.balance(granted.account))
        lever = self._target.balance
        if lever is None:
            raise MissingLever("the wallet", _SUPPLY)
        if settled and lever.settle_s:
            self._sleep(lever.settle_s)
            return self._read(granted)
        if before is None or self._unseen_charges > 1:
            self._let_charges_show(lever.settle_s)
        self._unseen_charges = 0
        deadline = time.monotonic() + lever.settle_s
        amount = self._read(granted)
        while before is not None and amount == before and time.monotonic() < deadline:
            self._sleep(min(0.5, max(0.0, deadline - time.monotonic())))
            amount = self._read(granted)
        return amount

    def glimpse(self, granted: Granted) -> Units | None:
        """Return what a wallet shows now, without waiting for charges to show; None when it cannot be read."""
        try:
            if granted.account is not None and self._control is not None:
                return self._currency.parse(self._control.balance(granted.account))
            return None if self._target.balance is None else self._read(granted)
        except (MissingLever, ControlRefused):
            return None

    def settled(self, granted: Granted) -> Units | None:
        """Return what a wallet shows once its charges had the time to show; None when it cannot be read."""
        try:
            return self.balance(granted, None, settled=True)
        except (MissingLever, ControlRefused):
            return None

    def remember_charge(self) -> None:
        """Remember that a request was served just now, and that its charge may show later."""
        self._unseen_charges += 1
        self._charged_at = time.monotonic()

    def _read(self, granted: Granted) -> Units:
        lever = self._target.balance
        if lever is None:
            raise MissingLever("the wallet", "balance: in the target file")
        headers = {**self._target.headers, "authorization": f"Bearer {granted.key}"}
        answer = self._wire.send(lever.method, f"{self._target.base_url}{lever.path}", headers=headers)
        is_json, value = parse_json(answer.body)
        found = _pointed(value, lever.pointer) if is_json else None
        try:
            amount, finer = self._currency.rounded(found, self._worth)
        except MoneyError:
            how = f"{lever.path} answered {answer.status}, with no amount at {lever.pointer}"
            raise MissingLever("the wallet", how) from None
        self._finer = self._finer or finer
        return amount

    def _let_charges_show(self, settle_s: float) -> None:
        left = self._charged_at + settle_s - time.monotonic()
        if self._unseen_charges and left > 0:
            self._sleep(left)


def _worth(contract: Contract, target: Target) -> Decimal:
    """Return what one of the things is worth that the target's wallet counts. Raises BadUsage."""
    currency = contract.billing.currency
    try:
        return currency.worth(target.balance.unit if target.balance is not None else "")
    except MoneyError as error:
        hint = f"write 'unit: {currency.code}', or for hundredths of it 'unit: \"0.01 {currency.code}\"'"
        raise BadUsage(f"balance: {error}", hint) from None


def _pointed(value: object, pointer: str) -> object:
    for part in pointer.split("/")[1:]:
        if isinstance(value, Mapping):
            value = value.get(part.replace("~1", "/").replace("~0", "~"))
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value
