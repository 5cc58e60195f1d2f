"""Puts a gate together: upstream, gateway, the profile's suites through it, and the cases with faults behind it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pixelproof import loading
from pixelproof.client import Answer, Wire, WireOptions
from pixelproof.contract import Json
from pixelproof.deviation import Tier
from pixelproof.engine import prove_suites
from pixelproof.exchange import Request, Role
from pixelproof.findings.judging import Absence
from pixelproof.gate.casebook import GATE, GateCase, Terms, gate_cases
from pixelproof.gate.file import Auth, GateFile, target_at
from pixelproof.gate.launching import Running, launched, small_environment
from pixelproof.gate.probing import Plants, Prober
from pixelproof.gate.underload import Load
from pixelproof.gate.unsent import LOG_CASE, load_case
from pixelproof.gate.upstream import Behind, serving
from pixelproof.planning.case import Case, Check
from pixelproof.planning.caseline import case_line
from pixelproof.record.recording import exchange_line
from pixelproof.running.ending import Summary
from pixelproof.running.run import Run
from pixelproof.targets.file import Target
from pixelproof.targets.slips import EFFECTS
from pixelproof.verdict import CaseVerdict, Reason
from pixelproof.verification import verifying
from pixelproof.verification.verifying import VerifyOptions

#: What a prompt reaches behind a gateway with keys of its own, of what says the same at both ends.
_PROVOKED = EFFECTS - {"forbidden", "partial", "task_failure"}
#: The suites need one tier; this one sends nothing of them.
_NO_SUITES = "none"
#: The claim about the wallets that a gateway keeps itself.
_OWN_WALLETS = "GWY-09"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """A gateway that runs, with a run that is ready to prove it."""

    run: Run
    gate: GateFile
    behind: Behind
    running: Running
    cases: tuple[GateCase, ...]
    wire: Wire
    folder: Path
    #: Waits a gateway's cooldown out.
    sleep: Callable[[float], None] = time.sleep

    def prove(self, watch: Callable[[GateCase], None] = lambda _case: None) -> Summary:
        """Run the suites through the gateway, then its own cases, and end the record."""
        if self.gate.tier != _NO_SUITES:
            prove_suites(self.run)
        if not self.run.interrupted:
            self.prove_gateway(self.cases, watch)
        if self.gate.load_requests and not self.run.interrupted and self.run.brake.halt is None:
            self.prove_load()
        return self.run.finish()

    def prove_gateway(self, cases: Iterable[GateCase], watch: Callable[[GateCase], None] = lambda _case: None) -> None:
        """Prove cases of the gateway alone, and look through its log."""
        plants = Plants(keys={"the upstream's key": self.behind.account.key} if self._own else {})
        prober = Prober(
            run=self.run,
            behind=self.behind,
            wire=self.wire,
            plants=plants,
            sleep=self.sleep,
            ended=self.running.ended,
            nonce=secrets.token_hex(4),
        )
        try:
            prober.prove(cases, watch)
        except KeyboardInterrupt:
            self.run.interrupted = True
        self.run.record(self._unjudged())
        self.run.record(self._log())

    def prove_load(self) -> None:
        """Load the gateway for a short while, and judge what came of it."""
        load = Load(
            gate=self.gate,
            target=self.run.target,
            contract=self.run.contract,
            behind=self.behind,
            wire=self.wire,
            folder=self.folder,
            listed=self.run.listed,
        )
        result, facts = load.run()
        self.run.interrupted = result.interrupted
        self.run.conductor.requests += result.tally.requests
        self.run.record(self._judged(load_case(self.gate.auth.value), "load", facts))

    @property
    def _own(self) -> bool:
        return self.gate.auth is Auth.OWN

    def _unjudged(self) -> list[CaseVerdict]:
        """Say of a provider that answers with tasks that its gateway was not judged."""
        if self.cases:
            return []
        checks = tuple(Check(rule="", claim=claim) for claim in loading.gateway_claims())
        what = "a gateway before a provider that answers with tasks is judged by its suites alone"
        absence = Absence(reason=Reason.ROUTE, what=what)
        return self.run._judging(LOG_CASE).absent(Case(id=f"{GATE}/tasks", steps=(), checks=checks), absence)  # noqa: SLF001 - the run's own way to judge

    def _log(self) -> list[CaseVerdict]:
        known = {f"the caller's key '{role}'": key for role, key in self.run.target.keys.items()}
        plants = Plants(keys={"the upstream's key": self.behind.account.key, **known})
        log = self.running.log
        leaks: Json = plants.seen(log.read_bytes(), log.name) if log is not None else None
        return self._judged(LOG_CASE, "log", {"leaks": leaks})

    def _judged(self, case: Case, step: str, facts: Mapping[str, Json]) -> list[CaseVerdict]:
        """Judge a case of which nothing is sent by the facts that were gathered for it."""
        exchange = self.run.recorder.exchange(case.id, step, Role.CONTROL, Request(method="READ", url=step), Answer())
        exchange = replace(exchange, facts=facts)
        self.run.sink.line(case_line(case))
        self.run.sink.line(exchange_line(exchange))
        return self.run._judging(case).judged(case, (exchange,))  # noqa: SLF001 - as above


@contextmanager
def gated(gate: GateFile, folder: Path, *, strict: bool = False) -> Iterator[Gated]:
    """Start upstream and gateway, and yield them with a run; stop exactly what was started, however it ends.

    Raises BadDocument, BadUsage, Unreachable and KeyRefused as ``verify`` does.
    """
    contract = loading.behind_gateways(loading.shipped(gate.upstream.profile))
    folder.mkdir(parents=True, exist_ok=True)
    with (
        closing(Wire(WireOptions(timeout_s=2.0))) as knock,
        serving(contract, gate.upstream, folder, small_environment()) as behind,
        launched(gate, _places(behind), folder, knock) as running,
        readied(gate, behind, running, folder, strict=strict) as ready,
    ):
        yield ready


@contextmanager
def readied(gate: GateFile, behind: Behind, running: Running, folder: Path, *, strict: bool = False) -> Iterator[Gated]:
    """Yield a run against a gateway that answers already, before an upstream that does."""
    contract = behind.contract
    with closing(Wire(WireOptions(timeout_s=gate.timeout_s))) as wire:
        options = VerifyOptions(
            target=_target(gate, running, behind),
            tier=Tier.SMOKE if gate.tier == _NO_SUITES else Tier(gate.tier),
            strict=strict,
            report_dir=folder,
            wire=WireOptions(timeout_s=gate.timeout_s),
        )
        cases = gate_cases(contract, _terms(gate))
        with verifying.prepared(options, contract, folder) as run:
            _widen(run, gate, cases)
            yield Gated(run=run, gate=gate, behind=behind, running=running, cases=cases, wire=wire, folder=folder)


def _places(behind: Behind) -> dict[str, str]:
    return {"upstream_url": behind.url, "upstream_origin": behind.origin, "upstream_key": behind.account.key}


def _target(gate: GateFile, running: Running, behind: Behind) -> Target:
    """Return the gateway as a target: with passthrough its callers' keys are accounts of the upstream."""
    target = target_at(gate, running.places)
    if gate.auth is Auth.PASSTHROUGH:
        return replace(target, control=behind.control.address)
    if "default" in target.keys and target.keys["default"] != behind.account.key:
        behind.set_trap(target.keys["default"])
    return replace(target, prompts={**{effect: f"mock:{effect}" for effect in _PROVOKED}, **target.prompts})


def _terms(gate: GateFile) -> Terms:
    return Terms(
        auth=gate.auth.value,
        models=gate.models,
        params=gate.params,
        timeout_s=gate.timeout_s,
        hang_s=gate.hang_s,
        cost_basis=gate.cost_basis.value,
        idempotency=gate.idempotency,
    )


def _widen(run: Run, gate: GateFile, cases: tuple[GateCase, ...]) -> None:
    """Let a run plan the gateway's cases too, so that none of them is missing without a word."""
    own = () if gate.tier == _NO_SUITES else run.plan.cases
    # with the callers' keys passed on there is one wallet, and nothing to hold against another one
    expected = (claim for claim in loading.gateway_claims() if gate.auth is Auth.OWN or claim != _OWN_WALLETS)
    obligations = (*(run.plan.obligations if own else ()), *expected)
    load = (load_case(gate.auth.value),) if gate.load_requests else ()
    run.plan = replace(run.plan, cases=(*own, *(case.case for case in cases), *load), obligations=obligations)
