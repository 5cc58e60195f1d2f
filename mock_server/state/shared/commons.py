"""What all accounts share (clock, rate of the dollar, faults), as this process knows it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ...faults import FaultBook
from ..states import fault_of

if TYPE_CHECKING:
    from ..clock import Timeline
    from .world import SharedWorld


class Commons:
    """The replica of what all accounts share."""

    claim: tuple[str, str] | None = None

    def __init__(self, world: SharedWorld, clock: Timeline, faults: FaultBook) -> None:
        """Watch a world."""
        self._world = world
        self._clock = clock
        self._faults = faults
        self._known: dict[str, Any] = {}

    def load(self, state: dict[str, Any]) -> None:
        """Become what :meth:`dump` told."""
        self.apply(state)

    def dump(self) -> dict[str, Any]:
        """Return everything."""
        return {name: self._shown(name, value) for name, value in self._values().items()}

    def apply(self, entry: dict[str, Any]) -> None:
        """Take over what another process changed."""
        if "clock" in entry:
            self._clock.restore(*entry["clock"])
        if "secret" in entry:
            self._world.url_secret = bytes.fromhex(entry["secret"])
        if "usd_inr" in entry:
            self._world.usd_inr = entry["usd_inr"]
        if "unexpected" in entry:
            self._world.unexpected.clear()
            self._world.unexpected.extend(entry["unexpected"])
        if "faults" in entry:
            self._faults.adopt([(fault_of(item), 0, 0) for item in entry["faults"]])
        if "counts" in entry:
            self._faults.recount({name: (met, hit) for name, met, hit in entry["counts"]})
        if "number" in entry:
            self._faults.number = entry["number"]
        self._known = self._values()

    def collect(self) -> dict[str, Any] | None:
        """Return what was changed since the last entry, None for nothing."""
        values = self._values()
        known, self._known = self._known, values
        entry = {name: self._shown(name, value) for name, value in values.items() if known.get(name) != value}
        if "faults" in entry:
            entry["counts"] = self._shown("counts", values["counts"])
        return entry or None

    def entered(self, accounts: int) -> None:
        """Look around: there is nothing to clear up."""

    def idle_since(self) -> str:
        """Return that what all share is never dropped."""
        return "-"

    def _values(self) -> dict[str, Any]:
        standings = self._faults.standings_now()
        return {
            "clock": self._clock.state(),
            "secret": self._world.url_secret,
            "usd_inr": self._world.usd_inr,
            "unexpected": tuple(self._world.unexpected),
            "faults": tuple(fault for fault, _, _ in standings),
            "counts": tuple((fault.id, met, hit) for fault, met, hit in standings),
            "number": self._faults.number,
        }

    @staticmethod
    def _shown(name: str, value: Any) -> Any:
        if name == "faults":
            return [asdict(fault) for fault in value]
        return value.hex() if name == "secret" else value
