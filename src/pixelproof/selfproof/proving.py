"""Runs what the shelf only says: which liars are found, which variations stay clean, which steps answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field

from pixelproof import edges
from pixelproof.deviation import Nature, Tier
from pixelproof.selfproof.coverage import Proof
from pixelproof.selfproof.selftest import Trial, bench, try_honest, try_liar
from pixelproof.settings import MockSettings

#: Headers in which the mock says, when asked to, which step answered and for which claims.
_STEP, _CLAIMS = "x-mock-step", "x-mock-claim"

Answered = Mapping[str, frozenset[str]]


@dataclass(slots=True)
class _Listening:
    """A sink that keeps nothing but which step answered for which claim."""

    heard: set[tuple[str, str]] = field(default_factory=set)

    def line(self, value: Mapping[str, object]) -> None:
        """Note step and claims of an exchange; other lines have none."""
        response = value.get("response")
        headers = response.get("headers") if isinstance(response, dict) else None
        if isinstance(headers, dict):
            claims = str(headers.get(_CLAIMS, "")).split(",")
            self.heard |= {(claim, str(headers.get(_STEP, ""))) for claim in claims if claim}

    def image(self, sha256: str, data: bytes) -> None:
        """Drop the image."""

    def file(self, name: str, data: bytes) -> None:
        """Drop the file."""


def prove(profiles: Sequence[str], *, workers: int = 2, watch: Callable[[Trial], None] = lambda _trial: None) -> Proof:
    """Try every liar and every variation of these profiles, and run the honest mock of each once."""
    known = [item for item in edges.deviations() if item.profile in profiles]
    with ProcessPoolExecutor(max_workers=workers) as pool:
        liars = [pool.submit(try_liar, item) for item in known if item.nature is Nature.LIAR]
        others = [item for item in known if item.nature is Nature.VARIATION]
        honest = [pool.submit(try_honest, item.profile, 0, item.name, Tier.CORE) for item in others]
        heard = pool.map(answered, profiles)
        trials = list(_watched((*liars, *honest), watch))
        steps = {claim: found for one in heard for claim, found in one.items()}
    return Proof(
        killed=frozenset(trial.name for trial in trials if trial.killed),
        clean=frozenset(trial.name for trial in trials if trial.family == "honest" and not trial.seen),
        answered=steps,
    )


def answered(profile: str) -> Answered:
    """Return the steps at which the honest mock answered for each claim, in a run at core."""
    sink = _Listening()
    run = bench(profile, MockSettings(debug_headers=True), tier=Tier.CORE, sink=sink)
    for case in run.plan.cases:
        run.prove(case)
    claims = {claim for claim, _ in sink.heard}
    return {claim: frozenset(step for name, step in sink.heard if name == claim) for claim in claims}


def _watched(trials: Iterable[Future[Trial]], watch: Callable[[Trial], None]) -> Iterator[Trial]:
    for awaited in trials:
        trial = awaited.result()
        watch(trial)
        yield trial
