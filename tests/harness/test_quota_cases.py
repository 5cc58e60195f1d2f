"""Cases about quotas: walks that end exactly at a limit, keys of one account, bodies of a documented length."""

from __future__ import annotations

import shlex
import subprocess
from typing import Any

import pytest

from pixelproof import loading
from pixelproof.client import parse_json
from pixelproof.deviation import Tier
from pixelproof.exchange import Request
from pixelproof.findings.curl import curl
from pixelproof.money import Currency
from pixelproof.planning.case import Advance, Case, Key, KeyRole, Send
from pixelproof.running.conducting.notrun import NotRun
from pixelproof.selfproof.selftest import bench
from pixelproof.settings import MockSettings
from pixelproof.strategies import PlanRequest, make_plan
from pixelproof.targets.control import Account
from pixelproof.targets.openings import Openings
from pixelproof.verdict import Verdict

from .builders import case_of, error_answer, ok_answer
from .test_conductor import Stage, send

#: 10 MB as thousands and as powers of two.
DECIMAL, BINARY = 10_000_000, 10 * 1024 * 1024


def case(profile: str, name: str, tier: Tier = Tier.FULL) -> Case:
    contract = loading.shipped(profile)
    return next(found for found in make_plan(PlanRequest(contract=contract, tier=tier)).cases if found.id == name)


def images(found: Case) -> list[list[int]]:
    """How many images each request asks for, in the stretches between two moves of the clock."""
    stretches: list[list[int]] = [[]]
    for step in found.steps:
        if isinstance(step, Advance):
            stretches.append([])
        elif isinstance(step, Send):
            stretches[-1].append(int(str((step.body or {}).get("n", 1))))
    return stretches


def test_a_minute_of_pro_is_filled_to_its_last_image_and_one_more_is_asked_for() -> None:
    assert images(case("perf", "limits/images-per-minute/pro")) == [[10, 10, 10, 1]]


@pytest.mark.parametrize(
    ("name", "each", "most"), [("limits/images-per-day", 5, 50), ("limits/images-per-day/pro", 30, 1000)]
)
def test_a_day_is_filled_to_its_last_image_within_every_minute(name: str, each: int, most: int) -> None:
    *minutes, over, after = images(case("perf", name))
    assert sum(map(sum, minutes)) == most
    assert max(map(sum, minutes)) == each
    assert (over, after) == ([1], [1])


def test_a_new_key_is_walked_to_the_end_of_its_minute_only_at_full() -> None:
    walk = case("aicredits", "limits/new-key-to-its-end")
    assert len(walk.sends()) == 61
    assert {step.key for step in walk.sends()} == {Key(role=KeyRole.FRESH, as_documented=True)}
    assert walk.tier is Tier.FULL


def test_bodies_stay_off_both_meanings_of_ten_megabytes() -> None:
    over, within = case("aicredits", "errors/too_large").sends()
    assert over.padding > BINARY
    assert 0.9 * DECIMAL < within.padding < 0.99 * DECIMAL


def test_padding_is_sent_and_only_its_length_is_recorded() -> None:
    stage = Stage(error_answer(413))
    (found,) = stage.conduct(case_of(send(padding=1000, positive=False)))
    content = stage.wire.sent[0][3] or b""
    assert content.endswith(b"}" + b" " * 1000)
    assert parse_json(content)[1] == found.request.body
    assert found.request.padding == 1000


def test_the_curl_of_a_padded_body_sends_as_many_bytes() -> None:
    command = curl(Request(method="POST", url="http://127.0.0.1:9/v1", body={"prompt": "it's"}, padding=500))
    pipe, _, rest = command.rpartition(" | ")
    sent = subprocess.run(["sh", "-c", pipe], capture_output=True, check=True).stdout
    assert sent == b'{"prompt": "it\'s"}' + b" " * 500
    assert shlex.split(rest)[-2:] == ["--data-binary", "@-"]


class Desk:
    """A control plane that writes down what accounts and keys are asked for."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def open_account(self, demand: dict[str, Any]) -> Account:
        self.asked.append(demand)
        return Account(id="acc_1", key="sk-1")


def test_an_account_as_documented_is_opened_without_any_limits_of_our_own() -> None:
    desk = Desk()
    openings = Openings(control=desk, currency=Currency(code="INR", scale=2))  # type: ignore[arg-type]  # a fake
    openings.open(Key(role=KeyRole.FRESH, as_documented=True))
    openings.open(Key(role=KeyRole.FRESH))
    assert ["limits" in demand for demand in desk.asked] == [False, True]


def test_without_a_control_plane_nobody_is_a_new_key() -> None:
    stage = Stage(ok_answer())
    with pytest.raises(NotRun, match="new account"):
        stage.conduct(case_of(send(key=Key(role=KeyRole.FRESH, as_documented=True))))
    assert stage.wire.sent == []


@pytest.mark.parametrize(
    ("profile", "name"), [("perf", "limits/test-key"), ("aicredits", "limits/window"), ("aicredits", "limits/new-key")]
)
def test_an_honest_server_passes_every_check_of_the_case(profile: str, name: str) -> None:
    run = bench(profile, MockSettings(), tier=Tier.FULL, select=(name,))
    verdicts = [line.verdict for planned in run.plan.cases for line in run.prove(planned)]
    assert verdicts
    assert set(verdicts) == {Verdict.PASS}


def test_a_test_key_belongs_to_the_account_whose_live_key_is_used_up() -> None:
    test, live, again = case("perf", "limits/test-key").sends()
    assert (test.key.role, live.key.role, again.key) == (KeyRole.TEST, KeyRole.LIMITED, test.key)
    assert test.key.tier == live.key.tier == "free"
