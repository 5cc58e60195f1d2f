"""A whole verification in process: honest servers are left alone, liars are named, exit codes can be trusted."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pixelproof import edges
from pixelproof.deviation import Deviation, Nature, Tier
from pixelproof.exchange import Exchange
from pixelproof.findings.judging import Judging
from pixelproof.findings.waivers import Waiver
from pixelproof.money import Units
from pixelproof.planning.case import Case
from pixelproof.running.ending import RunOutcome, Summary
from pixelproof.running.run import Run, RunSettings
from pixelproof.selfproof.selftest import bench
from pixelproof.settings import MockSettings
from pixelproof.targets.keyring import INVALID_KEY
from pixelproof.verdict import CaseVerdict, Reason, Verdict

from .builders import contract, line


class Pages:
    """A sink that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[Mapping[str, object]] = []

    def line(self, value: Mapping[str, object]) -> None:
        self.lines.append(value)

    def image(self, sha256: str, data: bytes) -> None:
        """Forget the image."""

    def kinds(self) -> list[object]:
        return [value["kind"] for value in self.lines]


class BrokenConductor:
    """A conductor with a defect of ours."""

    requests = downloads = 0

    def conduct(self, _case: Case) -> tuple[Exchange, ...]:
        raise RuntimeError("our own fault")


def run_of(*select: str, liar: str | None = None, tier: Tier = Tier.SMOKE, sink: Any = None, **settings: bool) -> Run:
    made = bench("aivene", MockSettings(liar=liar), tier=tier, select=select, sink=sink)
    made.settings = RunSettings(tier=tier.value, level="documented", **settings)
    return made


def proven(run: Run) -> Summary:
    run.begin()
    for case in run.plan.cases:
        run.prove(case)
    return run.finish()


def ending(run: Run) -> tuple[RunOutcome, int]:
    summary = proven(run)
    return summary.outcome, summary.exit_code


def findings(run: Run) -> list[CaseVerdict]:
    proven(run)
    return [verdict for verdict in run.verdicts if verdict.verdict is Verdict.FAIL]


@pytest.mark.parametrize("profile", ["aivene", "openai"])
def test_nothing_is_held_against_an_honest_server(profile: str) -> None:
    run = bench(profile, MockSettings(), tier=Tier.CORE)
    assert ending(run) == (RunOutcome.CONFORMANT, 0)
    assert {verdict.verdict for verdict in run.verdicts} <= {
        Verdict.PASS,
        Verdict.AMBIGUOUS,
        Verdict.NOT_APPLICABLE,
    }


def test_a_finding_names_claim_case_wanted_got_and_a_curl() -> None:
    found = findings(run_of("AIV-28", liar="aivene-charged-twice"))
    assert {verdict.claim for verdict in found} == {"AIV-28"}
    one = next(verdict for verdict in found if verdict.case == "money/dall-e-2/two")
    assert (one.rule, one.level) == ("charged", "E")
    assert (one.wanted, one.got) == ("a charge of 0.032 USD", "a charge of 0.064 USD")
    assert shlex.split(one.curl)[:4] == ["curl", "-sS", "-X", "POST"]
    assert one.exchanges


def shelf() -> list[Deviation]:
    """Some liars of each kind that the smallest tier must find."""
    known = [item for item in edges.deviations() if item.profile == "aivene" and item.nature is Nature.LIAR]
    return [item for item in known if item.tier is Tier.SMOKE][::12]


@pytest.mark.parametrize("liar", shelf(), ids=lambda liar: liar.name)
def test_a_liar_is_found_and_on_its_own_claim(liar: Deviation) -> None:
    assert liar.claim in {verdict.claim for verdict in findings(run_of(liar.claim, liar=liar.name))}


def test_the_curl_of_a_wrong_key_shows_the_wrong_key() -> None:
    found = findings(run_of("AIV-21", liar="aivene-any-key"))
    shown = next(verdict.curl for verdict in found if verdict.case == "errors/unauthorized/invalid-key")
    assert f"Bearer {INVALID_KEY}" in shown
    assert "$PIXELPROOF_KEY" not in shown


def test_findings_end_with_1() -> None:
    assert ending(run_of("AIV-28", liar="aivene-charged-twice")) == (RunOutcome.FINDINGS, 1)


@pytest.mark.parametrize(
    ("verdicts", "strict", "end"),
    [
        ((Verdict.PASS, Verdict.WARN), False, (RunOutcome.CONFORMANT, 0)),
        ((Verdict.PASS, Verdict.WARN), True, (RunOutcome.FINDINGS, 1)),
        ((Verdict.PASS, Verdict.AMBIGUOUS, Verdict.WAIVED), True, (RunOutcome.CONFORMANT, 0)),
        ((Verdict.PASS, Verdict.NOT_RUN), False, (RunOutcome.PARTIAL, 0)),
        ((Verdict.PASS, Verdict.NOT_APPLICABLE), False, (RunOutcome.CONFORMANT, 0)),
        ((Verdict.NOT_RUN, Verdict.NOT_APPLICABLE), False, (RunOutcome.INCONCLUSIVE, 5)),
        ((Verdict.FAIL, Verdict.ERROR, Verdict.NOT_RUN), False, (RunOutcome.BROKEN, 4)),
        ((Verdict.FAIL, Verdict.NOT_RUN), False, (RunOutcome.FINDINGS, 1)),
    ],
)
def test_a_run_ends_as_its_gravest_verdict_says(
    verdicts: tuple[Verdict, ...],
    strict: bool,  # noqa: FBT001 - a row
    end: tuple[RunOutcome, int],
) -> None:
    run = run_of("AIV-99", strict=strict)  # nothing is planned, so nothing is missing
    run.verdicts += [line(verdict) for verdict in verdicts]
    summary = run.finish()
    assert (summary.outcome, summary.exit_code) == end


def test_a_stop_by_the_budget_ends_with_5() -> None:
    run = run_of()
    run.budget.cap = Units(40_000)
    assert ending(run) == (RunOutcome.PARTIAL, 5)
    assert run.budget.spent <= 40_000
    stopped = [verdict for verdict in run.verdicts if verdict.reason == Reason.BUDGET]
    assert stopped
    assert "raise --max-cost" in stopped[0].hint


def test_the_cap_holds_for_requests_that_should_be_refused_too() -> None:
    run = run_of("AIV-20")
    run.budget.cap = Units(0)
    proven(run)
    assert run.conductor.requests == 0


def test_a_request_that_is_wrongly_served_is_booked_too() -> None:
    honest, liar = run_of("AIV-21"), run_of("AIV-21", liar="aivene-any-key")
    proven(honest)
    proven(liar)
    assert (honest.budget.spent, liar.budget.spent > 0) == (0, True)


def test_a_server_that_serves_everything_cannot_spend_past_the_cap() -> None:
    run = run_of("refused", liar="aivene-no-key-needed", tier=Tier.CORE)
    run.budget.cap = Units(100_000)
    proven(run)
    assert run.budget.spent <= 100_000


def test_findings_outrank_the_stop_by_the_budget() -> None:
    run = run_of("AIV-21", "AIV-28", liar="aivene-401-as-403")
    run.budget.cap = Units(60_000)
    assert ending(run) == (RunOutcome.FINDINGS, 1)
    assert run.budget.stopped


def test_a_run_in_which_nothing_was_judged_ends_with_5() -> None:
    run = run_of("AIV-08")
    run.listed = frozenset({"another-model"})
    assert ending(run) == (RunOutcome.INCONCLUSIVE, 5)
    assert {verdict.verdict for verdict in run.verdicts} == {Verdict.NOT_APPLICABLE}


def test_a_plan_without_cases_ends_with_5_and_not_green() -> None:
    assert ending(run_of("AIV-99")) == (RunOutcome.INCONCLUSIVE, 5)


def test_a_model_that_the_target_does_not_list_is_not_asked_for() -> None:
    run = run_of()
    run.listed = frozenset({"dall-e-3"})
    proven(run)
    of_others = [verdict for verdict in run.verdicts if "dall-e-2" in verdict.case]
    assert {verdict.verdict for verdict in of_others} == {Verdict.NOT_APPLICABLE}
    assert {verdict.reason for verdict in of_others} == {Reason.MODEL}


def test_unjudged_obligations_end_with_5_only_where_completeness_is_required() -> None:
    assert ending(run_of("AIV-28")) == (RunOutcome.CONFORMANT, 0)
    run = run_of("AIV-28", require_complete=True)
    summary = proven(run)
    assert (summary.outcome, summary.exit_code) == (RunOutcome.PARTIAL, 5)
    assert "AIV-17" in summary.unjudged


def test_our_own_crash_ends_with_4_and_is_no_finding() -> None:
    run = run_of("AIV-28")
    run.conductor = BrokenConductor()
    assert ending(run) == (RunOutcome.BROKEN, 4)
    assert {verdict.verdict for verdict in run.verdicts} == {Verdict.ERROR}
    assert "our own fault" in run.verdicts[0].got


def test_our_own_crash_outranks_findings() -> None:
    run = run_of("AIV-21", "AIV-28", liar="aivene-401-as-403")
    for case in run.plan.cases:
        if case.capability == "money":
            run.conductor = BrokenConductor()
        run.prove(case)
    kinds = {verdict.verdict for verdict in run.verdicts}
    assert {Verdict.FAIL, Verdict.ERROR} <= kinds
    assert run.finish().exit_code == 4


def test_an_interrupted_run_ends_with_130_whatever_was_found() -> None:
    run = run_of("AIV-28", liar="aivene-charged-twice")
    run.interrupted = True
    assert ending(run) == (RunOutcome.INTERRUPTED, 130)


def test_a_case_that_never_came_up_is_told_as_not_run() -> None:
    run = run_of("AIV-28")
    first, *others = run.plan.cases
    run.prove(first)
    run.finish()
    stopped = {verdict.case for verdict in run.verdicts if verdict.reason == Reason.STOPPED}
    assert stopped == {case.id for case in others}


def test_an_unreachable_target_ends_with_3() -> None:
    run = run_of()
    run.begin()
    summary = run.finish("nobody answers", RunOutcome.UNREACHABLE)
    assert (summary.outcome, summary.exit_code) == (RunOutcome.UNREACHABLE, 3)


ACCEPTED = Waiver(claim="AIV-28", reason="known", ticket="OPS-7")


def test_an_accepted_finding_ends_with_0() -> None:
    run = run_of("AIV-28", liar="aivene-charged-per-request")
    run.waivers = (ACCEPTED,)
    assert ending(run) == (RunOutcome.CONFORMANT, 0)
    assert Verdict.WAIVED in {verdict.verdict for verdict in run.verdicts}


@pytest.mark.parametrize(
    ("liar", "waiver"),
    [(None, ACCEPTED), ("aivene-charged-per-request", replace(ACCEPTED, expires=date(2020, 1, 1)))],
    ids=["stale", "expired"],
)
def test_a_stale_and_an_expired_waiver_end_with_1(liar: str | None, waiver: Waiver) -> None:
    run = run_of("AIV-28", liar=liar)
    run.waivers = (waiver,)
    assert ending(run) == (RunOutcome.FINDINGS, 1)


def test_a_record_begins_with_the_run_and_ends_once() -> None:
    pages = Pages()
    run = run_of("AIV-28", sink=pages)
    proven(run)
    run.finish()
    assert (pages.kinds()[0], pages.kinds()[-1]) == ("run", "end")
    assert pages.kinds().count("end") == 1


def test_a_paid_request_is_announced_before_it_is_sent() -> None:
    pages = Pages()
    proven(run_of("charged", sink=pages))
    paid = [index for index, value in enumerate(pages.lines) if value["kind"] == "sent"]
    assert paid
    for index in paid:
        sent = pages.lines[index]
        following = next(value for value in pages.lines[index + 1 :] if value["kind"] == "exchange")
        assert (following["case"], following["step"]) == (sent["case"], sent["step"])


def test_the_cost_of_a_run_is_what_was_announced() -> None:
    pages = Pages()
    proven(run_of("charged", sink=pages))
    currency = contract().billing.currency
    announced = sum(currency.parse(value["price"]) for value in pages.lines if value["kind"] == "sent")
    cost = pages.lines[-1]["cost"]
    assert isinstance(cost, dict)
    assert (cost["amount"], cost["currency"]) == (currency.format(announced), "USD")
    assert (cost["documented"], cost["measured"], cost["reported"]) == (cost["amount"], cost["amount"], None)


def test_the_last_line_folds_claims_with_their_denominators() -> None:
    pages = Pages()
    run = run_of("AIV-28", liar="aivene-charged-twice", sink=pages)
    proven(run)
    end = pages.lines[-1]
    planned = sum(check.claim == "AIV-28" for case in run.plan.cases for check in case.checks)
    assert end["claims"] == {"AIV-28": {"verdict": "fail", "judged": planned, "planned": planned}}
    assert (end["outcome"], end["exit_code"]) == ("findings", 1)


def test_a_wallet_that_others_use_too_gives_warnings_and_no_findings() -> None:
    run = run_of("charged", liar="aivene-charged-twice")
    case = next(case for case in run.plan.cases if case.id == "money/dall-e-2/two")
    exchanges = run.conductor.conduct(case)
    verdicts = {
        exclusive: [
            found.verdict for found in Judging(contract=contract(), exclusive=exclusive).judged(case, exchanges)
        ]
        for exclusive in (True, False)
    }
    assert verdicts == {True: [Verdict.FAIL], False: [Verdict.WARN]}
