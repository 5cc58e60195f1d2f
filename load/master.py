"""The master of several workers: deals keys and numbers out, and writes their lines into one record."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import gevent
from locust.env import Environment
from locust.runners import STATE_MISSING

from pixelproof.loadtest.line import UNREPORTED, Ending, LoadLine
from pixelproof.loadtest.plan import LoadPlan, Post

from .register import FileRegister
from .shapes import PlannedShape, is_steady
from .tickets import Order
from .users import PayingUser
from .worker import CLOSE, GRANT, HELLO, PLAN, REPORT

#: Numbers that each worker has ahead at least, and how many times those of its last report.
_AHEAD, _TIMES = 50, 4
#: Users that each worker starts in a second at most: Locust warns above.
_SPAWN = 100
_LOOK_S = 0.05


@dataclass(slots=True)
class Hand:
    """What one worker was dealt, and how far it is."""

    payers: frozenset[str] = frozenset()
    #: Numbers that it may send, and has not reported.
    open: set[int] = field(default_factory=set)
    granted: int = 0
    number: int = 0
    errors: int = 0
    is_done: bool = False
    is_lost: bool = False
    cpu_s: float = 0.0
    rss_mib: int = 0


class Master:
    """One load that several workers make."""

    def __init__(self, plan: LoadPlan, post: Post) -> None:
        """Listen for workers. Raises OSError where the port is taken."""
        self._plan, self._post = plan, post
        self.environment = Environment(user_classes=[PayingUser], stop_timeout=plan.timeout_s * 3)
        self.environment.shape_class = PlannedShape(plan.shape, plan.users, plan.duration_s)
        self.runner: Any = self.environment.create_master_runner(post.host, post.port)
        self.register = FileRegister(Path(plan.record))
        self._order = Order(plan)
        self.hands: dict[str, Hand] = {}
        self._began = time.perf_counter()
        self.runner.register_message(HELLO, self._met)
        self.runner.register_message(REPORT, self._heard)

    def gather(self) -> bool:
        """Wait for the workers; tell whether all came."""
        deadline = time.monotonic() + self._post.patience_s
        while len(self.hands) < self._post.workers and time.monotonic() < deadline:
            gevent.sleep(_LOOK_S)
        return len(self.hands) >= self._post.workers

    def deal(self) -> None:
        """Give each worker its share of the keys, then its first numbers, and its users."""
        for index, (client, hand) in enumerate(self.hands.items()):
            mine = self._plan.payers[index :: len(self.hands)]
            hand.payers = frozenset(payer.name for payer in mine)
            share = tuple(replace(payer, key=payer.key if payer in mine else "") for payer in self._plan.payers)
            self.runner.send_message(PLAN, {"plan": replace(self._plan, payers=share).dump()}, client)
        gevent.spawn(self._start_users)
        self._began = time.perf_counter()
        for client, hand in self.hands.items():
            self._grant(client, hand, _AHEAD * len(self.hands))

    def is_over(self) -> bool:
        """Notice workers that are lost; tell whether nobody sends any more."""
        for client, hand in self.hands.items():
            node = self.runner.clients.get(client)
            if not hand.is_done and not hand.is_lost and (node is None or node.state == STATE_MISSING):
                hand.is_lost = True
                self._write_off(hand)
        return all(hand.is_done or hand.is_lost for hand in self.hands.values())

    def close(self) -> None:
        """Let nothing more begin."""
        self.runner.send_message(CLOSE)

    @property
    def lost(self) -> int:
        """Return how many workers are lost."""
        return sum(hand.is_lost for hand in self.hands.values())

    def total(self, of: Callable[[Hand], float]) -> float:
        """Return the sum of something over all workers."""
        return sum(of(hand) for hand in self.hands.values())

    def _start_users(self) -> None:
        if is_steady(self._plan.shape):
            self.runner.start(self._plan.users, spawn_rate=min(self._plan.users, _SPAWN * len(self.hands)))
        else:
            self.runner.start_shape()

    def _met(self, msg: Any, **_: Any) -> None:
        if len(self.hands) < self._post.workers:  # who comes later has no numbers to send
            self.hands[msg.node_id] = Hand()

    def _heard(self, msg: Any, **_: Any) -> None:
        hand, said = self.hands.get(msg.node_id), msg.data
        if hand is None or hand.is_lost:  # its numbers were written off already
            return
        self.register.take(said["rows"], len(said["numbers"]), said["errors"] - hand.errors)
        hand.open.difference_update(said["numbers"])
        ahead = max(_AHEAD * len(self.hands), _TIMES * (said["number"] - hand.number))
        hand.number, hand.errors, hand.is_done = said["number"], said["errors"], said["done"]
        hand.cpu_s, hand.rss_mib = said["cpu_s"], said["rss_mib"]
        self._grant(msg.node_id, hand, hand.number + ahead)

    def _grant(self, client: str, hand: Hand, bound: int) -> None:
        bound = max(hand.granted, bound if self._plan.requests is None else min(bound, self._plan.requests))
        numbers = range(hand.granted, bound)
        hand.open.update(number for number in numbers if self._order.payer(number).name in hand.payers)
        hand.granted = bound
        self.runner.send_message(GRANT, {"bound": bound}, client)

    def _write_off(self, hand: Hand) -> None:
        """Write down as unknown whatever a lost worker may have sent without reporting it."""
        for number in sorted(hand.open):
            shot = self._order.shot(number)
            line = LoadLine(
                number=number,
                account=self._order.payer(number).name,
                ending=Ending.UNKNOWN,
                price=shot.price,
                asked=shot.asked,
                state=UNREPORTED,
                provoked=True,
                at_s=round(time.perf_counter() - self._began, 3),
            )
            self.register.write(line, is_error=False)
        hand.open.clear()
