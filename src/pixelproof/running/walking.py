"""A random walk over tasks, uploads, chaining, cancelling, two accounts, faults and the clock.

A Hypothesis state machine: after every step the wallet of each account must hold exactly
what its tasks leave it, and its ledger must balance. A failure shrinks to the shortest
script that shows it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from pixelproof import pricing
from pixelproof.client import Answer, Wire, parse_json
from pixelproof.contract import Contract, Json, Operation
from pixelproof.contract.media import write_reference
from pixelproof.matrix import Matrix
from pixelproof.running.conducting.references import multipart, picture
from pixelproof.targets.control import Account, ControlPlane
from pixelproof.targets.file import Target
from pixelproof.targets.taskview import look_up, task_view

#: Tasks of one walk: each invariant looks at all of them.
MOST_TASKS = 6
_OPENING = "5000"
_FINAL = frozenset({"succeeded", "failed", "canceled"})
_PROMPT = "a paper boat on a pond"


class BrokenWalk(AssertionError):
    """A promise about money or tasks that did not hold after a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where a walk takes place: a contract, a server, and its control plane."""

    contract: Contract
    target: Target
    wire: Wire
    control: ControlPlane


@dataclass(slots=True, kw_only=True)
class Watched:
    """A task of the walk and what is known of it."""

    id: str
    account: int
    price: int
    unit: int
    asked: int
    state: str = "queued"
    delivered: int = 0

    @property
    def cost(self) -> int:
        """Return what it has cost so far: everything while it runs, the delivered images at its end."""
        return self.unit * self.delivered if self.state in _FINAL else self.price


@dataclass(slots=True, kw_only=True)
class Tenant:
    """One account of the walk."""

    account: Account
    opening: int
    tasks: list[Watched] = field(default_factory=list)


class TaskWalk(RuleBasedStateMachine):
    """The walk; ``ground`` is set by :func:`walk_on`."""

    ground: ClassVar[Ground]
    tasks: Bundle[Watched] = Bundle("tasks")
    artifacts: Bundle[tuple[int, str]] = Bundle("artifacts")

    @initialize()
    def open_accounts(self) -> None:
        """Open two accounts whose clocks stand still."""
        currency = self.ground.contract.billing.currency
        self.tenants: list[Tenant] = []
        for _ in range(2):
            account = self.ground.control.open_account({"balance": _OPENING})
            self.ground.control.freeze(account)
            self.tenants.append(Tenant(account=account, opening=currency.parse(_OPENING)))

    @rule(
        target=tasks,
        who=st.integers(0, 1),
        n=st.integers(1, 4),
        quality=st.sampled_from(["standard", "hd"]),
        fault=st.sampled_from(["", "partial", "task_failure"]),
    )
    def create(self, who: int, n: int, quality: str, fault: str) -> Any:
        """Ask for images from text, perhaps of a task that will lose some."""
        operation, *_ = self.ground.contract.creating()
        return self._create(operation, who, {"n": n, "quality": quality}, fault)

    @rule(target=tasks, artifact=artifacts, n=st.integers(1, 4), fault=st.sampled_from(["", "partial"]))
    def transform(self, artifact: tuple[int, str], n: int, fault: str) -> Any:
        """Ask for images from an image that was stored or delivered before."""
        who, name = artifact
        operation = self.ground.contract.creating()[-1]
        return self._create(operation, who, {"n": n, "image": self._artifact(name)}, fault)

    @rule(target=artifacts, who=st.integers(0, 1))
    def upload(self, who: int) -> Any:
        """Store a reference image."""
        media = self.ground.contract.media
        if media is None or media.upload is None:
            return None
        kind, content = multipart(media.upload.field, picture())
        answer = self._send("upload", who, content, {"content-type": kind})
        return who, str(look_up(_body(answer), media.upload.artifact_id))

    @rule(target=artifacts, task=tasks)
    def keep(self, task: Watched | None) -> Any:
        """Take the artifact of a delivered image for later."""
        seen = self._look(task) if task else {}
        images = seen.get("images")
        first = images[0] if isinstance(images, list) and images else {}
        name = first.get("artifact_id") if isinstance(first, dict) else None
        return (task.account, str(name)) if task and name else (0, "")

    @rule(artifact=artifacts)
    def borrow(self, artifact: tuple[int, str]) -> None:
        """Try to use another account's artifact: it must be refused, and cost nothing."""
        who, name = artifact
        if name:
            body = {"prompt": _PROMPT, "image": self._artifact(name)}
            answer = self._send(self.ground.contract.creating()[-1].name, 1 - who, _json(body))
            _hold(not 200 <= answer.status < 300, f"another account's artifact was taken: {answer.status}")  # noqa: PLR2004 - 2xx

    @rule(task=tasks)
    def cancel(self, task: Watched | None) -> None:
        """Cancel a task; one that is final stays as it is."""
        if task is not None:
            self._send("cancel", task.account, b"", {}, task_id=task.id)

    @rule(task=tasks)
    def poll(self, task: Watched | None) -> None:
        """Look at a task; what was final stays as it was."""
        if task is None:
            return
        before = task.state, task.delivered
        self._look(task)
        after = task.state, task.delivered
        _hold(before[0] not in _FINAL or before == after, f"a final task changed from {before} to {after}")

    @rule(who=st.integers(0, 1), seconds=st.integers(0, 4))
    def pass_time(self, who: int, seconds: int) -> None:
        """Let the clock of an account run on."""
        self.ground.control.advance(self.tenants[who].account, seconds)

    @invariant()
    def money_adds_up(self) -> None:
        """Wallets hold what their tasks leave them, whether anybody looked at the tasks or not."""
        for tenant in getattr(self, "tenants", []):
            unseen = self._balance(tenant)
            for task in tenant.tasks:
                self._look(task)
            wanted = tenant.opening - sum(task.cost for task in tenant.tasks)
            _hold(unseen == wanted, f"the wallet holds {unseen} before the tasks are looked at, not {wanted}")
            _hold(self._balance(tenant) == wanted, "the wallet moved because somebody looked")
            check = self.ground.control.ledger_check(tenant.account)
            _hold(check.get("balanced") is True, f"the ledger does not balance: {dict(check)}")

    def _create(self, operation: Operation, who: int, params: Mapping[str, Json], fault: str) -> Any:
        tenant = self.tenants[who]
        if len(tenant.tasks) >= MOST_TASKS or params.get("image") == self._artifact(""):
            return None
        prompt = f"mock:{fault} {_PROMPT}" if fault else _PROMPT
        answer = self._send(operation.name, who, _json({"prompt": prompt, **params}))
        matrix = Matrix(self.ground.contract, operation.capability or "")
        price = pricing.charge(self.ground.contract, matrix, params)
        funds = tenant.opening - sum(task.cost for task in tenant.tasks)
        if price > funds:
            refusals = self.ground.contract.error("insufficient_funds").statuses
            _hold(answer.status in refusals, f"{answer.status} without the funds")
            return None
        _hold(answer.status == operation.success, f"{answer.status} for a valid request")
        asked = pricing.image_count(params)
        task = Watched(id=str(self._view(answer)["id"]), account=who, price=price, unit=price // asked, asked=asked)
        tenant.tasks.append(task)
        return task

    def _look(self, task: Watched) -> Mapping[str, Json]:
        answer = self._send("task", task.account, None, {}, task_id=task.id)
        seen = self._view(answer)
        images = seen.get("images")
        task.state = str(seen.get("state"))
        task.delivered = len(images) if task.state == "succeeded" and isinstance(images, list) else 0
        _hold(answer.status == 200, f"{answer.status} for a task of one's own")  # noqa: PLR2004 - the success of a look
        _hold(task.delivered <= task.asked, "more images than were asked for")
        return seen

    def _view(self, answer: Answer) -> Mapping[str, Json]:
        contract = self.ground.contract
        if contract.tasks is None:
            return {}
        return task_view(contract, contract.tasks, self.ground.target).read(_body(answer))

    def _balance(self, tenant: Tenant) -> int:
        return self.ground.contract.billing.currency.parse(self.ground.control.balance(tenant.account))

    def _artifact(self, name: str) -> Json:
        media = self.ground.contract.media
        return write_reference(media.kinds["artifact"], "artifact", name) if media else None

    def _send(
        self, name: str, who: int, content: bytes | None, headers: Mapping[str, str] | None = None, task_id: str = ""
    ) -> Answer:
        operation = self.ground.contract.operations[name]
        url = f"{self.ground.target.base_url}{operation.path.replace('{task_id}', task_id)}"
        given = {"content-type": "application/json"} if headers is None else dict(headers)
        given["authorization"] = f"Bearer {self.tenants[who].account.key}"
        answer = self.ground.wire.send(operation.method, url, headers=given, content=content)
        _hold(answer.status not in range(500, 600), f"{answer.status} on {name}")
        return answer


def walk_on(ground: Ground, *, walks: int, steps: int, seed: int | None = None) -> None:
    """Walk ``walks`` times ``steps`` steps. Raises BrokenWalk with the shortest script as a note."""
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis import seed as seeded
    from hypothesis.stateful import run_state_machine_as_test

    machine: type[RuleBasedStateMachine] = type("TaskWalk", (TaskWalk,), {"ground": ground})
    if seed is not None:
        machine = seeded(seed)(machine)
    chosen = settings(
        max_examples=walks,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=seed is None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)


def script(broken: BaseException) -> str:
    """Return the shortest script of a failed walk, as Hypothesis noted it on the exception."""
    notes = getattr(broken, "__notes__", [])
    return "\n".join(str(note) for note in notes if not str(note).startswith("You can"))


def _hold(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads like an assertion
    if not holds:
        raise BrokenWalk(otherwise)


def _json(body: Mapping[str, Json]) -> bytes:
    return json.dumps(body).encode()


def _body(answer: Answer) -> Json:
    is_json, value = parse_json(answer.body)
    return value if is_json and isinstance(value, dict) else None


__all__ = ["BrokenWalk", "Ground", "TaskWalk", "script", "walk_on"]
