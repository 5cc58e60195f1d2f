"""A poisoned stretch: the server goes away, the key dies, or everything is answered 429.

Such a stretch is waited out, or reported once. It is nothing that sixty cases should each be
held against a server for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pixelproof.client import Answer
from pixelproof.exchange import Exchange
from pixelproof.planning.case import KeyRole, Send
from pixelproof.running.conducting.brake import GONE, INCOMPLETE
from pixelproof.running.conducting.notrun import NotRun, outage
from pixelproof.targets.clock import MAX_WAIT_S
from pixelproof.traffic.retryafter import retry_after_s
from pixelproof.verdict import Reason

#: Waits for a server that nobody can connect to, in seconds: half a minute together.
WAITS_S = (1.0, 2.0, 4.0, 8.0, 15.0)
#: Cases in a row that end in a 429 in spite of the wait, until the run does.
COOLING = 3
#: Waits for a 429 that announces none, by how many cases it ended already.
_COOLDOWN_S = (1.0, 5.0, 20.0)
_UNAUTHORIZED, _TOO_MANY = 401, 429
#: Keys that everything is allowed to: others may be refused for what they are.
_ORDINARY = frozenset({KeyRole.DEFAULT, KeyRole.FRESH})
#: Beginnings of errors that say: nobody took the connection, so nothing was sent.
ABSENT = ("cannot connect", "timeout while connecting")
_AGAIN = "--resume goes on from here"

#: Sends the same request once more.
Again = Callable[[], Exchange]


@dataclass(slots=True, kw_only=True)
class Lookout:
    """Watches what one worker's requests come to. It decides; sending and waiting are given to it."""

    #: Asks for something free.
    knock: Callable[[], Answer]
    #: Sends, with the same key, a request that whoever accepts the key must refuse.
    try_key: Callable[[Send], int]
    wait: Callable[[float], None]
    _cooling: int = 0

    def weathered(self, step: Send, exchange: Exchange, again: Again, *, mine: bool, met_on_purpose: bool) -> Exchange:
        """Return the answer that is about the request, sent once more where the first was about the weather.

        ``mine`` tells that the key is the target file's own, ``met_on_purpose`` that the case
        is out for a 429. Raises NotRun, with a halt where the rest of the run is pointless.
        """
        if exchange.error.startswith(ABSENT):
            self._await_server()
            return again()
        if not mine:
            return exchange
        if exchange.status == _UNAUTHORIZED and step.key.role in _ORDINARY and self.try_key(step) == _UNAUTHORIZED:
            raise outage("the key was refused from here on (401)", f"give a live one; {_AGAIN}", GONE)
        if exchange.status == _TOO_MANY and not (met_on_purpose or _has_limits(step)):
            return self._cooled(exchange, again)
        return exchange

    def _await_server(self) -> None:
        for seconds in WAITS_S:
            self.wait(seconds)
            if not self.knock().error.startswith(ABSENT):
                return
        total = f"{sum(WAITS_S):.0f} s"
        raise outage(f"the server went away and did not come back in {total}", f"start it; {_AGAIN}", GONE)

    def _cooled(self, exchange: Exchange, again: Again) -> Exchange:
        seconds = retry_after_s(exchange) or _COOLDOWN_S[min(self._cooling, len(_COOLDOWN_S) - 1)]
        if seconds > MAX_WAIT_S:
            raise outage(f"the server asks to wait {seconds:.0f} s (429)", f"{_AGAIN}, after that", INCOMPLETE)
        self.wait(seconds)
        second = again()
        if second.status != _TOO_MANY:
            self._cooling = 0
            return second
        self._cooling += 1
        if self._cooling >= COOLING:
            what = f"{COOLING} cases in a row ended in a 429 that the plan does not explain"
            raise outage(what, f"{_AGAIN}, with --rate", INCOMPLETE)
        raise NotRun(Reason.PACE, "429 again after the announced wait", "give a key with higher limits, or --rate")


def _has_limits(step: Send) -> bool:
    """Tell whether a step may be refused for limits of its own key, or because it provokes a failure."""
    return step.provoke is not None or step.key.role in {KeyRole.LIMITED, KeyRole.SECOND, KeyRole.BUDGET}
