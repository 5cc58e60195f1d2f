"""Workers prove cases at the same time: the verdicts are those of one alone, and money is counted once."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from pixelproof import loading
from pixelproof.deviation import Tier
from pixelproof.engine import prove_all
from pixelproof.levers import Levers
from pixelproof.planning.case import KeyRole
from pixelproof.problems import BadDocument, BadUsage
from pixelproof.running.crew import Crew
from pixelproof.running.run import Run
from pixelproof.targets.file import Target, load_target
from pixelproof.verification import verifying
from pixelproof.verification.verifying import VerifyOptions

from .vendor import BASE, KEY, Vendor, run_at

POOL = ("pk_live_second", "pk_live_third")


def verified(profile: str, folder: Path, workers: int) -> list[dict[str, Any]]:
    options = VerifyOptions(profile=profile, tier=Tier.SMOKE, workers=workers, keep_images=False)
    with verifying.prepared(options, loading.shipped(profile), folder) as run:
        prove_all(run)
    return [json.loads(text) for text in (folder / "run.jsonl").read_text("utf-8").splitlines()]


def verdicts(lines: list[dict[str, Any]]) -> Counter[tuple[str, str, str, str]]:
    found = (line for line in lines if line["kind"] == "verdict")
    return Counter((line["case"], line["rule"], line["claim"], line["verdict"]) for line in found)


@pytest.mark.parametrize("profile", loading.profiles())
def test_workers_come_to_the_verdicts_of_one_alone(profile: str, tmp_path: Path) -> None:
    alone, together = verified(profile, tmp_path / "1", 1), verified(profile, tmp_path / "3", 3)
    assert verdicts(together) == verdicts(alone)
    for name in ("outcome", "requests", "claims"):
        assert together[-1][name] == alone[-1][name]
    assert together[-1]["cost"]["amount"] == alone[-1]["cost"]["amount"]
    numbers = [line["seq"] for line in together if line["kind"] == "exchange"]
    assert sorted(numbers) == list(range(1, len(numbers) + 1)), "one controller numbers the exchanges"


class Watched(Vendor):
    """A vendor that notes whose key asked."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.keys: Counter[str] = Counter()
        self.guard = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        with self.guard:
            self.keys[key] += 1
        return super().handle_request(request)


def crewed(vendor: Vendor, **more: Any) -> Run:
    """Return a run with three workers at a stranger's, each with a key of the pool."""
    plain = run_at(vendor, **more)
    target = plain.target
    others = tuple(
        Levers(vendor.contract, replace(target, keys={"default": key}), plain.conductor._wire, None, pool=number)
        for number, key in enumerate(POOL, 1)
    )
    return run_at(vendor, others=others, **more)


def proven(run: Run) -> Run:
    run.begin()
    crew = Crew(run)
    crew.begin(run.plan.cases)
    for case in run.plan.cases:
        crew.verdicts(case)
    crew.end()
    run.finish()
    return run


def test_every_worker_has_a_key_of_its_own() -> None:
    vendor = Watched()
    proven(crewed(vendor))
    assert set(filter(None, vendor.keys)) == {KEY, *POOL}, "pictures need none"


def test_the_cap_holds_for_all_workers_together() -> None:
    price = run_at(Vendor()).plan.price
    vendor = Vendor()
    run = proven(crewed(vendor, cap=price // 2, watched=True))
    assert run.budget.stopped
    assert vendor.taken <= price // 2


def test_a_double_charging_vendor_overshoots_by_the_calls_in_flight_at_most() -> None:
    price = run_at(Vendor()).plan.price
    vendor = Vendor(factor=2, says=2)
    proven(crewed(vendor, cap=price // 2))
    assert vendor.taken <= price // 2 + 3 * max(vendor.charges)


def test_a_case_that_needs_a_further_key_runs_with_the_first_worker() -> None:
    run = crewed(Vendor(), select=())
    crew = Crew(run)
    crew._waiting = list(run.plan.cases)
    given = []
    while (case := crew._next(1)) is not None:
        given.append(case)
    left = crew._waiting
    assert given
    assert left
    own = {KeyRole.DEFAULT, KeyRole.FRESH, KeyRole.NONE, KeyRole.INVALID}
    assert all(send.key.role in own for case in given for send in case.sends())
    assert all(any(send.key.role not in own for send in case.sends()) for case in left)


def test_too_few_keys_are_named_before_anything_is_sent(tmp_path: Path) -> None:
    target = Target(base_url="http://127.0.0.1:9/v1", profile="perf", keys={"default": "a"}, pool=("b",))
    options = VerifyOptions(target=target, workers=3)
    with (
        pytest.raises(BadUsage, match="3 workers need 3 keys, and there are 2"),
        verifying.prepared(options, loading.shipped("perf"), tmp_path),
    ):
        pass
    assert not (tmp_path / "run.jsonl").exists()


def target_file(folder: Path, pool: str) -> Target:
    path = folder / "target.yaml"
    path.write_text(f"base_url: {BASE}\nkeys: {{default: one}}\npool: {pool}\n", "utf-8")
    return load_target(path, {"A": "two"})


def test_a_pool_comes_from_the_environment_and_is_secret(tmp_path: Path) -> None:
    target = target_file(tmp_path, '["${A}", three]')
    assert target.pool == ("two", "three")
    assert set(target.secrets()) == {"one", "two", "three"}


@pytest.mark.parametrize(
    ("pool", "said"), [("two", "must be a list"), ("[one]", "stands here twice"), ('[""]', "is no key")]
)
def test_a_pool_that_cannot_be_used_is_refused_with_its_line(pool: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadDocument, match=said) as caught:
        target_file(tmp_path, pool)
    assert "target.yaml:3" in str(caught.value)
