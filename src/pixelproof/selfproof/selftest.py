"""The self-proof: every liar must be found at its tier, every honest server left alone.

Runs in process: a liar is a WSGI application, its run stops at the first finding on its
claim. *Requests to kill* counts the requests of the shortest run selected by that claim.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from pixelproof import edges, loading
from pixelproof.client import Wire
from pixelproof.deviation import Deviation, Nature, Tier
from pixelproof.levers import Levers
from pixelproof.planning.budget import Budget
from pixelproof.record.recording import Forgetful, Sink
from pixelproof.running.run import Run, RunSettings
from pixelproof.running.workbench import Workbench, make_run
from pixelproof.settings import MockSettings
from pixelproof.strategies import PlanRequest, make_plan
from pixelproof.targets.control import ControlPlane
from pixelproof.targets.file import Target
from pixelproof.verdict import CaseVerdict, Verdict
from pixelproof.verification.embedded import in_process

#: No listener has this address: requests stay in the process.
_HOST = "http://127.0.0.1"
_ALARMS = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.ERROR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What one deviating server came to."""

    name: str
    profile: str
    claim: str
    family: str
    killed: bool
    requests: int
    seconds: float
    #: What was found: ``rule: got`` of the first finding, or of each false alarm.
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """The kill score."""

    liars: tuple[Trial, ...]
    honest: tuple[Trial, ...]

    @property
    def survivors(self) -> tuple[Trial, ...]:
        """Return the liars that nothing found."""
        return tuple(trial for trial in self.liars if not trial.killed)

    @property
    def false_alarms(self) -> tuple[Trial, ...]:
        """Return the honest servers that something was held against."""
        return tuple(trial for trial in self.honest if trial.seen)

    @property
    def complete(self) -> bool:
        """Tell whether every liar was found and every honest server left alone."""
        return bool(self.liars) and not self.survivors and not self.false_alarms

    def figures(self) -> dict[str, object]:
        """Return the score as plain data."""
        killed = [trial for trial in self.liars if trial.killed]
        by_claim: dict[str, dict[str, int]] = {}
        for trial in self.liars:
            row = by_claim.setdefault(trial.claim, {"killed": 0, "total": 0})
            row["total"] += 1
            row["killed"] += trial.killed
        return {
            "killed": len(killed),
            "total": len(self.liars),
            "false_alarms": len(self.false_alarms),
            "honest_runs": len(self.honest),
            "median_requests": statistics.median([trial.requests for trial in killed]) if killed else None,
            "median_seconds": round(statistics.median([trial.seconds for trial in killed]), 3) if killed else None,
            "survivors": [{"name": trial.name, "claim": trial.claim} for trial in self.survivors],
            "alarms": [{"name": trial.name, "seen": list(trial.seen)} for trial in self.false_alarms],
            "by_claim": dict(sorted(by_claim.items())),
        }


def bench(
    profile: str, settings: MockSettings, *, tier: Tier, select: tuple[str, ...] = (), sink: Sink | None = None
) -> Run:
    """Make a run against an in-process mock; without a ``sink`` nothing is recorded."""
    contract = loading.shipped(profile)
    wire = Wire(transport=in_process(contract, settings))
    control = ControlPlane(wire, f"{_HOST}/__admin", profile)
    target = Target(base_url=f"{_HOST}/v1", profile=profile)
    plan = make_plan(PlanRequest(contract=contract, tier=tier, prices_hold=True, select=select))
    return make_run(
        Workbench(
            plan=plan,
            target=target,
            settings=RunSettings(tier=tier.value, level="documented", seed=settings.seed),
            wire=wire,
            levers=Levers(contract, target, wire, control, sleep=lambda _seconds: None),
            sink=sink or Forgetful(),
            budget=Budget(currency=contract.billing.currency),
        )
    )


def try_liar(liar: Deviation) -> Trial:
    """Run the cases of a liar's claim at its tier until the first finding on it."""
    started = time.monotonic()
    run = bench(liar.profile, MockSettings(liar=liar.name), tier=liar.tier, select=(liar.claim,))
    found = _first_finding(run, liar.claim)
    return Trial(
        name=liar.name,
        profile=liar.profile,
        claim=liar.claim,
        family=liar.family,
        killed=found is not None,
        requests=run.conductor.requests + run.conductor.downloads,
        seconds=time.monotonic() - started,
        seen=(_told(found),) if found else (),
    )


def try_honest(profile: str, seed: int, variation: str | None, tier: Tier) -> Trial:
    """Run everything against an honest server; whatever is held against it is a false alarm."""
    started = time.monotonic()
    run = bench(profile, MockSettings(seed=seed, liar=variation), tier=tier)
    alarms = [line for case in run.plan.cases for line in run.prove(case) if line.verdict in _ALARMS]
    return Trial(
        name=variation or f"{profile} honest, seed {seed}",
        profile=profile,
        claim="",
        family="honest",
        killed=False,
        requests=run.conductor.requests,
        seconds=time.monotonic() - started,
        seen=tuple(f"{line.claim} {line.case}: {_told(line)}" for line in alarms[:5]),
    )


def run_selftest(
    profiles: Sequence[str],
    *,
    seeds: int = 20,
    sample: int | None = None,
    workers: int = 2,
    watch: Callable[[Trial], None] = lambda _trial: None,
) -> SelfTest:
    """Try every liar, every variation, and the honest mock with ``seeds`` seeds."""
    known = [item for item in edges.deviations() if item.profile in profiles]
    liars = [item for item in known if item.nature is Nature.LIAR]
    chosen = liars if sample is None else liars[:: max(1, len(liars) // sample)][:sample]
    honest: list[tuple[str, int, str | None]] = [(profile, seed, None) for profile in profiles for seed in range(seeds)]
    honest += [(item.profile, 0, item.name) for item in known if item.nature is Nature.VARIATION]
    with ProcessPoolExecutor(max_workers=workers) as pool:
        trials = [pool.submit(try_liar, liar) for liar in chosen]
        clean = [pool.submit(try_honest, profile, seed, name, Tier.CORE) for profile, seed, name in honest]
        return SelfTest(
            liars=tuple(_watched((trial.result() for trial in trials), watch)),
            honest=tuple(_watched((trial.result() for trial in clean), watch)),
        )


def _watched(trials: Iterable[Trial], watch: Callable[[Trial], None]) -> Iterable[Trial]:
    for trial in trials:
        watch(trial)
        yield trial


def _first_finding(run: Run, claim: str) -> CaseVerdict | None:
    for case in run.plan.cases:
        for line in run.prove(case):
            if line.claim == claim and line.verdict is Verdict.FAIL:
                return line
    return None


def _told(line: CaseVerdict) -> str:
    return f"{line.rule}: wanted {line.wanted}; got {line.got}"[:240]
