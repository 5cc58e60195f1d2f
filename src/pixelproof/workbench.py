"""Wires a run up: budget before each paid call, a ``sent`` line, every exchange recorded."""

from __future__ import annotations

from dataclasses import dataclass

from pixelproof.budget import Budget
from pixelproof.case import Case, Send
from pixelproof.client import Wire
from pixelproof.conductor import Conductor, Hooks, NotRun
from pixelproof.exchange import Exchange, Role
from pixelproof.levers import Levers
from pixelproof.money import Units
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
    till = _Till(bench)
    hooks = Hooks(before=till.before, exchange=till.after)
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


class _Till:
    """Books what calls cost: the documented price before they are sent, a wrongly served one after."""

    def __init__(self, bench: Workbench) -> None:
        self._budget = bench.budget
        self._sink = bench.sink
        self._risk: dict[tuple[str, str], Units] = {}

    def before(self, case: Case, step: Send) -> None:
        currency = self._budget.currency
        if not self._budget.allows(step.worst):
            cap = self._budget.cap
            what = f"{currency.show(step.worst)} more could pass the cap of {currency.show(cap or 0)}"
            raise NotRun(Reason.BUDGET, what, "raise --max-cost")
        self._risk[case.id, step.name] = Units(step.worst - step.price)
        if step.price:
            self._budget.spend(step.price)
            price = currency.format(step.price)
            self._sink.line({"kind": "sent", "case": case.id, "step": step.name, "price": price})

    def after(self, exchange: Exchange) -> None:
        # no answer may be a charge too: the budget thinks the worst
        if exchange.role is Role.API and (exchange.ok or exchange.response is None):
            self._budget.spend(self._risk.pop((exchange.case, exchange.step), Units(0)))
        self._sink.line(exchange_line(exchange))
