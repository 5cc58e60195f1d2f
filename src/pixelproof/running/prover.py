"""Who proves the cases that pytest asks for: a run alone, its crew, or a controller elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from pixelproof.planning.case import Case
from pixelproof.running.crew import Crew
from pixelproof.running.run import Run
from pixelproof.verdict import CaseVerdict

#: What a finding quotes of its claim: ``statement`` and ``source``, by claim id.
Quotes = Mapping[str, Mapping[str, str]]


class Prover(Protocol):
    """What the plugin asks on behalf of the tests."""

    @property
    def cases(self) -> tuple[Case, ...]:
        """Return what is planned, in the order of the plan."""

    @property
    def quotes(self) -> Quotes:
        """Return what claims say, and where."""

    def begin(self, chosen: Collection[str]) -> None:
        """Hear which cases pytest selected."""

    def verdicts(self, case: Case) -> list[CaseVerdict]:
        """Return the verdicts of a case, conducted now or already; they are recorded."""

    def walked(self) -> list[CaseVerdict]:
        """Walk at random; return the recorded verdicts, none where there is nothing to walk on."""

    def end(self) -> None:
        """Begin nothing more."""


class Alone:
    """Proves in this process, one case after the other or with the crew of the run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._crew = Crew(run) if len(run.crew) > 1 else None

    @property
    def cases(self) -> tuple[Case, ...]:
        """Return the cases of the plan."""
        return self.run.plan.cases

    @property
    def quotes(self) -> Quotes:
        """Return what the contract's claims say."""
        return quotes(self.run)

    def begin(self, chosen: Collection[str]) -> None:
        """Set the crew to work on what was selected; the tests wait for its verdicts in turn."""
        if self._crew is not None:
            self._crew.begin(case for case in self.cases if case.id in chosen)

    def verdicts(self, case: Case) -> list[CaseVerdict]:
        """Prove a case, or wait until the crew has."""
        return self.run.prove(case) if self._crew is None else self._crew.verdicts(case)

    def walked(self) -> list[CaseVerdict]:
        """Walk, unless an earlier part of the run did."""
        return walked(self.run)

    def end(self) -> None:
        """Stop the crew: an interrupted session begins nothing more."""
        if self._crew is not None:
            self._crew.end()


def walked(run: Run) -> list[CaseVerdict]:
    """Walk at random over tasks and money, at the full tier and where a control plane watches; record it."""
    from pixelproof.running.randomly import CASE, walk

    settled = run.earlier.settled.get(CASE)
    return list(settled) if settled is not None else run.record(walk(run))


def quotes(run: Run) -> Quotes:
    """Return what the claims of a run say, and where."""
    return {claim.id: {"statement": claim.statement, "source": claim.source} for claim in run.contract.claims.values()}
