"""Wires a run up: budget before each paid call, a ``sent`` line, every exchange recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pixelproof.budget import Budget
from pixelproof.case import Case, Send
from pixelproof.client import Wire
from pixelproof.conductor import Conductor, Hooks, NotRun
from pixelproof.levers import Levers
from pixelproof.recorder import Recorder
from pixelproof.recording import Sink, exchange_line
from pixelproof.run import Run, RunSettings
from pixelproof.strategies import Plan
from pixelproof.target import Target
from pixelproof.verdict import Reason
from pixelproof.waivers import Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """What a run is made from."""

    plan: Plan
    target: Target
    settings: RunSettings
    wire: Wire
    levers: Levers
    sink: Sink
    budget: Budget
    waivers: tuple[Waiver, ...] = ()


def make_run(bench: Workbench) -> Run:
    """Return a run that is ready to begin."""
    recorder = Recorder(secrets=bench.target.secrets(), keep_image=bench.sink.image)
    hooks = Hooks(before=_before(bench), exchange=lambda exchange: bench.sink.line(exchange_line(exchange)))
    conductor = Conductor(
        contract=bench.plan.contract,
        target=bench.target,
        wire=bench.wire,
        levers=bench.levers,
        recorder=recorder,
        hooks=hooks,
    )
    return Run(
        plan=bench.plan,
        target=bench.target,
        settings=bench.settings,
        conductor=conductor,
        recorder=recorder,
        sink=bench.sink,
        budget=bench.budget,
        levers=bench.levers,
        waivers=bench.waivers,
    )


def _before(bench: Workbench) -> Callable[[Case, Send], None]:
    currency = bench.budget.currency

    def before(case: Case, step: Send) -> None:
        if not bench.budget.allows(step.worst):
            cap = bench.budget.cap
            what = f"{currency.show(step.worst)} more could pass the cap of {currency.show(cap or 0)}"
            raise NotRun(Reason.BUDGET, what, "raise --max-cost")
        if step.price:
            bench.budget.spend(step.price)
            price = currency.format(step.price)
            bench.sink.line({"kind": "sent", "case": case.id, "step": step.name, "price": price})

    return before
