"""A run that was cut goes on: nothing is paid twice, nothing recorded is lost, and the end is the same."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from pixelproof import loading
from pixelproof.deviation import Tier
from pixelproof.problems import BadUsage
from pixelproof.record.recording import Recording, read_record
from pixelproof.record.resuming import INTERRUPTED, earlier_of, kept_lines
from pixelproof.running.ending import RunOutcome
from pixelproof.running.run import Run
from pixelproof.settings import MockSettings
from pixelproof.verdict import Reason, Verdict
from pixelproof.verification.embedded import running

from .vendor import Vendor, run_at

SELECT = ("refusals/dall-e-2/n*", "images/dall-e-2/size*", "images/dall-e-2/response_format*", "images/dall-e-2/n=2")
SCHEMA = Draft202012Validator(json.loads((Path(__file__).parents[2] / "specs/schema/run.schema.json").read_text()))
Line = Mapping[str, Any]


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in path.read_text("utf-8").splitlines()]


def proven(run: Run) -> Run:
    run.begin()
    for case in run.plan.cases:
        run.prove(case)
    run.finish()
    return run


def recorded(vendor: Vendor, folder: Path, **more: Any) -> tuple[Run, Path]:
    """Run to the end, and write it down."""
    recording = Recording(folder, keep_images=False)
    run = proven(run_at(vendor, tier=Tier.CORE, select=SELECT, sink=recording, **more))
    recording.close()
    return run, recording.path


def resumed(vendor: Vendor, path: Path, **more: Any) -> tuple[Run, Path]:
    """Go on with the record at ``path``, with another vendor that knows nothing of it."""
    plan = run_at(vendor, tier=Tier.CORE, select=SELECT).plan
    earlier = earlier_of(read_record(path), plan)
    recording = Recording(path.parent, keep_images=False, kept=kept_lines(earlier, plan))
    run = run_at(vendor, tier=Tier.CORE, select=SELECT, sink=recording, **more)
    run.earlier = earlier
    proven(run)
    recording.close()
    return run, path


def cut(lines: Sequence[Line], count: int, folder: Path, *, torn: str = "") -> Path:
    """Leave the first lines of a record, as a killed run does; ``torn`` begins the next one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "run.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines[:count]) + torn, "utf-8")
    return path


def verdicts(lines: Sequence[Line]) -> Counter[tuple[str, str, str, str]]:
    found = (line for line in lines if line["kind"] == "verdict")
    return Counter((line["case"], line["rule"], line["claim"], line["verdict"]) for line in found)


def without(found: Counter[tuple[str, str, str, str]], cases: set[str]) -> Counter[tuple[str, str, str, str]]:
    return Counter({key: count for key, count in found.items() if key[0] not in cases})


def of_case(lines: Sequence[Line], case: str) -> Counter[tuple[str, str, str, str]]:
    return Counter({key: count for key, count in verdicts(lines).items() if key[0] == case})


def paid_cases(lines: Sequence[Line]) -> Counter[tuple[str, str]]:
    return Counter((line["case"], line["step"]) for line in lines if line["kind"] == "sent" and float(line["price"]))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Line]:
    _, path = recorded(Vendor(), tmp_path_factory.mktemp("whole"))
    return lines_of(path)


def places(whole: list[Line]) -> Iterator[int]:
    """Yield cuts behind the first line: around every paid call, and some elsewhere."""
    paid = [index for index, line in enumerate(whole) if line["kind"] == "sent" and float(line["price"])]
    near = {index + step for index in paid[:4] for step in range(5)}
    yield from sorted(near | set(range(1, len(whole), max(1, len(whole) // 8))))


def test_wherever_a_run_is_cut_nothing_is_paid_twice_and_nothing_is_lost(whole: list[Line], tmp_path: Path) -> None:
    untouched = verdicts(whole)
    for place in places(whole):
        vendor = Vendor()
        path = cut(whole, place, tmp_path / str(place), torn='{"kind": "exch')
        paid_before = paid_cases(whole[:place])
        run, _ = resumed(vendor, path)
        after = lines_of(path)
        assert max(paid_cases(after).values()) == 1
        assert len(vendor.paid) + len(paid_before) <= sum(paid_cases(whole).values()), "never more than planned"
        kept = Counter(line["seq"] for line in after if line["kind"] == "exchange")
        assert set(kept.values()) == {1}, "every exchange has a number of its own"
        assert {line["seq"] for line in whole[:place] if line["kind"] == "exchange"} <= set(kept)
        for line in after:
            SCHEMA.validate(line)
        assert (after[0]["resumed"], after[-1]["kind"]) == (1, "end")
        missing = {line["case"] for line in after if line.get("reason") == Reason.CUT}
        assert missing <= {case for case, _ in paid_before}
        assert len(missing) <= 1, "only the case that was under way is given up"
        assert without(verdicts(after), missing) == without(untouched, missing)
        # what was sent before the cut is spent, answered or not; a refusal in flight might have been served
        assert run.plan.price <= run.budget.spent <= run.plan.price + 20_000
        assert run.budget.in_flight == 0


def test_a_case_that_was_conducted_but_not_judged_is_judged_from_the_record(whole: list[Line], tmp_path: Path) -> None:
    place = next(
        index
        for index, line in enumerate(whole)
        if line["kind"] == "case" and any(key[0] == line["case"] for key in paid_cases(whole))
    )
    case = whole[place]["case"]
    vendor = Vendor()
    _, path = resumed(vendor, cut(whole, place + 1, tmp_path))
    assert of_case(lines_of(path), case) == of_case(whole, case)
    assert sum(paid_cases(lines_of(path)).values()) == sum(paid_cases(whole).values())


def test_exchanges_of_a_case_that_begins_anew_are_set_aside(whole: list[Line], tmp_path: Path) -> None:
    free = {line["case"] for line in whole if line["kind"] == "sent" and not float(line["price"])}
    first = next(index for index, line in enumerate(whole) if line["kind"] == "exchange" and line["case"] in free)
    _, path = resumed(Vendor(), cut(whole, first + 1, tmp_path))
    cases = [line["case"] for line in lines_of(path) if line["kind"] == "exchange"]
    assert f"{INTERRUPTED}{whole[first]['case']}" in cases
    assert whole[first]["case"] in cases


def test_a_run_stopped_by_its_budget_goes_on_with_a_higher_cap(tmp_path: Path) -> None:
    first, second = Vendor(), Vendor()
    price = run_at(Vendor(), tier=Tier.CORE, select=SELECT).plan.price
    stopped, path = recorded(first, tmp_path, cap=price // 2)
    assert stopped.budget.stopped
    run, _ = resumed(second, path, cap=price)
    assert len(first.paid) + len(second.paid) <= sum(paid_cases(lines_of(path)).values())
    assert run.budget.spent == first.taken + second.taken <= price
    assert not [line for line in run.verdicts if line.reason == Reason.BUDGET and line.case not in run.earlier.settled]


def test_the_cap_counts_what_was_spent_before_the_cut(whole: list[Line], tmp_path: Path) -> None:
    price = run_at(Vendor(), tier=Tier.CORE, select=SELECT).plan.price
    place = next(index for index, line in enumerate(whole) if line["kind"] == "sent" and float(line["price"]))
    vendor = Vendor()
    run, _ = resumed(vendor, cut(whole, place + 1, tmp_path), cap=price - 1)
    assert run.budget.spent < price
    assert run.budget.stopped


def test_a_refusal_in_flight_counts_as_served(whole: list[Line], tmp_path: Path) -> None:
    place = next(index for index, line in enumerate(whole) if line["kind"] == "sent" and not float(line["price"]))
    run, _ = resumed(Vendor(), cut(whole, place + 1, tmp_path))
    currency = run.contract.billing.currency
    assert run.budget.spent == run.plan.price + currency.parse(whole[place]["worst"])


def test_what_a_wallet_lost_while_nobody_looked_is_measured_at_the_next_call(tmp_path: Path) -> None:
    """The call in flight was charged double when the run was killed; the record still knows the wallet before it."""
    cheat = Vendor(factor=2)
    _, path = recorded(cheat, tmp_path / "cheat", cap=10**9, watched=True)
    lines = lines_of(path)
    place = [index for index, line in enumerate(lines) if line["kind"] == "sent" and float(line["price"])][2]
    taken = sum(cheat.charges[:3])
    honest = Vendor(taken=taken)
    run, _ = resumed(honest, cut(lines, place + 1, tmp_path / "cut"), cap=10**9, watched=True)
    assert run.budget.spent >= honest.taken


def test_a_finished_run_that_is_resumed_asks_for_nothing(tmp_path: Path) -> None:
    _, path = recorded(Vendor(), tmp_path)
    before, vendor = lines_of(path), Vendor()
    run, _ = resumed(vendor, path)
    assert (vendor.paid, run.conductor.requests) == ([], 0)
    assert verdicts(lines_of(path)) == verdicts(before)
    assert run.summary().outcome is RunOutcome(before[-1]["outcome"])
    assert lines_of(path)[-1]["requests"] == before[-1]["requests"]


def test_another_contract_cannot_go_on_with_a_record(whole: list[Line], tmp_path: Path) -> None:
    path = cut([{**whole[0], "contract_sha256": "0" * 64}, *whole[1:9]], 9, tmp_path)
    with pytest.raises(BadUsage, match="begin a new run"):
        resumed(Vendor(), path)


# -- with real processes -------------------------------------------------------------------------

PROFILE = "aivene"
KILLS = int(os.environ.get("PIXELPROOF_KILLS", "3"))


def command(url: str, folder: Path, *words: str) -> list[str]:
    base = [sys.executable, "-m", "pixelproof", "verify"]
    if words:
        return [*base, "--resume", str(folder), *words]
    return [*base, url, "--profile", PROFILE, "--tier", "smoke", "--report-dir", str(folder)]


def served(url: str) -> Counter[str]:
    """Count what the mock served and charged, by request body."""
    admin = url.removesuffix("/v1") + "/__admin/requests"
    found: Counter[str] = Counter()
    after: int | None = 0
    while after is not None:
        page = httpx.get(admin, params={"after": after, "limit": 500, "path": "/v1/images/generations"}).json()
        found.update(json.dumps(row["request"], sort_keys=True) for row in page["requests"] if row["status"] == 200)
        after = page["next"]
    return found


def test_killed_at_random_moments_a_run_still_ends_whole_and_pays_once(tmp_path: Path) -> None:
    chance = random.Random(os.environ.get("PIXELPROOF_SEED", "6"))
    folder = tmp_path / "run"
    with running(loading.shipped(PROFILE), MockSettings()) as url:
        kills = 0
        for words in [(), *[("--workers", "2")] * KILLS]:
            process = subprocess.Popen(
                command(url, folder, *words), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=tmp_path
            )
            until = time.monotonic() + 20
            size, wanted = 0, chance.randint(1, 60_000)
            while process.poll() is None and size < wanted and time.monotonic() < until:
                time.sleep(0.002)
                path = folder / "run.jsonl"
                size = path.stat().st_size if path.exists() else 0
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
            process.communicate()
            if not (folder / "run.jsonl").exists():
                break
        before = [line for line in _parsed(folder / "run.jsonl") if line["kind"] == "exchange"]
        done = subprocess.run(command(url, folder, "--json"), capture_output=True, text=True, check=False, cwd=tmp_path)
        lines = lines_of(folder / "run.jsonl")
        charged = served(url)
    assert kills
    assert done.returncode in {0, 5}, done.stderr
    assert max(charged.values()) == 1, "no body was served twice"
    assert {line["seq"] for line in before} <= {line["seq"] for line in lines if line["kind"] == "exchange"}
    assert (lines[0]["kind"], lines[-1]["kind"]) == ("run", "end")
    for line in lines:
        SCHEMA.validate(line)
    bad = [line for line in lines if line["kind"] == "verdict" and line["verdict"] in {"fail", "warn", "error"}]
    assert bad == []
    given_up = {line["case"] for line in lines if line.get("reason")}
    assert {line["reason"] for line in lines if line.get("reason")} <= {Reason.CUT}
    assert len(given_up) <= 2 * kills


def _parsed(path: Path) -> Iterator[dict[str, Any]]:
    for text in path.read_text("utf-8").splitlines():
        try:
            yield json.loads(text)
        except ValueError:
            continue


def test_an_interrupt_ends_the_record_and_says_130(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with running(loading.shipped(PROFILE), MockSettings()) as url:
        process = subprocess.Popen(
            [*command(url, folder), "--workers", "2", "--rate", "10"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        path, until = folder / "run.jsonl", time.monotonic() + 20
        while time.monotonic() < until and not (path.exists() and path.stat().st_size > 8_000):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    lines = lines_of(path)
    assert process.returncode == 130
    assert (lines[-1]["kind"], lines[-1]["outcome"]) == ("end", "interrupted")
    assert len({line["case"] for line in lines if line["kind"] == "verdict"}) == lines[0]["cases"]
    assert {Verdict(line["verdict"]) for line in lines if line["kind"] == "verdict"} >= {Verdict.NOT_RUN}
