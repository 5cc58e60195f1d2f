"""The cases of a gateway: what a caller asks, what goes wrong behind it, and the rules that judge both ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from pixelproof.contract import Contract, Json, Model
from pixelproof.deviation import Tier
from pixelproof.money import Units
from pixelproof.planning.case import Case, Check, Fetch, Key, KeyRole, Poll, ReadBalance, Send, Step, Together
from pixelproof.strategies.bodies import Bodies
from pixelproof.strategies.claims import Scope

#: First part of the id of every case here.
GATE = "gate"
#: Requests sent at once to find out whether callers are mixed up: half of them each caller's.
AT_ONCE = 40
#: Seconds that the upstream's Retry-After asks for.
RETRY_AFTER_S = 1
_VARIANTS = (
    "error_body",
    "empty",
    "html",
    "text_plain",
    "no_created",
    "created_string",
    "no_data",
    "empty_data",
    "null_items",
)
#: Faults after which a caller gets an error: effect → arguments of the fault.
_FAILURES: Mapping[str, tuple[str, Mapping[str, Json]]] = {
    "server_error": ("server_error", {}),
    "upstream_error": ("upstream_error", {}),
    "unavailable": ("unavailable", {}),
    "timeout": ("timeout", {}),
    "reset-before": ("reset", {"when": "before"}),
    "reset-after": ("reset", {"when": "after"}),
    "lost_response": ("lost_response", {}),
    "truncated_body": ("truncated_body", {}),
}


#: Of these, what breaks an answer that has begun: whoever streams it can only break it too.
_CUT = frozenset({"reset", "lost_response", "truncated_body"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the gate file says about judging."""

    auth: str = "passthrough"
    models: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 60.0
    hang_s: float = 3.0
    cost_basis: str = "profile"
    idempotency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCase:
    """A case, and the faults that stand behind the gateway while its step ``main`` is sent."""

    case: Case
    effect: str = ""
    arguments: Mapping[str, Json] = field(default_factory=dict)
    #: Header that says that every step is the same request, byte for byte.
    repeats: str = ""
    #: Seconds after which the caller of step ``main`` hangs up, where it does.
    patience_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mishap:
    """What goes wrong behind a gateway: a fault of the mock, and what the rules must know of it."""

    name: str
    effect: str
    arguments: Mapping[str, Json] = field(default_factory=dict)
    #: Parameters that the request needs besides the cheapest ones.
    params: Mapping[str, Json] = field(default_factory=dict)
    args: Mapping[str, Json] = field(default_factory=dict)


def gate_cases(contract: Contract, terms: Terms) -> tuple[GateCase, ...]:
    """Return the cases of a gateway before this provider: free ones first."""
    operation = contract.operations.get("generate")
    if operation is None:
        return ()
    scope = Scope(contract=contract, decides=frozenset(contract.claims), prices_hold=True, tier=Tier.CORE)
    book = _Casebook(Bodies(scope, operation), terms)
    return tuple(book.cases()) if book.bodies.tested() else ()


class _Casebook:
    def __init__(self, bodies: Bodies, terms: Terms) -> None:
        self.bodies = bodies
        self.terms = terms

    def cases(self) -> Iterator[GateCase]:
        models = self.bodies.tested()
        for model in models:
            yield from self._invalid(model)
        for model in models:
            yield from self._asked(model)
        yield from self._money(models[0])
        yield from self._burst(models[0])
        yield from self._repeated(models[0])
        yield from self._refusals(models)
        yield from self._failures(models[0])
        yield from self._odd_successes(models[0])
        yield from self._partial(models)

    def _asked(self, model: Model) -> Iterator[GateCase]:
        cheap = self.bodies.cheap_params(model)
        variants: dict[str, dict[str, Json]] = {"plain": {}, "cheapest": {**cheap}}
        for cell in self.bodies.taken(model):
            for value in self.bodies.open_values(model, cell) if cell.domain.enum else ():
                variants[f"{cell.parameter}={value}"] = {**cheap, cell.parameter: value}
        most = self._most(model)
        variants |= {f"n={n}": {**cheap, "n": n} for n in sorted({min(2, most), most}) if n > 1}
        for name, params in variants.items():
            step = self._send(f"asked/{model.id}/{name}", model, params, fetch=True)
            checks = ("asked_as_called", "GWY-01"), ("delivered_as_made", "GWY-02"), ("keys_kept", "GWY-03")
            rules = (*checks, ("paid_once", "GWY-08"), *self._told())
            yield self._case(f"asked/{model.id}/{name}", model, (step, *self._ended("main")), rules)

    def _invalid(self, model: Model) -> Iterator[GateCase]:
        most = self._most(model)
        wrong: dict[str, tuple[dict[str, Json], str]] = {
            "n=0": ({"n": 0}, "n is less than 1"),
            f"n={most + 1}": ({"n": most + 1}, f"n is more than {most}"),
            "n-of-wrong-type": ({"n": "two"}, "n is no number"),
            "size=17x17": ({"size": "17x17"}, "no such size"),
            "prompt-missing": ({"prompt": None}, "the prompt is missing"),
        }
        for name, (params, why) in wrong.items():
            taken = next(iter(params)) in {*self.bodies.parameters}
            if taken:
                yield self._refused(f"refused/{model.id}/{name}", model, params, why)
        if model is self.bodies.tested()[0]:
            yield self._refused("refused/unknown-model", model, {"model": "no-such-model"}, "no such model")

    def _refused(self, name: str, model: Model, params: Mapping[str, Json], why: str) -> GateCase:
        step = self._send(name, model, {**self.bodies.cheap_params(model), **params})
        step = Send(
            name="main", operation=step.operation, body={k: v for k, v in (step.body or {}).items() if v is not None}
        )
        checks = (("refused_unpaid", "GWY-10"), ("keys_kept", "GWY-03"))
        return self._case(name, model, (step,), checks, why=why)

    def _refusals(self, models: tuple[Model, ...]) -> Iterator[GateCase]:
        known = self.bodies.contract.errors.rows
        for model in models if "content_policy" in known else ():
            mishap = _Mishap(name=f"content_policy/{model.id}", effect="content_policy")
            yield self._faulty(mishap, model, ("policy_stays", "GWY-04"))
        for row in ("unauthorized", "insufficient_funds", "forbidden"):
            if row in known:
                yield self._faulty(_Mishap(name=row, effect=row), models[0], ("trouble_told", "GWY-05"))
        if "rate_limited" in known:
            yield from self._paced(models[0])
        for row in ("invalid_request", "model_retired"):
            if row in known:
                yield self._faulty(_Mishap(name=row, effect=row), models[0], ("own_success", "GWY-02"))

    def _paced(self, model: Model) -> Iterator[GateCase]:
        told = self.bodies.contract.errors.row("rate_limited").retry_after
        announced: dict[str, Json] = {"retry_after_s": RETRY_AFTER_S} if told else {}
        for name, times in (("rate_limited", None), ("rate_limited-once", 1)):
            arguments = announced if times is None else {**announced, "times": times}
            mishap = _Mishap(name=name, effect="rate_limited", arguments=arguments, args=announced)
            yield self._faulty(mishap, model, ("pace_told", "GWY-06"))

    def _failures(self, model: Model) -> Iterator[GateCase]:
        known = self.bodies.contract.errors.rows
        rule = ("failure_told", "GWY-07")
        for name, (effect, arguments) in _FAILURES.items():
            if effect in known or effect in _CUT:
                mishap = _Mishap(name=name, effect=effect, arguments=arguments, args={"cut": effect in _CUT})
                yield self._faulty(mishap, model, rule)
        once = _Mishap(name="server_error-once", effect="server_error", arguments={"times": 1})
        slow = _Mishap(name="hang", effect="latency", arguments={"seconds": self.terms.hang_s}, args={"slow": True})
        yield self._faulty(once, model, rule)
        yield self._faulty(slow, model, rule)

    def _odd_successes(self, model: Model) -> Iterator[GateCase]:
        odd = (
            _Mishap(name="wrong_content_type", effect="wrong_content_type"),
            *(
                _Mishap(name=f"bad_success-{variant}", effect="bad_success", arguments={"variant": variant})
                for variant in _VARIANTS
            ),
        )
        for mishap in odd:
            yield self._faulty(mishap, model, ("own_success", "GWY-02"))
        if self._with_tasks:
            failing = _Mishap(name="task_failure", effect="task_failure")
            yield self._faulty(failing, model, ("own_success", "GWY-02"))

    def _partial(self, models: tuple[Model, ...]) -> Iterator[GateCase]:
        model = next((model for model in models if self._most(model) > 1), None)
        if model is not None:
            mishap = _Mishap(name="partial", effect="partial", arguments={"images": 1}, params={"n": 2})
            yield self._faulty(mishap, model, ("own_success", "GWY-02"))

    def _faulty(self, mishap: _Mishap, model: Model, rule: tuple[str, str]) -> GateCase:
        """Return the case of a request that meets a fault, and of the next one, which meets none."""
        case_id = f"faults/{mishap.name}"
        main = self._send(case_id, model, {**self.bodies.cheap_params(model), **mishap.params}, fetch=True)
        alive = Send(name="alive", operation=main.operation, body=main.body, price=main.price, worst=main.price)
        rules = (rule, ("keys_kept", "GWY-03"), ("paid_once", "GWY-08"), *self._told())
        found = self._case(case_id, model, (main, *self._ended("main"), alive), rules, **mishap.args)
        lives = Check(rule="goes_on", claim="GWY-07", args={"step": "alive"})
        case = Case(id=found.case.id, steps=found.case.steps, checks=(*found.case.checks, lives), model=model.id)
        return GateCase(case=case, effect=mishap.effect, arguments=mishap.arguments)

    def _money(self, model: Model) -> Iterator[GateCase]:
        cheap = self.bodies.cheap_params(model)
        unit = int(self.bodies.price(self.bodies.body("", model, cheap)))
        served = self._send("money/served", model, cheap, key=_FRESH, fetch=True)
        yield self._case(
            "money/served",
            model,
            self._watched(served),
            (("cost_agrees", "GWY-11"),),
            price=unit,
            basis=self.terms.cost_basis,
        )
        spared = (("caller_spared", "GWY-09"),)
        for effect in ("server_error", "content_policy", "partial", *(("task_failure",) if self._with_tasks else ())):
            n = 2 if effect == "partial" and self._most(model) > 1 else 1
            step = self._send(f"money/{effect}", model, {**cheap, "n": n}, key=_FRESH, fetch=True)
            found = self._case(f"money/{effect}", model, self._watched(step), spared, unit=unit)
            arguments: dict[str, Json] = {"images": 1} if effect == "partial" else {}
            yield GateCase(case=found.case, effect=effect, arguments=arguments)
        refused = self._send("money/refused", model, {**cheap, "size": "17x17"}, key=_FRESH)
        yield self._case("money/refused", model, self._watched(refused), spared, unit=unit)

    def _burst(self, model: Model) -> Iterator[GateCase]:
        cheap = self.bodies.cheap_params(model)
        sends = []
        for number in range(AT_ONCE):
            caller, key = (("one", Key()), ("other", Key(role=KeyRole.OTHER)))[number % 2]
            step = self._send(f"callers/{number}", model, cheap, key=key, fetch=True)
            sends.append(
                Send(name=f"{caller}-{number}", operation=step.operation, body=step.body, key=key, fetch=Fetch.ALL)
            )
        steps: list[Json] = [send.name for send in sends]
        burst = Together(name="burst", sends=tuple(sends))
        checks = (("never_mixed", "GWY-12"),)
        yield self._case("callers/at-once", model, (burst, *self._ended("burst")), checks, steps=steps)
        if self._with_tasks:
            made = self._send("callers/foreign-task", model, cheap)
            look = Poll(name="foreign", of="main", key=Key(role=KeyRole.OTHER), until_final=False)
            private = (("task_private", "GWY-12"),)
            yield self._case("callers/foreign-task", model, (made, look), private, look="foreign")

    def _repeated(self, model: Model) -> Iterator[GateCase]:
        if not self.terms.idempotency:
            return
        yield self._twice("repeated", model)
        # the caller hangs up while the image is being made, and asks again
        lost = self._twice("repeated-lost", model, lost=True)
        yield replace(
            lost, effect="latency", arguments={"seconds": self.terms.hang_s}, patience_s=self.terms.hang_s / 2
        )

    def _twice(self, name: str, model: Model, **args: Json) -> GateCase:
        body = self._send(name, model, self.bodies.cheap_params(model), fetch=True)
        steps: list[Step] = []
        for step in ("main", "again"):
            steps.append(replace(body, name=step))
            steps += self._ended(step)
        found = self._case(name, model, tuple(steps), (("same_request_once", "GWY-08"),), **args)
        return replace(found, repeats=self.terms.idempotency)

    def _case(
        self, name: str, model: Model, steps: tuple[Step, ...], rules: tuple[tuple[str, str], ...], /, **args: Json
    ) -> GateCase:
        given: dict[str, Json] = {"auth": self.terms.auth, "timeout_s": self.terms.timeout_s, **args}
        given |= {"params": {**self.terms.params}} if self.terms.params else {}
        given |= {"models": {**self.terms.models}} if self.terms.models else {}
        checks = tuple(Check(rule=rule, claim=claim, args=given) for rule, claim in rules)
        return GateCase(case=Case(id=f"{GATE}/{name}", steps=steps, checks=checks, model=model.id))

    def _send(
        self, name: str, model: Model, params: Mapping[str, Json], *, key: Key | None = None, fetch: bool = False
    ) -> Send:
        body = self.bodies.body(f"{GATE}/{name}", model, params)
        price = self.bodies.price(body) if isinstance(body.get("n", 1), int) else Units(0)
        return Send(
            name="main",
            operation=self.bodies.operation.name,
            body=body,
            key=key or Key(),
            fetch=Fetch.ALL if fetch else Fetch.NONE,
            price=price,
            worst=price,
        )

    @property
    def _with_tasks(self) -> bool:
        return self.bodies.operation.creates_task

    def _ended(self, step: str) -> tuple[Poll, ...]:
        """Return the look at the tasks of a step, where the provider answers with tasks."""
        return (Poll(name="ended", of=step, fetch=Fetch.ALL),) if self._with_tasks else ()

    def _told(self) -> tuple[tuple[str, str], ...]:
        return (("task_told", "GWY-02"),) if self._with_tasks else ()

    def _watched(self, send: Send) -> tuple[Step, ...]:
        key = send.key
        return (ReadBalance(name="before", key=key), send, *self._ended("main"), ReadBalance(name="after", key=key))

    def _most(self, model: Model) -> int:
        cell = model.cells.get("n")
        return int(cell.domain.maximum) if cell is not None and cell.domain.maximum is not None else 1


#: Under keys of its own a caller's wallet is whatever the target's balance lever reads.
_FRESH = Key()
