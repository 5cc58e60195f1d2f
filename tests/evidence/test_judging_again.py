"""An old record is judged again for nothing: the same rules say the same, others say what changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pixelproof import loading
from pixelproof.deviation import Deviation, Tier
from pixelproof.findings.waivers import Waiver
from pixelproof.planning.case import Send
from pixelproof.record.recording import Record, read_record
from pixelproof.record.revision import changes_of, judged_by
from pixelproof.rules import RULES
from pixelproof.rules.registry import passed
from pixelproof.strategies.claims import JudgeLevel
from pixelproof.verdict import CaseVerdict, Verdict
from pixelproof.verification.rejudging import rejudged

from .records import TODAY, liars, recorded, terms

#: So many liars that about twenty are judged again.
EVERY = 40


def verdicts(record: Record) -> dict[tuple[str, str, str], tuple[str, str, str, str]]:
    return {
        (line.claim, line.rule, line.case): (line.verdict, line.wanted, line.got, line.curl) for line in record.verdicts
    }


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The record of a provider that charges twice."""
    return recorded(tmp_path_factory.mktemp("found"), "aivene", "aivene-charged-twice", tier=Tier.SMOKE)


@pytest.mark.parametrize("profile", loading.profiles())
def test_a_fresh_run_is_judged_as_it_judged_itself(profile: str, tmp_path: Path) -> None:
    record = recorded(tmp_path, profile)
    again = rejudged(record, terms(profile))
    assert verdicts(again) == verdicts(record)
    assert (again.end or {}) == (record.end or {})
    assert (changes_of(again), judged_by(again)) == ((), {})


@pytest.mark.parametrize("deviation", liars(EVERY), ids=lambda item: item.name)
def test_the_finding_of_a_liar_is_found_again(deviation: Deviation, tmp_path: Path) -> None:
    record = recorded(tmp_path, deviation.profile, deviation.name, tier=deviation.tier, select=(deviation.claim,))
    again = rejudged(record, terms(deviation.profile))
    assert verdicts(again) == verdicts(record)
    assert (again.end or {})["exit_code"] == 1


@contextmanager
def other_rule(name: str, judge: Callable[..., Any]) -> Iterator[None]:
    """Let a rule say something else for a while."""
    before = RULES[name]
    RULES[name] = replace(before, judge=judge)
    try:
        yield
    finally:
        RULES[name] = before


def test_todays_rules_judge_the_traffic_of_then(found: Record) -> None:
    with other_rule("charged", lambda _evidence, _args: passed()):
        again = rejudged(found, terms("aivene"))
    changes = changes_of(again)
    assert {(change.claim, change.rule, change.then, change.now) for change in changes} == {
        ("AIV-28", "charged", "fail", "pass")
    }
    assert (again.end or {})["outcome"] == "conformant"


def test_a_rule_that_breaks_is_an_error_of_ours_and_no_finding(found: Record) -> None:
    def broken(_evidence: object, _args: object) -> None:
        raise ZeroDivisionError

    with other_rule("charged", broken):
        again = rejudged(found, terms("aivene"))
    assert (again.end or {})["exit_code"] == 4


def line_of(record: Record, case: str, rule: str) -> CaseVerdict:
    return next(line for line in record.verdicts if (line.case, line.rule) == (case, rule))


def test_a_contract_with_another_price_judges_the_same_charge_otherwise(found: Record, tmp_path: Path) -> None:
    source = loading.specs_folder() / "aivene"
    text = (source / "contract.yaml").read_text("utf-8")
    assert 'price: "0.040"' in text
    (tmp_path / "contract.yaml").write_text(text.replace('price: "0.040"', 'price: "0.080"'), "utf-8")
    (tmp_path / "claims.yaml").write_text((source / "claims.yaml").read_text("utf-8"), "utf-8")
    again = rejudged(found, terms("aivene", contract=loading.outside(tmp_path / "contract.yaml")))
    assert set(judged_by(again)) == {"contract_sha256"}
    before, after = (line_of(one, "money/dall-e-3/one", "charged") for one in (found, again))
    assert (before.verdict, before.wanted, before.got) == (Verdict.FAIL, "a charge of 0.04 USD", "a charge of 0.08 USD")
    assert after.verdict is Verdict.PASS


def with_case(record: Record, name: str, **changes: Any) -> Record:
    """Return a record whose case was another one then."""
    conducted = record.cases[name]
    case = conducted.case
    steps = tuple(replace(step, **changes) if isinstance(step, Send) else step for step in case.steps)
    cases = {**record.cases, name: replace(conducted, case=replace(case, steps=steps))}
    return replace(record, cases=cases)


def test_a_case_that_is_asked_otherwise_today_is_not_held_against_anybody(found: Record) -> None:
    changed = with_case(found, "money/dall-e-2/two", body={"model": "dall-e-2", "prompt": "another", "n": 7})
    changed = replace(changed, header={**changed.header, "contract_sha256": "0"})
    line = line_of(rejudged(changed, terms("aivene")), "money/dall-e-2/two", "charged")
    assert (line.verdict, line.reason) == (Verdict.NOT_RUN, "changed since")


def test_by_the_same_contract_a_case_is_judged_as_it_was_asked(found: Record) -> None:
    changed = with_case(found, "money/dall-e-2/two", body={"model": "dall-e-2", "prompt": "another", "n": 2})
    assert line_of(rejudged(changed, terms("aivene")), "money/dall-e-2/two", "charged").verdict is Verdict.FAIL


def test_a_narrower_level_judges_what_it_decides_of_every_case(found: Record) -> None:
    again = rejudged(found, terms("aivene", level=JudgeLevel.PAGE))
    assert {line.verdict for line in again.verdicts} <= {Verdict.PASS, Verdict.AMBIGUOUS, Verdict.NOT_APPLICABLE}


def test_a_price_that_is_another_today_does_not_make_a_case_another(found: Record) -> None:
    changed = with_case(found, "money/dall-e-2/two", price=1, worst=1)
    line = line_of(rejudged(changed, terms("aivene")), "money/dall-e-2/two", "charged")
    assert line.verdict is Verdict.FAIL


def test_what_another_level_does_not_decide_is_left_out(found: Record) -> None:
    again = rejudged(found, terms("aivene", level=JudgeLevel.PAGE))
    assert "AIV-28" not in {line.claim for line in again.verdicts}  # the page says nothing about charging
    assert (again.end or {})["exit_code"] != 1


def test_waivers_count_when_a_record_is_judged_again(found: Record) -> None:
    waiver = Waiver(reason="known", claim="AIV-28", rule="charged")
    again = rejudged(found, terms("aivene", waivers=(waiver,)))
    assert line_of(again, "money/dall-e-2/two", "charged").verdict is Verdict.WAIVED
    assert (again.end or {})["exit_code"] == 0


def cut(record: Record, folder: Path, lines: int) -> Record:
    """Return a record whose run was killed after so many lines."""
    text = record.path.read_text("utf-8").splitlines(keepends=True)
    (folder / "run.jsonl").write_text("".join(text[:lines]), "utf-8")
    return read_record(folder)


def test_a_killed_run_is_judged_as_far_as_it_goes(found: Record, tmp_path: Path) -> None:
    whole = found.path.read_text("utf-8").count("\n")
    for lines in range(1, whole, max(1, whole // 12)):
        record = cut(found, tmp_path, lines)
        again = rejudged(record, terms("aivene"))
        end = again.end or {}
        known = {key: value for key, value in verdicts(again).items() if value[0].judged}
        assert known.items() <= verdicts(found).items()
        assert end["exit_code"] == (1 if any(value[0] is Verdict.FAIL for value in known.values()) else 5)
        assert "no last line" in str(end["note"])
        assert {line.case for line in again.verdicts} == {line.case for line in found.verdicts}


def test_a_case_that_was_cut_in_the_middle_is_not_judged(found: Record, tmp_path: Path) -> None:
    text = found.path.read_text("utf-8").splitlines()
    first = next(index for index, row in enumerate(text) if json.loads(row)["kind"] == "case")
    record = cut(found, tmp_path, first)  # its exchanges are there, what it was is not
    assert record.exchanges
    again = rejudged(record, terms("aivene"))
    assert {line.verdict for line in again.verdicts} == {Verdict.NOT_RUN}


def test_kept_images_are_looked_into_again(found: Record, tmp_path: Path) -> None:
    looked: list[str] = []
    again = rejudged(found, terms("aivene", image=looked.append))
    assert looked
    assert verdicts(again) == verdicts(found)
    assert all((found.path.parent / "images" / sha256).is_file() for sha256 in looked)


def test_a_file_that_is_not_the_image_it_is_named_after_proves_nothing(found: Record) -> None:
    again = rejudged(found, terms("aivene", image=lambda _sha256: b"no image at all"))
    assert verdicts(again) == verdicts(found)


def test_what_was_accepted_then_is_a_finding_again_without_its_waiver(found: Record) -> None:
    walked = replace(line_of(found, "money/dall-e-2/two", "charged"), case="walk/tasks", rule="walk")
    accepted = replace(walked, verdict=Verdict.WAIVED, waiver="known")
    record = replace(found, verdicts=(*found.verdicts, accepted))
    assert line_of(rejudged(record, terms("aivene")), "walk/tasks", "walk").verdict is Verdict.FAIL


def test_an_honest_record_stays_honest_today(tmp_path: Path) -> None:
    record = recorded(tmp_path, "fineapi")
    assert TODAY.isoformat() in str(rejudged(record, terms("fineapi")).header["judged_again"])
