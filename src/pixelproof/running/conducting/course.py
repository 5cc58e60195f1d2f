"""What happens in one case while it is conducted, and what its steps may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pixelproof.contract import Contract, Json
from pixelproof.exchange import Exchange, Request
from pixelproof.levers import Levers
from pixelproof.money import Units
from pixelproof.planning.case import Cancel, Case, Key, Poll, Send, Upload
from pixelproof.targets.file import Target
from pixelproof.targets.openings import Granted

#: A step that sends an API request.
Caller = Send | Upload | Poll | Cancel
#: What a response is looked through for.
Read = Callable[[Exchange], Mapping[str, Json]]


@dataclass(slots=True)
class Course:
    """What happened so far in one case."""

    case: Case
    exchanges: list[Exchange] = field(default_factory=list)
    granted: dict[Key, Granted] = field(default_factory=dict)
    balances: dict[Key, Units] = field(default_factory=dict)
    #: step → image URLs of its response
    urls: dict[str, list[str]] = field(default_factory=dict)
    #: step → artifact ids it stored or delivered
    artifacts: dict[str, list[str]] = field(default_factory=dict)

    def last(self, step: str) -> Exchange:
        """Return what came of a step's last request. Raises StopIteration before there is one."""
        return next(exchange for exchange in reversed(self.exchanges) if exchange.step == step)


class Hands(Protocol):
    """What a step may do; the conductor is these hands."""

    contract: Contract
    target: Target
    levers: Levers

    def call(self, course: Course, step: Caller, sent: Request, content: bytes | None, read: Read) -> Exchange:
        """Send one API request and record it with the facts that ``read`` finds in it."""

    def send_again(self, course: Course, step: Send) -> Exchange:
        """Send a valid request once more whose task failed, within the budget."""

    def download(self, course: Course, step: str, url: str) -> Exchange:
        """Download one image and record it."""

    def grant(self, course: Course, demand: Key) -> Granted:
        """Return the key of a demand, the same one throughout a case."""
