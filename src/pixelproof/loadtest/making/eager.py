"""One caller of a load who knows no measure: bursts past its limit, and comes back when it is told to.

Its account has a small limit and a clock of its own that stands still and is moved between two
bursts, so that what a window admits is known to the request while everybody else loads the server.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

from pixelproof.client import Answer, Wire
from pixelproof.contract import Contract, Json, Limit
from pixelproof.loadtest.line import Ending, LoadLine
from pixelproof.loadtest.making.passbook import Passbook
from pixelproof.loadtest.offence import Wrong
from pixelproof.loadtest.plan import LoadPlan, Payer
from pixelproof.loadtest.reconciling import Reconciler, Reconciliation
from pixelproof.loadtest.window import Readings
from pixelproof.targets.control import Account, ControlPlane, ControlRefused

#: Limits that are tried, whatever they count: each request asks for one image.
_MINUTES = ("requests_per_minute", "images_per_minute")
_MINUTE_S = 60.0
#: What the account may do a minute, how many it asks for at once, and how many it has in the air.
_LIMIT, _BURST, _AT_ONCE = 6, 8, 4
#: Steps of the clock: to the edges of the window and into it. None is the announced wait.
_STEPS: tuple[float | None, ...] = (None, None, 1.0, 7.0, 29.0, 59.0, 60.0, 61.0)
#: Bursts that there are at least: each step was taken twice.
_LEAST = 2 * len(_STEPS)
_TOO_MANY = 429
_PLENTY = "100000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What one request of a burst came to."""

    status: int
    wait: str | None
    request: str | None


class Eager:
    """The caller without measure."""

    def __init__(self, contract: Contract, control: ControlPlane, wire: Wire, plan: LoadPlan) -> None:
        """Open its account, and stop its clock."""
        shot = min((shot for shot in plan.shots if not shot.bad and not shot.prefix), key=lambda one: one.price)
        self._limit = limit_of(contract)
        self._row = contract.error("rate_limited")
        self._wire, self._control, self._url, self._shot = wire, control, f"{plan.base_url}{shot.path}", shot
        limits: dict[str, Json] = {**dict.fromkeys(contract.limits), self._limit.name: _LIMIT}
        self._account: Account = control.open_account({"balance": _PLENTY, "limits": limits})
        control.freeze(self._account)
        payer = Payer(name="eager", key=self._account.key, account=self._account.id)
        self._book = Passbook(control=control, currency=contract.billing.currency, payers=(payer,))
        self._reconciler = Reconciler(contract)
        self._readings = Readings(_LIMIT, _MINUTE_S, is_rolling=bool(self._limit.claimed("rolling")))
        self._chance = Random(plan.seed)  # noqa: S311 - the same bursts for the same seed is the point
        self._steps: list[float | None] = []
        self._at_s, self._sent, self._promised = 0.0, 0, False
        self._is_lost = False
        self.bursts = 0
        self._lines: list[LoadLine] = []

    def burst(self) -> None:
        """Ask for more than there is, hold it against the window, and move the clock."""
        self.bursts += 1
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = list(pool.map(self._ask, range(self._sent, self._sent + _BURST)))
        for answer in answers:
            self._write(answer)
        served = sum(200 <= answer.status < 300 for answer in answers)  # noqa: PLR2004 - the 2xx class
        turned = [answer for answer in answers if answer.status == _TOO_MANY]
        self._is_lost |= served + len(turned) != _BURST  # with a failure among them nobody knows what was counted
        if not self._is_lost:
            self._judge(served)
        self._step(turned)

    def result(self) -> Reconciliation:
        """Return whether its money was right, and what was wrong with its limit; a short load is made up for."""
        while self.bursts < _LEAST:
            self.burst()
        for said in self._book.close():
            self._reconciler.closing(said)
        self._take()
        if self._reconciler.needs_again():
            for line in self._lines:
                self._reconciler.again(line)
        return self._reconciler.by_entries()

    def _ask(self, number: int) -> Answered:
        body = {**self._shot.body, "prompt": f"a lighthouse in a hurry, study no. {number:08d}"}
        headers = {"authorization": f"Bearer {self._account.key}", "content-type": "application/json"}
        answer = self._wire.send(self._shot.method, self._url, headers=headers, content=json.dumps(body).encode())
        return _read(answer)

    def _write(self, answer: Answered) -> None:
        served = 200 <= answer.status < 300  # noqa: PLR2004 - the 2xx class
        refused = 400 <= answer.status < 500  # noqa: PLR2004 - the 4xx class
        ending = Ending.OK if served else Ending.REFUSED if refused else Ending.UNKNOWN
        line = LoadLine(
            number=self._sent,
            account="eager",
            ending=ending,
            price=self._shot.price,
            status=answer.status,
            request=answer.request,
        )
        self._sent += 1
        self._lines.append(line)
        self._reconciler.line(line)

    def _judge(self, served: int) -> None:
        allowed = self._readings.saw(self._at_s, _BURST, served)
        if self._promised and not served:
            self._reconciler.note(Wrong.WAIT, f"nothing is served after the announced wait, at {self._at_s:g} s")
        elif allowed:
            fitting = " or ".join(map(str, allowed))
            text = f"{served} of {_BURST} served at {self._at_s:g} s of its clock, where {fitting} fit into the window"
            self._reconciler.note(Wrong.LIMIT, text)

    def _step(self, turned: list[Answered]) -> None:
        """Move the clock, now and then by what the last 429 announced."""
        waits = [answer.wait for answer in turned]
        if turned and self._is_claimed and not all(wait is not None and wait.strip().isdigit() for wait in waits):
            self._reconciler.note(Wrong.NO_WAIT, f"429 with Retry-After {waits[0]!r}, at {self._at_s:g} s")
        announced = max((float(wait) for wait in waits if wait and wait.strip().isdigit()), default=None)
        self._steps = self._steps or self._chance.sample(_STEPS, len(_STEPS))
        chosen = self._steps.pop()
        seconds = chosen if chosen is not None else announced or _MINUTE_S
        self._promised = chosen is None and announced is not None and self._is_claimed
        try:
            self._control.advance(self._account, seconds)
        except ControlRefused:  # nobody knows what its clock shows now: its limit is judged no further
            self._is_lost = True
        self._at_s += seconds
        self._take()

    @property
    def _is_claimed(self) -> bool:
        return self._row.retry_after and "retry_after" not in self._row.assumed

    def _take(self) -> None:
        for movement in self._book.new_movements():
            self._reconciler.movement(movement)


def limit_of(contract: Contract) -> Limit:
    """Return the limit of a minute that is tried. Raises KeyError where there is none."""
    return next(_limits(contract))


def is_limited(contract: Contract) -> bool:
    """Tell whether the contract knows a limit of a minute."""
    return any(True for _ in _limits(contract))


def _limits(contract: Contract) -> Iterator[Limit]:
    limits: Mapping[str, Limit] = contract.limits
    yield from (limits[name] for name in _MINUTES if name in limits)


def _read(answer: Answer) -> Answered:
    return Answered(
        status=answer.status,
        wait=answer.headers.get("retry-after"),
        request=answer.headers.get("x-request-id"),
    )
