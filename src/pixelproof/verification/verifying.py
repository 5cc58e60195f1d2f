"""Puts a verification together: contract, target, levers, plan, record. The engine is pytest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pixelproof import loading
from pixelproof.client import Wire, WireOptions
from pixelproof.contract import Contract
from pixelproof.deviation import Tier
from pixelproof.documents.document import nearest
from pixelproof.findings.waivers import Waiver, load_waivers
from pixelproof.levers import Levers
from pixelproof.money import Units
from pixelproof.planning.budget import parse_cap
from pixelproof.planning.case import Case
from pixelproof.problems import BadUsage, KeyRefused, Unreachable
from pixelproof.record.recording import Record, Recording, Sink
from pixelproof.record.resuming import Earlier, earlier_of, kept_lines
from pixelproof.running.allowance import allowance
from pixelproof.running.conducting.brake import Brake
from pixelproof.running.ending import RunOutcome
from pixelproof.running.preflight import preflight
from pixelproof.running.run import Run, RunSettings
from pixelproof.running.workbench import Workbench, make_run
from pixelproof.settings import MockSettings
from pixelproof.strategies import Plan, PlanRequest, make_plan
from pixelproof.strategies.claims import JudgeLevel
from pixelproof.targets import destination
from pixelproof.targets.control import ControlPlane
from pixelproof.targets.file import Target
from pixelproof.traffic.pace import Pace
from pixelproof.verification.embedded import running

#: The contract whose claims are the stricter layer of ``--level openai``.
REFERENCE_PROFILE = "openai"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOptions:
    """What the user asked for, parsed but not yet looked up."""

    url: str | None = None
    profile: str | None = None
    contract_file: Path | None = None
    target: Target | None = None
    key: str | None = None
    tier: Tier = Tier.CORE
    level: JudgeLevel = JudgeLevel.DOCUMENTED
    seed: int = 0
    max_cost: str | None = None
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    require_complete: bool = False
    strict: bool = False
    report_dir: Path = field(default_factory=lambda: Path("pixelproof-out"))
    keep_images: bool = True
    wire: WireOptions = field(default_factory=WireOptions)
    #: A liar or variation for the embedded mock.
    liar: str | None = None
    waivers_file: Path | None = None
    #: Recorded cases to send again, instead of a plan.
    cases: tuple[Case, ...] = ()
    max_images: int | None = None
    workers: int = 1
    #: With fewer keys than workers, take fewer workers.
    fewer_workers: bool = False
    #: Requests a second of the whole run.
    rate: float | None = None
    deadline_s: float | None = None
    task_timeout_s: float | None = None
    #: The record of a run that was cut and goes on in its folder.
    resume: Record | None = None

    @property
    def embedded(self) -> bool:
        """Tell whether our own mock is verified."""
        return self.url is None and self.target is None


def contracts(options: VerifyOptions) -> tuple[Contract, ...]:
    """Return the contracts to prove: the named one, the outside one, or (embedded) every one."""
    if options.contract_file is not None:
        return (loading.outside(options.contract_file),)
    name = options.profile or (options.target.profile if options.target else None)
    if name is not None:
        return (loading.shipped(name),)
    if options.embedded:
        shipped = tuple(loading.shipped(profile) for profile in loading.profiles())
        # a claim that is selected belongs to one profile: the others have nothing to prove
        chosen = tuple(contract for contract in shipped if _planned(options, contract, None, prices_hold=True).cases)
        return chosen or shipped
    raise BadUsage("a URL alone does not say whose contract it keeps", "add --profile or --contract")


@contextmanager
def prepared(options: VerifyOptions, contract: Contract, folder: Path) -> Iterator[Run]:
    """Yield a run that is ready to prove its cases; the record is closed afterwards.

    Raises Unreachable or KeyRefused when the target cannot be verified at all; the record
    then ends with that outcome, and an interrupted run ends as such.
    """
    with _target(options, contract) as target, closing(_wire(options.wire)) as wire, ExitStack() as stack:

        def record(kept: Iterable[Mapping[str, object]]) -> Sink:
            """Start the record when all else is right: a slip of usage leaves an older one alone."""
            durable = not target.loopback
            recording = Recording(folder, keep_images=options.keep_images, kept=kept, durable=durable)
            return stack.enter_context(closing(recording))

        with _ending_the_record(_run(options, contract, target, wire, record)) as run:
            preflight(run, wire)
            yield run


@contextmanager
def _ending_the_record(run: Run) -> Iterator[Run]:
    run.begin()
    try:
        yield run
    except (Unreachable, KeyRefused) as problem:
        run.finish(str(problem), RunOutcome.UNREACHABLE)
        raise
    except KeyboardInterrupt:
        run.interrupted = True
        run.finish("interrupted")
        raise


def plan_for(options: VerifyOptions, contract: Contract) -> Plan:
    """Return what would be sent, without sending anything."""
    return _plan(options, contract, options.target, prices_hold=options.embedded)


@contextmanager
def _target(options: VerifyOptions, contract: Contract) -> Iterator[Target]:
    if options.embedded:
        settings = MockSettings(seed=options.seed, liar=options.liar)
        with running(contract, settings) as url:
            yield Target(base_url=url, profile=contract.profile, control=destination.admin_of(url))
        return
    yield destination.addressed(options.target, options.url, options.key)


#: Starts a record with the lines of an earlier part of the run.
_StartRecord = Callable[[Iterable[Mapping[str, object]]], Sink]


def _run(options: VerifyOptions, contract: Contract, target: Target, wire: Wire, record: _StartRecord) -> Run:
    control = destination.control_of(contract, target, wire)
    if control is None and "default" not in target.keys:
        target = destination.with_local_key(target)
    plan = _plan(options, contract, target, prices_hold=control is not None)
    budget = allowance(plan, target, options.max_cost, options.max_images)
    levers = _levers(options, contract, target, wire, control)
    waivers = _waivers(options, target)
    earlier = Earlier() if options.resume is None else earlier_of(options.resume, plan)
    run = make_run(
        Workbench(
            plan=plan,
            target=target,
            settings=RunSettings(
                tier=options.tier.value,
                level=options.level.value,
                seed=options.seed,
                require_complete=options.require_complete,
                strict=options.strict,
                origin=_origin(options),
            ),
            wire=wire,
            levers=levers[0],
            others=levers[1:],
            sink=record(kept_lines(earlier, plan)),
            budget=budget,
            waivers=waivers,
            brake=Brake(deadline_s=options.deadline_s),
            pace=_pace(options, contract, target),
        )
    )
    run.earlier = earlier
    return run


def _levers(
    options: VerifyOptions, contract: Contract, target: Target, wire: Wire, control: ControlPlane | None
) -> tuple[Levers, ...]:
    """Return the levers of each worker, with a key of its own. Raises BadUsage when there are too few keys."""
    keys = 1 + len(target.pool)
    few = control is None and options.workers > keys
    if few and not options.fewer_workers:
        raise BadUsage(
            f"{options.workers} workers need {options.workers} keys, and there are {keys}",
            f"pool: with {options.workers - 1} more keys in the target file, each of an account of its own",
        )
    made = []
    for number in range(keys if few else options.workers):
        own = target if number == 0 else _of_pool(target, number)
        pool = number if number and own.keys.get("default") else None
        made.append(Levers(contract, own, wire, control, pool=pool, task_timeout_s=options.task_timeout_s))
    return tuple(made)


def _of_pool(target: Target, number: int) -> Target:
    """Return the target as a further worker sees it: with a key of the pool, else with an account yet to be opened."""
    others = {role: key for role, key in target.keys.items() if role != "default"}
    own = {"default": target.pool[number - 1]} if number <= len(target.pool) else {}
    return replace(target, keys={**others, **own})


def _pace(options: VerifyOptions, contract: Contract, target: Target) -> Pace:
    """Return the pace: the user's rate, and off this machine the limits that the document states."""
    limits = {} if target.loopback else {name: limit.value for name, limit in contract.limits.items()}
    return Pace(
        now=time.monotonic,
        sleep=time.sleep,
        rate=options.rate,
        requests_a_minute=limits.get("requests_per_minute"),
        images_a_minute=limits.get("images_per_minute"),
    )


def _origin(options: VerifyOptions) -> dict[str, object]:
    """Return what a record says of where contract and mock came from, so that they can be had again."""
    told: dict[str, object] = {}
    if options.contract_file is not None:
        told["contract"] = str(options.contract_file)
    if options.embedded:
        told["mock"] = {"seed": options.seed, "liar": options.liar}
    return told


def _plan(options: VerifyOptions, contract: Contract, target: Target | None, *, prices_hold: bool) -> Plan:
    plan = _planned(options, contract, target, prices_hold=prices_hold)
    if not contract.claims:
        raise BadUsage("the contract has no claims, so there is nothing to prove", "put a claims.yaml beside it")
    if not plan.cases:
        unknown = next((name for name in options.select if name not in contract.claims), None)
        hint = nearest(unknown, contract.claims) if unknown else "try --tier full, or exclude less"
        raise BadUsage(f"no case of {contract.profile} is left to prove at tier {options.tier.value}", hint)
    return plan


def _planned(options: VerifyOptions, contract: Contract, target: Target | None, *, prices_hold: bool) -> Plan:
    reference = loading.shipped(REFERENCE_PROFILE) if options.level is JudgeLevel.OPENAI else None
    plan = make_plan(
        PlanRequest(
            contract=contract,
            tier=options.tier,
            level=options.level,
            prices_hold=prices_hold,
            prices=_prices(contract, target),
            limits=target.limits if target is not None and target.control is None else {},
            select=options.select,
            exclude=options.exclude,
            seed=options.seed,
            reference=reference,
        )
    )
    return replace(plan, cases=options.cases) if options.cases else plan


def _prices(contract: Contract, target: Target | None) -> dict[str, Units]:
    stated = target.prices if target is not None else {}
    currency = contract.billing.currency
    return {model: parse_cap(text, currency, name=f"prices: {model}") or Units(0) for model, text in stated.items()}


def _wire(options: WireOptions) -> Wire:
    try:
        return Wire(options)
    except OSError as error:
        what = f"--ca-bundle {options.ca_bundle}: cannot be used: {error.strerror or error}"
        raise BadUsage(what, "name a file with PEM certificates") from None
    except ValueError as error:
        raise BadUsage(f"--proxy {options.proxy}: {error}", "for example http://127.0.0.1:3128") from None


def _waivers(options: VerifyOptions, target: Target) -> tuple[Waiver, ...]:
    path = options.waivers_file or (Path(target.waivers) if target.waivers else None)
    return load_waivers(path) if path is not None else ()
