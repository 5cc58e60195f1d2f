"""Progress on a terminal: one line on stderr that overwrites itself, silent elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Self

from pixelproof.planning.case import Case
from pixelproof.running.run import Run
from pixelproof.verdict import CaseVerdict, Verdict

_EVERY_S = 0.1


class Progress:
    """Shows how far a run is while it goes."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._done = 0
        self._findings = 0
        self._last = 0.0
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> Self:
        """Start watching."""
        self._run.watch = self._case
        return self

    def __exit__(self, *_: object) -> None:
        """Clear the line."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _case(self, case: Case, lines: list[CaseVerdict]) -> None:
        self._done += 1
        self._findings += any(line.verdict is Verdict.FAIL for line in lines)
        now = time.monotonic()
        if not self._shown or now - self._last < _EVERY_S:
            return
        self._last = now
        profile, total = self._run.contract.profile, len(self._run.plan.cases)
        currency = self._run.contract.billing.currency
        spent = currency.show(self._run.budget.spent)
        text = f"{profile}  {self._done}/{total} cases  {self._findings} findings  {spent}  {case.id}"
        sys.stderr.write(f"\r\x1b[K{text[:100]}")
        sys.stderr.flush()
