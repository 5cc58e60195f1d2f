"""What one request of a load came to, what a ledger says of it, and both as lines of JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from pixelproof.contract import Json
from pixelproof.money import Units

#: State of what a lost worker may have sent: nobody knows whether it did.
UNREPORTED = "unreported"


class Ending(StrEnum):
    """How a request ended, as far as its caller knows."""

    #: Served: its documented price is owed.
    OK = "ok"
    #: Turned away, or failed in a way that the document calls free.
    REFUSED = "refused"
    #: Nobody told: no whole answer came, or one of which no document says whether it costs.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLine:
    """One request that could cost money."""

    #: From 0, in the order of sending; also in its prompt.
    number: int
    #: Whose wallet pays: a name of the load's own, never a key.
    account: str
    ending: Ending
    #: The documented charge of the whole request, in smallest units.
    price: Units
    #: How much of the price has to come back, for a task that failed or delivered less.
    refund: Units = Units(0)
    #: 0 when there was no answer.
    status: int = 0
    #: The id that the server gave the request, where it shows one.
    request: str | None = None
    task: str | None = None
    #: The last state of a task (``stuck`` when it did not end, ``lost`` when it was not found), else empty.
    state: str = ""
    asked: int = 1
    #: Images that came, None where no answer could have any.
    images: int | None = None
    #: Fingerprints of the images that came.
    marks: tuple[str, ...] = ()
    #: The number of another request whose words were in the answer.
    stranger: int | None = None
    #: Milliseconds until the answer was there; with a rate from when the request was due.
    ms: float = 0.0
    #: True when a failure was asked for: it is no error of the server.
    provoked: bool = False
    #: Seconds from the begin of the load until the answer was there.
    at_s: float = 0.0
    #: What is wrong with the shape of an error, in words.
    misshapen: str = ""
    #: True when another account could look at the task.
    shown: bool = False

    def row(self) -> list[Json]:
        """Return the line as a row of JSON: a million of them are kept."""
        return [
            self.number,
            self.account,
            self.ending.value,
            self.price,
            self.refund,
            self.status,
            self.request,
            self.task,
            self.state,
            self.asked,
            self.images,
            list(self.marks),
            self.stranger,
            self.ms,
            self.provoked,
            self.at_s,
            self.misshapen,
            self.shown,
        ]

    @classmethod
    def read(cls, row: list[Json]) -> Self:
        """Return the line of a :meth:`row`. Raises TypeError and ValueError for what is none."""
        number, account, ending, price, refund, status, request, task, state, asked, images, marks, *rest = row
        stranger, ms, provoked, at_s, misshapen, shown = rest
        return cls(
            number=_int(number),
            account=str(account),
            ending=Ending(str(ending)),
            price=Units(_int(price)),
            refund=Units(_int(refund)),
            status=_int(status),
            request=None if request is None else str(request),
            task=None if task is None else str(task),
            state=str(state),
            asked=_int(asked),
            images=None if images is None else _int(images),
            marks=tuple(map(str, marks)) if isinstance(marks, list) else (),
            stranger=None if stranger is None else _int(stranger),
            ms=_float(ms),
            provoked=provoked is True,
            at_s=_float(at_s),
            misshapen=str(misshapen),
            shown=shown is True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One entry of an account's ledger: ``amount`` is its signed effect on what is free to spend."""

    account: str
    kind: str
    amount: Units
    #: What is left after it.
    left: Units
    request: str | None = None
    task: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What an account's ledger says of itself at the end."""

    account: str
    balanced: bool
    held: Units
    #: Everything that was taken and not given back.
    taken: Units


def _float(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _int(value: Json) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value
