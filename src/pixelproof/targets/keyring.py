"""Keys for cases: opened at a pixelproof mock, or those that a target file names."""

from __future__ import annotations

import time
from dataclasses import dataclass

from pixelproof.contract import Contract
from pixelproof.planning.case import Case, Key, KeyRole
from pixelproof.targets.file import Target
from pixelproof.targets.missing import MissingLever
from pixelproof.targets.openings import Granted, Openings

#: A key that no server can know.
INVALID_KEY = "sk-invalid-pixelproof-0000000000"

#: How long a limited key rests before another case may use its minute up, in seconds.
REST_S = 61.0


@dataclass(slots=True, kw_only=True)
class KeyRing:
    """The keys of one target; ``openings`` None for a third party, whose file has to name them."""

    contract: Contract
    target: Target
    openings: Openings | None
    #: Numbers the default key among those of a pool.
    pool: int | None = None
    _default: Granted | None = None
    #: Until when the key 'limited' has to rest, on the monotonic clock.
    _tired_until: float = 0.0

    def begin(self, case: Case) -> None:
        """Say that a case begins. Raises MissingLever when an earlier one used the minute of its limited key up."""
        if self.openings is not None or not any(send.key.role is KeyRole.LIMITED for send in case.sends()):
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
        if self.openings is not None:
            return self.openings.open(demand)
        return self._given(demand)

    def another(self, owner: Granted, role: KeyRole) -> Granted:
        """Return a second key of an account; for ``TEST`` one that is not billed. Raises MissingLever."""
        if owner.account is not None and self.openings is not None:
            return self.openings.another(owner.account, role)
        return Granted(key=self._named(role))

    def _default_key(self) -> Granted:
        if self._default is None:
            self._default = self._make_default()
        return self._default

    def _make_default(self) -> Granted:
        given = self.target.keys.get("default")
        if given is not None:
            return Granted(key=given, pool=self.pool)
        if self.openings is not None:
            return self.openings.rich()
        raise MissingLever("a key", "keys: {default: …} in the target file, or --api-key-env VARIABLE")

    def _given(self, demand: Key) -> Granted:
        key = self.target.keys.get(demand.role.value)
        if key is not None and demand.tier not in {None, self._lowest_tier()}:
            raise MissingLever(f"a key of the tier '{demand.tier}'", "control: for a pixelproof mock")
        if key is not None:
            return Granted(key=key)
        if demand.role is not KeyRole.FRESH:
            return Granted(key=self._named(demand.role))
        if demand.balance is not None or demand.scopes is not None:
            raise MissingLever("an account with a set balance or scope", "control: for a pixelproof mock")
        if demand.budget is not None:
            raise MissingLever("an account with a budget of its own for one key", "control: for a pixelproof mock")
        if demand.as_documented:
            raise MissingLever("a new account with the limits of one", "control: for a pixelproof mock")
        return self._default_key()

    def _named(self, role: KeyRole) -> str:
        """Return the key that the target file names for a role. Raises MissingLever."""
        key = self.target.keys.get(role.value)
        if key is None:
            raise MissingLever(f"a key '{role.value}'", f"keys: {{{role.value}: …}} in the target file")
        return key

    def _lowest_tier(self) -> str | None:
        """Return the tier with the least of everything: a key 'limited' is of that one."""
        limits = (limit.tiers for limit in self.contract.limits.values() if limit.tiers)
        return next((min(tiers, key=lambda name: tiers[name]) for tiers in limits), None)
