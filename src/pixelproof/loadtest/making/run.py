"""Puts a load together: server, wallets, the process that makes it, and the reconciliation at its end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace

from pixelproof import loading
from pixelproof.client import Wire, WireOptions
from pixelproof.contract import Contract
from pixelproof.levers import Levers
from pixelproof.loadtest.making.count import Load
from pixelproof.loadtest.making.eager import Eager, is_limited
from pixelproof.loadtest.making.passbook import Passbook, Purses, opened
from pixelproof.loadtest.making.process import Progress, served
from pixelproof.loadtest.options import LoadOptions
from pixelproof.loadtest.plan import FIND_LIMIT, LoadPlan, Payer, mixture
from pixelproof.loadtest.result import LoadResult
from pixelproof.money import Units
from pixelproof.planning.budget import parse_cap
from pixelproof.problems import BadUsage, Unreachable
from pixelproof.targets.control import ControlPlane
from pixelproof.targets.destination import addressed, admin_of, control_of, with_local_key
from pixelproof.targets.file import Target

#: The record of a load, one line for each request.
RECORD = "load.jsonl"
#: Wallets at a pixelproof mock: enough to be several, few enough that users meet at one.
_MOST_ACCOUNTS = 16
#: Seconds that a ledger may take at least, however little patience requests have.
_PATIENT_S = 60.0


def run_load(options: LoadOptions, watch: Callable[[Progress], None] = lambda _progress: None) -> LoadResult:
    """Load a server, and return what came of it; ``watch`` is told the progress a few times a second.

    Raises BadUsage, and Unreachable when nothing answers.
    """
    contract = contract_of(options)
    with ExitStack() as stack:
        if options.embedded:
            mock = stack.enter_context(served(_name(options, contract), options.seed, options.liar))
            target = Target(base_url=mock.url, profile=contract.profile, control=admin_of(mock.url))
            options = replace(options, mock=mock.pid)
        else:
            target = target_of(options)
        wire = stack.enter_context(closing(_wire(options)))
        return prepared(options, contract, target, wire).run(watch)


def prepared(options: LoadOptions, contract: Contract, target: Target, wire: Wire) -> Load:
    """Open the wallets and plan a load; nothing of it is sent yet."""
    cap = _cap(options, contract, target)
    control = _control(contract, target, wire)
    plan = replace(_plan(options, contract, target, control), cap=cap)
    books: Passbook | Purses
    if control is not None:
        books = Passbook(control=control, currency=contract.billing.currency, payers=plan.payers)
    else:
        books = Purses(levers=Levers(contract, target, wire, None), payers=plan.payers)
    eager = None
    if control is not None and is_limited(contract) and options.shape != FIND_LIMIT:
        eager = Eager(contract, control, wire, plan)
    return Load(options, contract, plan, books, eager)


def contract_of(options: LoadOptions) -> Contract:
    """Return the contract that prices the requests. Raises BadUsage."""
    if options.contract_file is not None:
        return loading.outside(options.contract_file)
    name = options.profile or (options.target.profile if options.target else None)
    if name is None and not options.embedded:
        raise BadUsage("a URL alone does not say whose contract it keeps", "add --profile")
    return loading.shipped(name or loading.profiles()[0])


def target_of(options: LoadOptions) -> Target:
    """Return the server to load, with its levers. Raises BadUsage."""
    return addressed(options.target, options.url, options.key)


def _wire(options: LoadOptions) -> Wire:
    """Return the client that asks for ledgers and wallets: a long ledger takes its time. Raises BadUsage."""
    patience_s = max(_PATIENT_S, options.timeout_s)
    how = WireOptions(timeout_s=patience_s, ca_bundle=options.ca_bundle, insecure=options.insecure, proxy=options.proxy)
    try:
        return Wire(how)
    except OSError as error:
        what = f"--ca-bundle {options.ca_bundle}: cannot be used: {error.strerror or error}"
        raise BadUsage(what, "name a file with PEM certificates") from None
    except ValueError as error:
        raise BadUsage(f"--proxy {options.proxy}: {error}", "for example http://127.0.0.1:3128") from None


def _name(options: LoadOptions, contract: Contract) -> str:
    """Return what other processes find the contract by."""
    return contract.profile if options.contract_file is None else str(options.contract_file.resolve())


def _control(contract: Contract, target: Target, wire: Wire) -> ControlPlane | None:
    """Return the control plane of the target, if it has one. Raises Unreachable."""
    control = control_of(contract, target, wire)
    if control is not None:
        return control
    answer = wire.send("GET", f"{target.base_url}/models")
    if not answer.status:
        raise Unreachable(f"{target.base_url} does not answer: {answer.error}", "start it, or correct the address")
    return None


def _plan(options: LoadOptions, contract: Contract, target: Target, control: ControlPlane | None) -> LoadPlan:
    currency = contract.billing.currency
    stated = {
        name: parse_cap(text, currency, name=f"prices: {name}") or Units(0) for name, text in target.prices.items()
    }
    shots = mixture(contract, provoking=control is not None, stated=stated)
    if options.shape == FIND_LIMIT:  # an answer that is lost on demand looks like one that is late
        shots = tuple(shot for shot in shots if not shot.prefix)
    if not shots:
        raise BadUsage(f"{contract.profile} has no request without a reference image", "choose another profile")
    payers: tuple[Payer, ...]
    if control is not None:
        workers = options.post.workers if options.post is not None else 1
        count = max(2, workers, min(options.users, _MOST_ACCOUNTS))
        payers = opened(control, contract, count, max(shot.price for shot in shots))
    else:
        payers = _payers(target)
    if options.post is not None and len(payers) < options.post.workers:
        raise BadUsage(f"{options.post.workers} workers share {len(payers)} keys", "give each worker one: see 'pool:'")
    return LoadPlan(
        base_url=target.base_url,
        contract=_name(options, contract),
        shots=shots,
        payers=payers,
        record=str((options.report_dir / RECORD).resolve()),
        users=options.users,
        seed=options.seed,
        rate=options.rate,
        requests=options.requests,
        duration_s=options.duration_s,
        shape=options.shape,
        thresholds=options.thresholds,
        step_s=options.step_s,
        think_s=options.think_s,
        post=options.post,
        web=options.web,
        timeout_s=options.timeout_s,
        insecure=options.insecure,
        ca_bundle=options.ca_bundle,
        proxy=options.proxy,
        headers=target.headers,
        map=target.map,
    )


def _payers(target: Target) -> tuple[Payer, ...]:
    default = target if target.keys.get("default") else with_local_key(target)
    keys = (default.keys["default"], *target.pool)
    return tuple(Payer(name=f"payer-{number}", key=key) for number, key in enumerate(keys))


def _cap(options: LoadOptions, contract: Contract, target: Target) -> int | None:
    """Return the most that may be spent. Raises BadUsage without a cap off this machine."""
    text = options.max_cost or target.max_cost
    if text is not None:
        return parse_cap(text, contract.billing.currency)
    if not target.loopback:
        raise BadUsage("a load off this machine spends real money", 'add --max-cost, for example --max-cost "0.50 USD"')
    return None


__all__ = ["RECORD", "Load", "LoadOptions", "contract_of", "prepared", "run_load", "target_of"]
