"""Where a provider may differ, and where the harness cannot know: no finding, and a word about what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from pixelproof import loading
from pixelproof.targets.file import BalanceLever, Target
from pixelproof.verdict import CaseVerdict, Reason, Verdict
from pixelproof.verification import verifying
from pixelproof.verification.verifying import VerifyOptions

from .edge import open_studio
from .oddities import (
    AlwaysUnlucky,
    Down,
    Generous,
    LateBooks,
    Shouting,
    Stumbling,
    Terse,
    Unlucky,
    edited,
)
from .studio import Studio
from .test_otherserver import TASK_S, target_at

JUDGED_WELL = {Verdict.PASS, Verdict.AMBIGUOUS}


def judged(
    folder: Path, *select: str, kind: type[Studio] = Studio, task_s: float = TASK_S, **known: object
) -> list[CaseVerdict]:
    """Verify some claims or cases at a studio; ``known`` replaces entries of the target file."""
    with open_studio(kind, task_s=task_s) as base:
        target: Target = replace(target_at(base), **known)
        options = VerifyOptions(target=target, select=select, keep_images=False)
        with verifying.prepared(options, loading.shipped("stratizon"), folder) as run:
            return [line for case in run.plan.cases for line in run.prove(case)]


def mapping(**task: object) -> Mapping[str, object]:
    return edited(target_at("http://127.0.0.1").map, **task)


@pytest.mark.parametrize(
    ("kind", "claim"),
    [(Unlucky, "STR-05"), (Unlucky, "STR-25"), (Stumbling, "STR-05"), (Shouting, "STR-03"), (Generous, "STR-18")],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_nothing_is_held_against_an_odd_studio(kind: type[Studio], claim: str, tmp_path: Path) -> None:
    found = judged(tmp_path, claim, kind=kind)
    assert {line.verdict for line in found} <= JUDGED_WELL, [line.got for line in found]


def test_a_task_that_fails_twice_is_no_bad_luck(tmp_path: Path) -> None:
    found = judged(tmp_path, "tasks/model=*", kind=AlwaysUnlucky)
    assert Verdict.FAIL in {line.verdict for line in found}


def test_looks_that_always_fail_are_no_bad_luck(tmp_path: Path) -> None:
    found = judged(tmp_path, "tasks/model=*", kind=Down)
    (created, ended) = (line for line in found if line.rule in {"task_created", "task_succeeds"})
    assert (created.verdict, ended.verdict) == (Verdict.PASS, Verdict.FAIL)
    assert len(ended.exchanges) == 1 + 2 + 3  # the request between two readings of the wallet, and three looks


def test_a_wallet_may_show_charge_and_refund_late(tmp_path: Path) -> None:
    late = BalanceLever(method="GET", path="/wallet", pointer="/wallet/available", settle_s=0.4, exclusive=True)
    found = judged(tmp_path, "money/*n=3*", kind=LateBooks, balance=late)
    assert {line.verdict for line in found} <= JUDGED_WELL, [line.got for line in found]


def test_references_may_be_plain_text(tmp_path: Path) -> None:
    media = {"url": "remote {url}", "artifact": "stored {artifact_id}", "data_uri": "inline {data_uri}"}
    terse = {**mapping(reference_artifact_id=""), "media": media}
    found = judged(tmp_path, "STR-10", "STR-11", kind=Terse, map=terse)
    assert {line.verdict for line in found} == {Verdict.PASS}, [line.got for line in found]


@pytest.mark.parametrize("task", [{"status": None}, {"states": {"succeeded": "done"}}], ids=["pointer", "words"])
def test_states_that_nobody_mapped_are_not_judged(task: dict[str, object], tmp_path: Path) -> None:
    found = judged(tmp_path, "tasks/model=*", "tasks/life", kind=NeverSucceeds, map=mapping(**task))
    unread = [line for line in found if line.rule in {"task_ends", "task_succeeds"}]
    assert {line.verdict for line in unread} == {Verdict.NOT_RUN}
    assert all("map" in line.got for line in unread)
    assert {line.verdict for line in found} <= {*JUDGED_WELL, Verdict.NOT_RUN}


class NeverSucceeds(Studio):
    """Its word for a success is its own."""

    def state(self, job: object) -> str:
        return {"succeeded": "painted", "pending": "on the easel"}.get(super().state(job), "on the easel")


def test_without_a_mapped_route_canceling_is_nobody_s_promise(tmp_path: Path) -> None:
    known = {key: value for key, value in mapping().items() if key != "cancel"}
    found = judged(tmp_path, "tasks/canceled", map=known)
    assert {(line.verdict, line.reason) for line in found} == {(Verdict.NOT_APPLICABLE, Reason.ROUTE.value)}


def test_an_unseen_task_that_is_slower_than_stated_is_not_judged(tmp_path: Path) -> None:
    found = judged(tmp_path, "money/partial,n=3,unseen", task_s=0.4, map=mapping(longest_s=0.2))
    assert {line.verdict for line in found} == {Verdict.NOT_RUN}
    assert {line.reason for line in found} == {Reason.LEVER.value}


def test_nobody_waits_a_minute_and_a_half_for_an_unseen_task(tmp_path: Path) -> None:
    (first, *_) = judged(tmp_path, "money/partial,n=3,unseen", map=mapping(longest_s=90))
    assert (first.verdict, first.got) == (Verdict.NOT_RUN, "a clock, or 90 s of patience")
    assert first.exchanges == ()


def test_how_long_tasks_take_is_learned_from_those_that_were_watched(tmp_path: Path) -> None:
    found = judged(tmp_path, "money/partial,n=3", "money/partial,n=3,unseen", map=mapping(longest_s=None))
    assert {line.verdict for line in found} <= JUDGED_WELL
