"""Levers: what the harness can do to a target beyond its public API.

A pixelproof control plane supplies all of them; a third-party target supplies what its
file names. What is missing is said with the way to supply it, never guessed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from decimal import Decimal

from pixelproof.client import Wire, parse_json
from pixelproof.contract import Contract
from pixelproof.money import MoneyError, Units
from pixelproof.planning.case import (
    Advance,
    Cancel,
    Case,
    Key,
    KeyRole,
    ReadBalance,
    Send,
    SetRate,
    Step,
    Together,
    Upload,
)
from pixelproof.problems import BadUsage
from pixelproof.targets.control import ControlPlane, ControlRefused
from pixelproof.targets.file import Target
from pixelproof.targets.openings import Granted, Openings
from pixelproof.traffic.patience import MAX_UNSEEN_S, MOST_LOOKS, patience_of

#: A key that no server can know.
INVALID_KEY = "sk-invalid-pixelproof-0000000000"

#: How far a clock is moved between two looks at a task, in seconds.
CLOCK_STRIDE_S = 5.0

#: How long a limited key rests before another case may use its minute up, in seconds.
REST_S = 61.0

#: The longest real wait for a server's Retry-After, in seconds.
MAX_WAIT_S = 65.0


class MissingLever(Exception):
    """A case needs what the target does not offer: which lever, and how to supply it."""

    def __init__(self, what: str, how: str) -> None:
        super().__init__(what)
        self.what = what
        self.how = how


class NoRoute(MissingLever):
    """A case needs a route that the provider does not document, and the target file names none."""


class Levers:
    """Everything that can be done to one target."""

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
        """
        self._contract = contract
        self._target = target
        self._wire = wire
        self._control = control
        self._openings = Openings(control=control, currency=contract.billing.currency) if control else None
        self._sleep = sleep
        self._default: Granted | None = None
        self._pool = pool
        self._patience = patience_of(target.map, task_timeout_s)
        self._worth = _worth(contract, target)
        #: Charges that may not show yet, and when the last of them was made.
        self._unseen_charges, self._charged_at = 0, 0.0
        #: True once a wallet showed a fraction of the smallest unit.
        self._finer = False
        #: Until when the key 'limited' has to rest.
        self._tired_until = 0.0

    @property
    def control(self) -> ControlPlane | None:
        """Return the control plane, None for a third party."""
        return self._control

    @property
    def prices_hold(self) -> bool:
        """Tell whether the contract's prices, assumed ones too, hold for this target."""
        return self._control is not None

    @property
    def exclusive(self) -> bool:
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
        stated = self._contract.billing.currency.nearest(self._target.balance.resolution or 0)
        return max(stated, 1) if self._finer else stated

    @property
    def reads_balance(self) -> bool:
        """Tell whether wallets can be read at all."""
        return self._control is not None or self._target.balance is not None

    def require(self, step: Step) -> None:
        """Raise MissingLever when a step cannot be done, before anything is sent and paid."""
        for send in step.sends if isinstance(step, Together) else ():
            self.require(send)
        if isinstance(step, SetRate) and self._control is None:
            raise MissingLever("the exchange rate", "control: for a pixelproof mock")
        if isinstance(step, Send) and step.provoke is not None:
            self.prompt(step.provoke)
        if isinstance(step, Send | Upload) and self._control is None:
            self.grant(step.key)
        if isinstance(step, ReadBalance) and not step.optional and not self.reads_balance:
            raise MissingLever("the wallet", "balance: in the target file, or control: for a pixelproof mock")
        if isinstance(step, Advance) and step.retry_after_of is None and self._control is None:
            self._require_real_time(step)
        if isinstance(step, Cancel) and self._control is None and "cancel" not in self._target.map:
            raise NoRoute("a way to cancel a task", "map: {cancel: 'POST /tasks/{task_id}/cancel'} in the target file")

    def begin(self, case: Case) -> None:
        """Say that a case begins. Raises MissingLever when an earlier one used the minute of its limited key up."""
        if self._control is not None or not any(send.key.role is KeyRole.LIMITED for send in case.sends()):
            return
        now = time.monotonic()
        if now < self._tired_until:
            raise MissingLever("a key 'limited' that has rested for a minute", f"--select '{case.id}' runs it alone")
        self._tired_until = now + REST_S

    def grant(self, demand: Key) -> Granted:
        """Return the key that a case demands. Raises MissingLever."""
        if demand.role is KeyRole.NONE:
            return Granted(key=None)
        if demand.role is KeyRole.INVALID:
            return Granted(key=INVALID_KEY)
        if demand.role is KeyRole.DEFAULT:
            return self._default_key()
        if self._openings is not None:
            return self._openings.open(demand)
        return self._given(demand)

    def prompt(self, effect: str) -> str:
        """Return the prompt that makes the target act so. Raises MissingLever."""
        if effect in self._target.prompts:
            return self._target.prompts[effect]
        if self._control is not None:
            return f"mock:{effect}"
        raise MissingLever(f"a prompt that provokes {effect}", f"prompts: {{{effect}: …}} in the target file")

    def balance(self, granted: Granted, before: Units | None, *, settled: bool = False) -> Units:
        """Return the wallet of a key in smallest units. Raises MissingLever.

        With a reading ``before``, a slow target is given ``settle_s`` to move; ``settled``
        gives it all of them, for a charge and a refund are two moves. What earlier requests
        were charged shows first: it is no move of those that follow.
        """
        if granted.account is not None and self._control is not None:
            return self._contract.billing.currency.parse(self._control.balance(granted.account))
        lever = self._target.balance
        if lever is None:
            raise MissingLever("the wallet", "balance: in the target file, or control: for a pixelproof mock")
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
                return self._contract.billing.currency.parse(self._control.balance(granted.account))
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

    def advance(self, granted: Granted, seconds: float) -> None:
        """Move the clock of a key's account. Raises MissingLever where there is none."""
        if granted.account is None or self._control is None:
            raise MissingLever("the clock", "control: for a pixelproof mock; no real hour is waited for")
        self._control.advance(granted.account, seconds)

    def another_key(self, owner: Granted, role: KeyRole) -> Granted:
        """Return a second key of an account; for ``TEST`` one that is not billed. Raises MissingLever."""
        if owner.account is not None and self._openings is not None:
            return self._openings.another(owner.account, role)
        key = self._target.keys.get(role.value)
        if key is None:
            raise MissingLever(f"a key '{role.value}'", f"keys: {{{role.value}: …}} in the target file")
        return Granted(key=key)

    def set_rate(self, granted: Granted, rate: str) -> None:
        """Set the exchange rate of a key's account. Raises MissingLever."""
        if granted.account is None or self._control is None:
            raise MissingLever("the exchange rate", "control: for a pixelproof mock")
        self._control.set_rate(granted.account, rate)

    @property
    def rate(self) -> Decimal | None:
        """Return what the target converts at: the contract's rate for a pixelproof mock, else what its file states."""
        forex = self._contract.billing.forex
        if forex is None or self._control is not None:
            return forex.rate if forex else None
        stated = next(iter(self._target.rate.values()), None)
        return Decimal(stated) if stated else None

    def pass_time(self, granted: Granted, attempt: int) -> float:
        """Let a moment pass before look number ``attempt`` (from 0) at a task; return the real seconds.

        On a clock each wait is long enough for a task of the mock; in real time the waits
        grow to ten seconds.
        """
        if granted.account is not None and self._control is not None:
            self._control.advance(granted.account, CLOCK_STRIDE_S)
            return 0.0
        seconds = self._patience.before_look_s(attempt)
        if seconds:
            self._sleep(seconds)
        return seconds

    def pass_unseen(self, granted: Granted, seconds: float) -> None:
        """Let a task end while nobody looks: ``seconds`` on a clock, in real time as long as tasks take here."""
        if granted.account is not None and self._control is not None:
            self._control.advance(granted.account, seconds)
        else:
            self._sleep(self._unseen_s())

    def learn_duration(self, seconds: float) -> None:
        """Remember that a task was watched to its end for so many real seconds."""
        self._patience.learn(seconds)

    @property
    def most_looks(self) -> int:
        """Return how often a task is looked at before it counts as stuck."""
        return self._patience.most_looks if self._control is None else MOST_LOOKS

    def overdue(self, seconds: float) -> bool:
        """Tell whether a task watched for so many real seconds will not end any more."""
        return self._patience.overdue(seconds)

    def rest(self, seconds: float) -> None:
        """Wait in real time."""
        self._sleep(seconds)

    def wait(self, granted: Granted, seconds: float) -> None:
        """Let an announced wait pass, on the clock or in real time. Raises MissingLever when too long."""
        if granted.account is not None and self._control is not None:
            self._control.advance(granted.account, seconds)
        elif seconds <= MAX_WAIT_S:
            self._sleep(seconds)
        else:
            raise MissingLever(f"{seconds:.0f} s of patience", f"waits are bounded at {MAX_WAIT_S:.0f} s")

    def _require_real_time(self, step: Advance) -> None:
        if step.brief:
            return
        if not step.unseen:
            raise MissingLever("the clock", "control: for a pixelproof mock; no real hour is waited for")
        self._unseen_s()

    def _unseen_s(self) -> float:
        seconds = self._patience.unseen_s()
        if seconds > MAX_UNSEEN_S:
            raise MissingLever(f"a clock, or {seconds:.0f} s of patience", f"waits end at {MAX_UNSEEN_S:.0f} s")
        return seconds

    def _default_key(self) -> Granted:
        if self._default is None:
            self._default = self._make_default()
        return self._default

    def _make_default(self) -> Granted:
        given = self._target.keys.get("default")
        if given is not None:
            return Granted(key=given, pool=self._pool)
        if self._openings is not None:
            return self._openings.rich()
        raise MissingLever("a key", "keys: {default: …} in the target file, or --api-key-env VARIABLE")

    def _given(self, demand: Key) -> Granted:
        key = self._target.keys.get(demand.role.value)
        if key is not None and demand.tier not in {None, self._lowest_tier()}:
            raise MissingLever(f"a key of the tier '{demand.tier}'", "control: for a pixelproof mock")
        if key is not None:
            return Granted(key=key)
        if demand.role is not KeyRole.FRESH:
            raise MissingLever(f"a key '{demand.role.value}'", f"keys: {{{demand.role.value}: …}} in the target file")
        if demand.balance is not None or demand.scopes is not None:
            raise MissingLever("an account with a set balance or scope", "control: for a pixelproof mock")
        if demand.budget is not None:
            raise MissingLever("an account with a budget of its own for one key", "control: for a pixelproof mock")
        if demand.as_documented:
            raise MissingLever("a new account with the limits of one", "control: for a pixelproof mock")
        return self._default_key()

    def _lowest_tier(self) -> str | None:
        """Return the tier with the least of everything: a key 'limited' is of that one."""
        limits = (limit.tiers for limit in self._contract.limits.values() if limit.tiers)
        return next((min(tiers, key=lambda name: tiers[name]) for tiers in limits), None)

    def _read(self, granted: Granted) -> Units:
        lever = self._target.balance
        if lever is None:
            raise MissingLever("the wallet", "balance: in the target file")
        headers = {**self._target.headers, "authorization": f"Bearer {granted.key}"}
        answer = self._wire.send(lever.method, f"{self._target.base_url}{lever.path}", headers=headers)
        is_json, value = parse_json(answer.body)
        found = _pointed(value, lever.pointer) if is_json else None
        try:
            amount, finer = self._contract.billing.currency.rounded(found, self._worth)
        except MoneyError:
            how = f"{lever.path} answered {answer.status}, with no amount at {lever.pointer}"
            raise MissingLever("the wallet", how) from None
        self._finer = self._finer or finer
        return amount

    def _let_charges_show(self, settle_s: float) -> None:
        left = self._charged_at + settle_s - time.monotonic()
        if self._unseen_charges and left > 0:
            self._sleep(left)

    def _units(self, amount: int) -> Units:
        return self._contract.billing.currency.parse(amount)


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
