"""What all users of one load share: the plan, the tickets, the record, and how answers are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pixelproof import loading
from pixelproof.contract import Contract
from pixelproof.loadplan import LoadPlan
from pixelproof.target import Target
from pixelproof.taskview import task_view

from .readings import Reader
from .register import Register
from .tickets import Tickets

#: Of so many requests the image of one is loaded too.
_FETCH_EVERY = 20
#: Seconds after which a task counts as stuck, whatever a request may take.
_TASK_S = 120.0


class Course:
    """One load while it goes."""

    def __init__(self, plan: LoadPlan, environment: Any) -> None:
        """Read the contract, and begin the record."""
        self.plan = plan
        self.contract = contract_of(plan)
        self.tickets = Tickets(plan)
        self.register = Register(Path(plan.record))
        tasks = self.contract.tasks
        target = Target(base_url=plan.base_url, map=plan.map)
        self.reader = Reader(self.contract, task_view(self.contract, tasks, target) if tasks is not None else None)
        self.headers = {payer.name: _headers(plan, payer.key) for payer in plan.payers}
        self.fetch_every = _FETCH_EVERY
        self.task_timeout_s = max(_TASK_S, plan.timeout_s)
        self.in_flight = 0
        self._stats = environment.stats

    def task_path(self, task: str) -> str:
        """Return the path at which a task is looked at."""
        return self.contract.operations["task"].path.replace("{task_id}", task)

    def log(self, name: str, ms: float, size: int, *, is_error: bool) -> None:
        """Show a request in Locust's own statistics: its tables and its web page live on them."""
        self._stats.log_request("LOAD", name, ms, size)
        if is_error:
            self._stats.log_error("LOAD", name, "not served")


def contract_of(plan: LoadPlan) -> Contract:
    """Return the contract that a plan names."""
    path = Path(plan.contract)
    return loading.outside(path) if path.suffix in {".yaml", ".yml"} else loading.shipped(plan.contract)


def _headers(plan: LoadPlan, key: str) -> bytes:
    lines = {"Authorization": f"Bearer {key}", **plan.headers}
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode("latin-1")
