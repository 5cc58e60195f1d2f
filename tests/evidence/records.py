"""Records to judge, group, waive and send again: a run in this process, read back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pixelproof import edges, loading
from pixelproof.deviation import Deviation, Nature, Tier
from pixelproof.record.recording import Record, Recording, read_record
from pixelproof.selfproof.selftest import bench
from pixelproof.settings import MockSettings
from pixelproof.strategies.claims import JudgeLevel
from pixelproof.verification.rejudging import Terms

TODAY = date(2026, 11, 21)


def recorded(
    folder: Path, profile: str, liar: str | None = None, *, tier: Tier = Tier.CORE, select: tuple[str, ...] = ()
) -> Record:
    """Run everything against a mock in this process, and read the record back."""
    recording = Recording(folder)
    run = bench(profile, MockSettings(liar=liar), tier=tier, select=select, sink=recording)
    run.begin()
    for case in run.plan.cases:
        run.prove(case)
    run.finish()
    recording.close()
    return read_record(folder)


def liars(every: int = 1) -> tuple[Deviation, ...]:
    """Every so-manieth liar of the shelf."""
    return tuple(item for item in edges.deviations() if item.nature is Nature.LIAR)[::every]


def liar(name: str) -> Deviation:
    return next(item for item in edges.deviations() if item.name == name)


def terms(profile: str, **more: object) -> Terms:
    known = {"contract": loading.shipped(profile), "level": JudgeLevel.DOCUMENTED, "today": TODAY}
    return Terms(**{**known, **more})
