"""The terminal report shows each cause once, says how to see it again, and what became of the waivers."""

from __future__ import annotations

from typing import Any

from tests.harness.builders import line
from tests.harness.test_reports import END, terminal

from pixelproof.verdict import CaseVerdict, Verdict

TWICE = "a charge of 0.02 USD", "a charge of 0.04 USD"


def finding(case: str, claim: str = "AIV-28", said: tuple[str, str] = TWICE, **more: Any) -> CaseVerdict:
    wanted, got = said
    return line(Verdict.FAIL, claim, rule="charged", case=case, wanted=wanted, got=got, **more)


def test_a_cause_is_shown_once_with_its_shortest_request() -> None:
    text = terminal(finding("money/long", curl="curl --long"), finding("money/short", curl="curl"))
    assert (text.count("wanted"), text.count("2 cases"), text.count("case    money/short")) == (1, 1, 1)
    assert "also    money/long (-v shows all)" in text


def test_every_case_of_a_cause_is_shown_on_demand() -> None:
    text = terminal(finding("money/a"), finding("money/b"), verbose=True)
    assert (text.count("wanted"), "-v shows all" in text) == (2, False)


def test_two_causes_of_one_claim_are_shown_apart() -> None:
    text = terminal(finding("money/a"), finding("money/b", said=(TWICE[0], "a charge of 0.01 USD")))
    assert text.splitlines()[0] == "1 broken promise, 2 causes"


def test_one_cause_names_every_claim_that_it_breaks() -> None:
    text = terminal(finding("money/a"), finding("money/a", claim="AIV-30"))
    assert text.splitlines()[0] == "2 broken promises, 1 cause"
    assert (text.count("wanted"), text.count("✗ AIV-28"), text.count("✗ AIV-30")) == (1, 1, 1)


def test_the_mock_of_a_run_can_be_started_again_only_where_it_was_one() -> None:
    header = {"kind": "run", "profile": "aivene", "tier": "core", "target": "http://127.0.0.1:8765/v1"}
    told = terminal(finding("money/a", curl="curl"), header={**header, "mock": {"seed": 0, "liar": "x"}})
    assert "  pixelproof serve aivene --port 8765 --liar x\n" in told
    assert "  export PIXELPROOF_KEY=sk-aivene-" in told
    assert "pixelproof serve" not in terminal(finding("money/a", curl="curl"), header=header)


def test_waivers_that_rot_are_told_and_idle_ones_are_listed() -> None:
    waivers = {"stale": ["AIV-01 * (known)"], "expired": ["AIV-02 * (known)"], "not_exercised": ["AIV-03 * (known)"]}
    text = terminal(line(), end={**END, "waivers": waivers})
    assert "✗ AIV-01 * (known) fails no more: delete it" in text
    assert "✗ AIV-02 * (known) is past its date" in text
    assert "  AIV-03 * (known) was not exercised" in text


def test_a_record_that_was_judged_again_says_what_changed() -> None:
    change = {"claim": "AIV-28", "rule": "charged", "case": "money/a", "then": "fail", "now": "pass"}
    again = {"on": "2026-11-21", "then": {"rules_version": "1", "level": "page"}, "changes": [change]}
    header = {"kind": "run", "profile": "aivene", "rules_version": "2", "level": "page", "judged_again": again}
    text = terminal(line(), header=header)
    for part in ("rules version: 1 then, 2 now", "1 verdict changed", "money/a (charged): fail then, pass now"):
        assert part in text
