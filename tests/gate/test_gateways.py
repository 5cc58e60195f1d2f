"""Every lying gateway is found out, and every honest one is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from pixelproof import loading
from pixelproof.documents.document import read
from pixelproof.gate.file import load_gate
from pixelproof.gate.gating import Gated, readied
from pixelproof.gate.launching import Running, small_environment
from pixelproof.gate.upstream import Behind, serving
from pixelproof.levers import Levers
from pixelproof.record.recording import read_record
from pixelproof.targets.file import Target
from pixelproof.verdict import CaseVerdict, Verdict

from .gateways import CALLERS, Gateway, listening
from .liars import LIARS, Own, Tasks
from .variations import HONEST, KnowsFewModels, RemembersRequests

TOLD = read(loading.specs_folder() / "gateway" / "liars.yaml").value["liars"]
#: Cases that meet every rule, on one model where one will do.
ENOUGH = (
    "gate/refused/dall-e-2/* gate/asked/dall-e-2/* gate/asked/*/plain "
    "gate/faults/* gate/repeated* gate/money/* gate/callers/*"
)
#: A load is no case like the others.
LOADED = "gate/load"
ALARMS = {Verdict.FAIL, Verdict.WARN, Verdict.ERROR}


Upstreams = Callable[[str], Behind]


@pytest.fixture(scope="module")
def upstreams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstreams]:
    """One upstream of a profile for all gateways before it: each of them is told apart by its traces."""
    with ExitStack() as stack:

        @cache
        def upstream(profile: str) -> Behind:
            contract = loading.behind_gateways(loading.shipped(profile))
            folder = tmp_path_factory.mktemp("upstream")
            wanted = load_gate(gate_file(folder, own=False, profile=profile)).upstream
            return stack.enter_context(serving(contract, wanted, folder, small_environment()))

        yield upstream


@pytest.fixture
def behind(upstreams: Upstreams) -> Behind:
    return upstreams("openai")


def gate_file(folder: Path, *, own: bool, idempotency: str = "", profile: str = "openai") -> Path:
    """Write a gate file for a gateway that runs already."""
    keys = f"keys: {{default: {CALLERS[0]}, other: {CALLERS[1]}}}, " if own else ""
    known = own and profile == "openai"
    wallet = "balance: {request: GET /wallet, pointer: /balance, unit: USD, exclusive: true}, " if known else ""
    path = folder / "gate.yaml"
    path.write_text(
        f"auth: {'own' if own else 'passthrough'}\n"
        f"upstream: {{profile: {profile}}}\n"
        f'target: {{{keys}{wallet}base_url: "http://127.0.0.1:{{port}}/v1"}}\n'
        "timeout_s: 10\nhang_s: 0.2\nload: {requests: 160}\n"
        + (f"idempotency: {idempotency}\n" if idempotency else ""),
        "utf-8",
    )
    return path


@contextmanager
def before(kind: type[Gateway], behind: Behind, folder: Path, *, idempotency: str = "") -> Iterator[Gated]:
    """Yield a gateway of a kind, ready to be proven."""
    log = folder / "gateway.log"
    log.write_bytes(b"")
    gateway = kind(behind.origin, behind.account.key, log)
    gate = load_gate(gate_file(folder, own=kind.own, idempotency=idempotency, profile=behind.contract.profile))
    with listening(gateway) as port:
        places = {"port": str(port), "upstream_key": behind.account.key, "here": str(folder)}
        behind.trap = None
        with readied(gate, behind, Running(places=places, log=log), folder) as ready:
            yield replace(ready, sleep=lambda _seconds: None)
    behind.take_down()


def proven(ready: Gated, patterns: str) -> list[CaseVerdict]:
    """Prove the cases of some globs, apart by blanks."""
    if patterns == LOADED:
        ready.prove_load()
        return list(ready.run.verdicts)
    wanted = [case for case in ready.cases if any(fnmatchcase(case.case.id, glob) for glob in patterns.split())]
    assert wanted
    ready.prove_gateway(wanted)
    return list(ready.run.verdicts)


@pytest.mark.parametrize("name", sorted(LIARS))
def test_a_lying_gateway_is_found_out_by_the_claim_it_breaks(name: str, upstreams: Upstreams, tmp_path: Path) -> None:
    told = TOLD[name]
    behind = upstreams(told.get("before", "openai"))
    with before(LIARS[name], behind, tmp_path, idempotency="Idempotency-Key" if "idempotency" in name else "") as ready:
        found = proven(ready, told["cases"])
    wanted = Verdict.WARN if told.get("found") == "warn" else Verdict.FAIL
    hits = [line for line in found if line.claim == told["claim"] and line.verdict is wanted]
    assert hits, [(line.case, line.claim, line.rule, line.verdict.value, line.got) for line in found]
    assert not [line for line in found if line.verdict is Verdict.ERROR]


@pytest.mark.parametrize("name", sorted(HONEST))
def test_an_honest_gateway_is_left_alone(name: str, behind: Behind, tmp_path: Path) -> None:
    kind = HONEST[name]
    with before(kind, behind, tmp_path, idempotency="Idempotency-Key" if kind is RemembersRequests else "") as ready:
        found = proven(ready, ENOUGH)
    assert [(line.case, line.rule, line.got) for line in found if line.verdict in ALARMS] == []
    judged = {line.claim for line in found if line.verdict.judged}
    every = set(loading.gateway_claims())
    assert judged == (every if kind.own else every - {"GWY-09"})


@pytest.mark.parametrize("kind", [Gateway, Tasks])
def test_an_honest_gateway_before_a_provider_with_tasks_is_left_alone(
    kind: type[Gateway], upstreams: Upstreams, tmp_path: Path
) -> None:
    with before(kind, upstreams("stratizon"), tmp_path) as ready:
        found = proven(ready, "gate/*")
    assert [(line.case, line.rule, line.got) for line in found if line.verdict in ALARMS] == []
    assert not [line for line in found if line.rule == "task_told" and line.verdict is Verdict.NOT_RUN]
    judged = {line.claim for line in found if line.verdict.judged}
    assert judged == set(loading.gateway_claims()) - {"GWY-09"} - ({"GWY-11"} if kind.own else set())


@pytest.mark.parametrize("kind", [Own, KnowsFewModels])
def test_an_honest_gateway_is_left_alone_under_load(kind: type[Gateway], behind: Behind, tmp_path: Path) -> None:
    with before(kind, behind, tmp_path) as ready:
        found = proven(ready, LOADED)
    assert [(line.rule, line.got) for line in found if line.verdict in ALARMS] == []
    judged = {line.claim for line in found if line.verdict.judged}
    assert judged == {"GWY-02", "GWY-07", "GWY-08", "GWY-12"} | ({"GWY-11"} if kind.own else set())


def test_the_shelf_and_its_data_name_the_same_liars() -> None:
    assert set(TOLD) == set(LIARS)


def test_every_claim_about_gateways_has_a_liar() -> None:
    assert {row["claim"] for row in TOLD.values()} == set(loading.gateway_claims())


def test_a_record_keeps_what_the_upstream_saw_beside_what_the_caller_got(behind: Behind, tmp_path: Path) -> None:
    with before(Gateway, behind, tmp_path) as ready:
        proven(ready, "gate/asked/dall-e-2/n=2")
        ready.run.finish()
    (exchange,) = (
        item
        for item in read_record(tmp_path).exchanges
        if item.case.startswith("gate/asked") and item.role.value == "api"
    )
    (line,) = exchange.facts["upstream"]
    assert line["request"]["n"] == 2
    assert len(line["images"]) == 2
    assert line["charged"] > 0


def test_one_caller_alone_proves_nothing_about_two(behind: Behind, tmp_path: Path) -> None:
    with before(Own, behind, tmp_path) as ready:
        ready.run.levers = Levers(behind.contract, only_one(ready.run.target), ready.wire, None)
        (line,) = (line for line in proven(ready, "gate/callers/*") if line.claim == "GWY-12")
    assert line.verdict is Verdict.NOT_RUN
    assert "name a key 'other'" in line.got


def only_one(target: Target) -> Target:
    return replace(target, keys={"default": target.keys["default"]})
