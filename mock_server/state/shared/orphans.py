"""What a request has taken while it waits, and what becomes of it when its process dies meanwhile."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from .recorded import RecordedWindow

if TYPE_CHECKING:
    from ...call import Call
    from .accounts import SharedAccount
    from .link import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Hold, key budget, places in windows and in flight of one request, and the process that serves it."""

    process: str
    key_id: str
    hold: int | None
    budgeted: int
    images: int
    #: (key id or '', name) of the image windows in which it has its places.
    windows: tuple[tuple[str, str], ...]
    in_flight: bool

    @classmethod
    def of(cls, call: Call, process: str) -> Self:
        """Return what a request has taken."""
        return cls(
            process=process,
            key_id=call.key.id,
            hold=call.hold,
            budgeted=call.budgeted,
            images=call.n,
            windows=tuple(window.place for window in call.image_windows if isinstance(window, RecordedWindow)),
            in_flight=call.in_flight,
        )

    def plain(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        return asdict(self)


class Orphans:
    """The requests of one account that nobody will ever answer."""

    def __init__(self, link: Link, account: SharedAccount) -> None:
        """Look at an account. Call everything under its lock."""
        self._link = link
        self._account = account

    def release(self) -> None:
        """Give back what they had: nothing was made of it."""
        for request_id, reservation in tuple(self._account.reserved.items()):
            if not self._waits(request_id, reservation.process):
                del self._account.reserved[request_id]
                self._give_back(request_id, reservation)

    def _waits(self, request_id: str, process: str) -> bool:
        if process == self._link.process:
            return request_id in self._link.waiting
        return self._link.lives(process)

    def _give_back(self, request_id: str, reservation: Reservation) -> None:
        account = self._account
        if reservation.hold in account.ledger.open_holds():
            account.ledger.release(int(reservation.hold or 0), account.clock.now(), request_id)
        account.in_flight -= reservation.in_flight
        key = account.keys.get(reservation.key_id)
        if key is not None:
            key.spent -= reservation.budgeted
        for owner, name in reservation.windows:
            windows = account.keys[owner].windows if owner else account.windows
            if name in windows:
                windows[name].give_back(reservation.images)
