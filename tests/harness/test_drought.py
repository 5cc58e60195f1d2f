"""A wallet that runs dry midway is told once; what it could not pay is not run, and nobody is blamed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from pixelproof.matrix import Matrix
from pixelproof.money import Units
from pixelproof.pricing import charge
from pixelproof.record.recording import read_record
from pixelproof.record.resuming import earlier_of
from pixelproof.running.ending import RunOutcome, Summary
from pixelproof.running.run import Run
from pixelproof.verdict import Reason, Verdict

from .test_spending import Lines
from .vendor import Vendor, run_at, said

EMPTY = {"error": {"message": "please top up", "type": "billing_error", "param": None, "code": "insufficient_funds"}}


@dataclass
class Poor(Vendor):
    """A vendor whose customer has so much, in smallest units, and who refuses what that does not pay."""

    holds: int = 0
    status: int = 402
    #: Refuses before it looks at the request itself.
    first: bool = False
    refused: int = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/vendor/wallet"):
            return said(200, {"left": self.contract.billing.currency.format(self.holds - self.taken)})
        if request.method == "POST" and not self._can_pay(request):
            self.refused += 1
            return said(self.status, EMPTY)
        return super().handle_request(request)

    def _can_pay(self, request: httpx.Request) -> bool:
        try:
            price = charge(self.contract, Matrix(self.contract, "text_to_image"), json.loads(request.content))
        except (ValueError, KeyError, TypeError, LookupError, AttributeError):
            price = Units(1)
        if self.first:
            return self.taken + max(price, 1) <= self.holds
        inner = self._inner.handle_request(request)
        inner.read()
        return inner.status_code != 200 or self.taken + price <= self.holds


def conducted(vendor: Vendor, **more: object) -> tuple[Run, Summary, Lines]:
    sink = Lines()
    run = run_at(vendor, select=("refusals/dall-e-2*", "images/dall-e-2*"), sink=sink, **more)  # type: ignore[arg-type]  # by name
    run.begin()
    for case in run.plan.cases:
        run.prove(case)
    return run, run.finish(), sink


def findings(run: Run) -> list[str]:
    return [line.case for line in run.verdicts if line.verdict in {Verdict.FAIL, Verdict.WARN, Verdict.ERROR}]


def needed() -> int:
    return run_at(Vendor(), select=("images/dall-e-2*",)).plan.price


@pytest.mark.parametrize("first", [False, True], ids=["refuses-last", "refuses-first"])
@pytest.mark.parametrize("watched", [False, True], ids=["unseen", "wallet-seen"])
@pytest.mark.parametrize("share", [0, 2], ids=["empty", "half"])
def test_an_empty_wallet_is_told_once_and_is_no_finding(share: int, *, watched: bool, first: bool) -> None:
    vendor = Poor(holds=needed() // share if share else 0, first=first)
    run, summary, _ = conducted(vendor, watched=watched)
    assert findings(run) == []
    assert (summary.outcome in {RunOutcome.PARTIAL, RunOutcome.INCONCLUSIVE}, summary.exit_code) == (True, 5)
    assert "the account has no credit for a request of" in summary.note
    assert "top the account up" in summary.note
    missed = {line.case for line in run.verdicts if line.reason == Reason.FUNDS}
    assert missed
    assert all("with --resume" in line.hint for line in run.verdicts if line.reason == Reason.FUNDS)
    assert bool(share) == any(line.verdict is Verdict.PASS and "images" in line.case for line in run.verdicts)
    free = len([case for case in run.plan.cases if case.capability == "refusals"])
    assert vendor.refused <= 3 + (free if first else 0), "what costs as much is not asked for again"


def test_the_refusals_still_count_where_the_request_is_looked_at_first() -> None:
    run, _, _ = conducted(Poor(holds=0))
    judged = [line for line in run.verdicts if line.case.startswith("refusals/")]
    assert judged
    assert all(line.verdict is Verdict.PASS for line in judged)


def test_a_402_with_money_in_the_wallet_is_a_finding() -> None:
    """The vendor refuses one size for want of money that is there."""

    def stingy(request: httpx.Request) -> httpx.Response | None:
        return said(402, EMPTY) if b"512x512" in request.content else None

    run, summary, _ = conducted(Vendor(mood=stingy), watched=True)
    assert summary.exit_code == 1
    assert findings(run)
    assert all("512x512" in case for case in findings(run))


def test_the_code_of_the_document_says_it_too() -> None:
    """An account without quota is a 429 by one document, and no cooldown to wait out."""
    waits: list[float] = []
    spent = {"error": {"message": "quota", "type": "insufficient_quota", "param": None, "code": "insufficient_quota"}}

    def quota(request: httpx.Request) -> httpx.Response | None:
        return said(429, spent) if request.method == "POST" and request.headers["authorization"] else None

    run = run_at(Vendor(profile="openai", mood=quota), select=("images/*",), waits=waits)
    run.begin()
    for case in run.plan.cases:
        run.prove(case)
    summary = run.finish()
    assert findings(run) == []
    assert waits == []
    assert {line.reason for line in run.verdicts} == {Reason.FUNDS}
    assert "no credit" in summary.note


def test_a_refused_call_is_asked_again_by_resume(tmp_path: Path) -> None:
    from pixelproof.record.recording import Recording

    recording = Recording(tmp_path)
    run = run_at(Poor(holds=needed() // 2), select=("images/dall-e-2*",), sink=recording)
    run.begin()
    for case in run.plan.cases:
        run.prove(case)
    run.finish()
    recording.close()
    earlier = earlier_of(read_record(tmp_path), run.plan)
    missed = {line.case for line in run.verdicts if line.reason == Reason.FUNDS}
    assert missed
    assert earlier.cut == frozenset()
    assert not missed & set(earlier.settled)
