"""Random walks as part of a run: what a broken one says, for every claim it speaks about."""

from __future__ import annotations

from pixelproof.client import Wire
from pixelproof.deviation import Tier
from pixelproof.run import Run
from pixelproof.verdict import CaseVerdict, Verdict

#: Enough to meet the known task defects, within seconds against the local mock.
WALKS, STEPS = 8, 25


def walk(run: Run) -> list[CaseVerdict]:
    """Return the verdicts of the walks, none where they do not belong."""
    contract, control = run.contract, run.levers.control
    if contract.tasks is None or control is None or run.settings.tier != Tier.FULL.value:
        return []
    from pixelproof.walking import BrokenWalk, Ground, script, walk_on

    wire = Wire()
    found = CaseVerdict(claim="", rule="walk", case="walk/tasks", level="", verdict=Verdict.PASS)
    try:
        ground = Ground(contract=contract, target=run.target, wire=wire, control=control)
        walk_on(ground, walks=WALKS, steps=STEPS, seed=run.settings.seed)
    except BrokenWalk as broken:
        wanted = "wallets that hold what their tasks leave them, after every step"
        found = CaseVerdict(
            claim="",
            rule="walk",
            case="walk/tasks",
            level="",
            verdict=Verdict.FAIL,
            wanted=wanted,
            got=f"{broken}\n{script(broken)}",
        )
    finally:
        wire.close()
    return [_of(found, claim, run) for claim in contract.billing.claimed("net")]


def _of(found: CaseVerdict, claim: str, run: Run) -> CaseVerdict:
    from dataclasses import replace

    return replace(found, claim=claim, level=run.contract.claims[claim].level.value)
