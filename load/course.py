"""What all users of one load share: the plan, the tickets, the record, and how answers are read."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

from pixelproof import loading
from pixelproof.contract import Contract
from pixelproof.loadtest.line import LoadLine
from pixelproof.loadtest.plan import LoadPlan, Payer
from pixelproof.targets.file import Target
from pixelproof.targets.taskview import task_view

from .artifacts import Artifacts
from .climb import Climb
from .readings import Reader
from .register import Register
from .route import route_of
from .tickets import Tickets

#: Of so many requests the image of one is loaded too.
_FETCH_EVERY = 20
#: Seconds after which a task counts as stuck, whatever a request may take.
_TASK_S = 120.0


class Course:
    """One load while it goes."""

    def __init__(self, plan: LoadPlan, environment: Any, register: Register) -> None:
        """Read the contract; lines go into ``register``."""
        self.plan = plan
        self.contract = contract_of(plan)
        self.tickets = Tickets(plan)
        self.route = route_of(plan)
        self.register = register
        tasks = self.contract.tasks
        target = Target(base_url=plan.base_url, map=plan.map)
        self.reader = Reader(self.contract, task_view(self.contract, tasks, target) if tasks is not None else None)
        self.headers = {payer.name: _headers(plan, payer.key) for payer in plan.payers}
        self.fetch_every = _FETCH_EVERY
        self.task_timeout_s = max(_TASK_S, plan.timeout_s)
        self.artifacts = Artifacts(self.contract, plan, lambda *told: self.log(*told[:3], is_error=told[3]))
        self.in_flight = 0
        #: Set while a limit is searched for.
        self.climb: Climb | None = None
        self._stats = environment.stats
        self._chance = Random(plan.seed)  # noqa: S311 - the same pauses for the same seed is the point

    def close(self) -> None:
        """Let nothing more begin."""
        self.tickets.is_closed = True

    def pause_s(self) -> float:
        """Return how long a user thinks: from half of what the plan says to half as long again."""
        think_s = self.plan.think_s
        return think_s * (0.5 + self._chance.random()) if think_s else 0.0

    def stranger_to(self, payer: Payer) -> Payer | None:
        """Return a payer with an account that is known to be another one."""
        others = (other for other in self.plan.payers if other.key and other.account)
        return next((other for other in others if payer.account and other.account != payer.account), None)

    def task_path(self, task: str) -> str:
        """Return the path at which a task is looked at."""
        return self.contract.operations["task"].path.replace("{task_id}", task)

    def write(self, line: LoadLine, taken_ms: float, *, is_error: bool) -> None:
        """Write down what a request came to, which took its sender for so many milliseconds."""
        self.register.write(line, is_error=is_error)
        if self.climb is not None:
            self.climb.gauge.take(line, taken_ms)

    def log(self, name: str, ms: float, size: int, *, is_error: bool) -> None:
        """Show a request in Locust's own statistics: its tables and its web page live on them."""
        self._stats.log_request("LOAD", name, ms, size)
        if is_error:
            self._stats.log_error("LOAD", name, "not served")


def is_over(course: Course) -> bool:
    """Tell whether nothing more will be sent; what is in flight may still be."""
    plan, tickets = course.plan, course.tickets
    is_late = plan.duration_s is not None and plan.rate is None and tickets.age_s() >= plan.duration_s
    if is_late:
        tickets.is_closed = True
    return tickets.is_closed or (plan.requests is not None and tickets.number >= plan.requests)


def contract_of(plan: LoadPlan) -> Contract:
    """Return the contract that a plan names."""
    path = Path(plan.contract)
    return loading.outside(path) if path.suffix in {".yaml", ".yml"} else loading.shipped(plan.contract)


def _headers(plan: LoadPlan, key: str) -> bytes:
    lines = {"Authorization": f"Bearer {key}", **plan.headers}
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode("latin-1")
