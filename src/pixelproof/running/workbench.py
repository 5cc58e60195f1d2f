"""Wires a run up: one recorder and one till, and a conductor for each worker."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from pixelproof.client import Wire
from pixelproof.findings.waivers import Waiver
from pixelproof.levers import Levers
from pixelproof.planning.budget import Budget
from pixelproof.planning.case import Case, KeyRole
from pixelproof.pricing import image_count
from pixelproof.record.recorder import Recorder
from pixelproof.record.recording import Sink
from pixelproof.running.conducting.brake import Brake
from pixelproof.running.conducting.conductor import Conductor, Hooks
from pixelproof.running.conducting.notrun import NotRun
from pixelproof.running.conducting.till import OverBudget, Paid, Till
from pixelproof.running.run import Run, RunSettings
from pixelproof.strategies import Plan
from pixelproof.targets.file import Target
from pixelproof.traffic.pace import Pace


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
    #: The levers of further workers, each with a key of its own.
    others: tuple[Levers, ...] = ()
    brake: Brake = field(default_factory=Brake)
    pace: Pace = field(default_factory=lambda: Pace(now=time.monotonic, sleep=time.sleep))


def make_run(bench: Workbench) -> Run:
    """Return a run that is ready to begin."""
    recorder = Recorder(secrets=bench.target.secrets(), keep_image=bench.sink.image)
    till = Till(bench.plan.contract, bench.budget, bench.sink)
    crew = tuple(_conductor(bench, recorder, till, levers) for levers in (bench.levers, *bench.others))
    return Run(
        plan=bench.plan,
        target=bench.target,
        settings=bench.settings,
        conductor=crew[0],
        crew=crew,
        recorder=recorder,
        sink=bench.sink,
        budget=bench.budget,
        till=till,
        brake=bench.brake,
        levers=bench.levers,
        waivers=bench.waivers,
    )


def _conductor(bench: Workbench, recorder: Recorder, till: Till, levers: Levers) -> Conductor:
    return Conductor(
        contract=bench.plan.contract,
        target=bench.target,
        wire=bench.wire,
        levers=levers,
        recorder=recorder,
        hooks=Hooks(before=_Gate(bench, till, levers).before, exchange=till.after, wallet=till.saw, dry=till.dry),
    )


class _Gate:
    """What every request of one worker passes: the brake, the pace, and the till."""

    def __init__(self, bench: Workbench, till: Till, levers: Levers) -> None:
        self._bench = bench
        self._till = till
        self._levers = levers

    def before(self, case: Case, paid: tuple[Paid, ...]) -> None:
        self._braked()
        for one in paid:
            self._bench.pace.take(_paced(case, one), image_count(one.step.body or {}) if one.step.positive else 0)
        self._braked()
        try:
            self._till.open(case, paid, self._levers.wallet.glimpse)
        except OverBudget as refused:
            raise NotRun(refused.reason, refused.what, refused.hint) from None

    def _braked(self) -> None:
        halt = self._bench.brake.halt
        if halt is not None:
            raise NotRun(halt.reason, halt.what, halt.hint)


def _paced(case: Case, paid: Paid) -> str | None:
    """Return whose minute a request counts in: none where limits are to be met, or there is a clock."""
    about_limits = case.capability == "limits" and not paid.step.positive
    if paid.granted.account is not None or paid.step.key.role is KeyRole.LIMITED or about_limits:
        return None
    return paid.granted.key
