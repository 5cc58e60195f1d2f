"""Puts a load together: server, wallets, the process that makes it, and the reconciliation at its end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from pixelproof import loading
from pixelproof.budget import parse_cap
from pixelproof.client import Wire, WireOptions
from pixelproof.contract import Contract
from pixelproof.control import ControlPlane
from pixelproof.levers import Levers
from pixelproof.loadline import LoadLine
from pixelproof.loadplan import LoadPlan, Payer, mixture
from pixelproof.loadprocess import Progress, running, served
from pixelproof.loadresult import LoadResult, Tally, Thresholds
from pixelproof.money import Units
from pixelproof.passbook import Passbook, Purses, opened
from pixelproof.problems import BadUsage, Unreachable
from pixelproof.reconciling import Reconciler, Reconciliation
from pixelproof.target import Target

#: The record of a load, one line for each request.
RECORD = "load.jsonl"
#: Wallets at a pixelproof mock: enough to be several, few enough that users meet at one.
_MOST_ACCOUNTS = 16
#: Seconds by which the clocks of tasks move at every look.
_HURRY_S = 5.0
#: Sent on loopback when the user names no key.
_LOCAL_KEY = "sk-pixelproof-local"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """What the user asked for, parsed but not yet looked up."""

    url: str | None = None
    profile: str | None = None
    target: Target | None = None
    key: str | None = None
    users: int = 20
    rate: float | None = None
    requests: int | None = None
    duration_s: float | None = None
    shape: str = "steady"
    thresholds: Thresholds = field(default_factory=Thresholds)
    seed: int = 0
    report_dir: Path = Path("pixelproof-out")
    max_cost: str | None = None
    timeout_s: float = 60.0
    #: A liar for the embedded mock.
    liar: str | None = None

    @property
    def embedded(self) -> bool:
        """Tell whether a mock of our own is loaded."""
        return self.url is None and self.target is None


def run_load(options: LoadOptions, watch: Callable[[Progress], None] = lambda _progress: None) -> LoadResult:
    """Load a server, and return what came of it; ``watch`` is told the progress a few times a second.

    Raises BadUsage, and Unreachable when nothing answers.
    """
    contract = contract_of(options)
    with ExitStack() as stack:
        target = stack.enter_context(_embedded(options, contract)) if options.embedded else target_of(options)
        wire = stack.enter_context(closing(Wire(WireOptions(timeout_s=max(60.0, options.timeout_s)))))
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
    return Load(options, contract, plan, books)


def contract_of(options: LoadOptions) -> Contract:
    """Return the contract that prices the requests. Raises BadUsage."""
    name = options.profile or (options.target.profile if options.target else None)
    if name is None and not options.embedded:
        raise BadUsage("a URL alone does not say whose contract it keeps", "add --profile")
    return loading.shipped(name or loading.profiles()[0])


def target_of(options: LoadOptions) -> Target:
    """Return the server to load, with its levers. Raises BadUsage."""
    target = options.target or Target(base_url="")
    if options.url is not None:
        target = target.with_url(options.url.rstrip("/"))
    if not urlsplit(target.base_url).hostname:
        raise BadUsage(f"'{target.base_url}' is no http(s) URL", "for example http://127.0.0.1:9001/v1")
    if options.key is not None:
        target = replace(target, keys={**target.keys, "default": options.key})
    return target


class Load:
    """One load, from its first request to the last entry of its ledgers."""

    def __init__(self, options: LoadOptions, contract: Contract, plan: LoadPlan, books: Passbook | Purses) -> None:
        """Begin the record, and read the wallets that show only a balance."""
        self.plan = plan
        self._options = options
        self._contract = contract
        self._books = books
        self._reconciler = Reconciler(contract)
        self._tally = Tally()
        self._record = Path(plan.record)
        self._record.parent.mkdir(parents=True, exist_ok=True)
        self._record.write_bytes(b"")
        self._at = 0
        self._before = books.balances() if isinstance(books, Purses) else None

    def run(self, watch: Callable[[Progress], None]) -> LoadResult:
        """Make the load in a process of its own, and reconcile it."""
        interrupted = False
        last: Progress = {}
        for progress in running(self.plan):
            interrupted = interrupted or progress.get("interrupted") is True
            last = progress
            if not last["end"]:
                self.take()
                watch(last)
        return self.result(last, interrupted=interrupted)

    def take(self) -> None:
        """Take the lines that are new, let tasks get on, and take what the ledgers say."""
        self._take_lines()
        if isinstance(self._books, Passbook):
            if self._contract.tasks is not None:
                self._books.hurry(_HURRY_S)
            self._take_ledgers(self._books)

    def result(self, last: Progress, *, interrupted: bool = False) -> LoadResult:
        """Return what came of the load when all of it has ended."""
        self._take_lines()
        return LoadResult(
            profile=self._contract.profile,
            seed=self._options.seed,
            currency=self._contract.billing.currency.code,
            tally=self._tally,
            seconds=float(str(last.get("seconds", 0))),
            reconciliation=self._reconciliation(),
            thresholds=self._options.thresholds,
            cpu_s=float(str(last.get("cpu_s", 0))),
            rss_mib=int(str(last.get("rss_mib", 0))),
            interrupted=interrupted,
        )

    def _take_lines(self) -> None:
        with self._record.open("rb") as record:
            record.seek(self._at)
            for line in record:
                if not line.endswith(b"\n"):  # it is still being written
                    return
                self._at += len(line)
                read = LoadLine.read(json.loads(line))
                self._tally.take(read)
                self._reconciler.line(read)

    def _take_ledgers(self, books: Passbook) -> None:
        for movement in books.new_movements():
            self._reconciler.movement(movement)

    def _reconciliation(self) -> Reconciliation:
        books, reconciler = self._books, self._reconciler
        if isinstance(books, Passbook):
            for said in books.close():
                reconciler.closing(said)
            self._take_ledgers(books)
        if reconciler.needs_again():
            with self._record.open("rb") as record:
                for line in record:
                    reconciler.again(LoadLine.read(json.loads(line)))
        if isinstance(books, Passbook):
            return reconciler.by_entries()
        after = books.balances(settled=True) if self._before is not None else None
        if self._before is None or after is None:
            return reconciler.by_nothing()
        return reconciler.by_totals({name: Units(amount - after[name]) for name, amount in self._before.items()})


@contextmanager
def _embedded(options: LoadOptions, contract: Contract) -> Iterator[Target]:
    with served(contract.profile, options.seed, options.liar) as url:
        yield Target(base_url=url, profile=contract.profile, control=_admin_of(url))


def _control(contract: Contract, target: Target, wire: Wire) -> ControlPlane | None:
    """Return the control plane a target file names, or the one a loopback URL turns out to have."""
    if target.control is not None:
        control = ControlPlane(wire, target.control, contract.profile, target.control_token)
        if not control.answers():
            raise Unreachable(f"no pixelproof control plane answers at {target.control}", "correct 'control:'")
        return control
    if target.loopback and not target.keys and target.balance is None:
        control = ControlPlane(wire, _admin_of(target.base_url), contract.profile)
        if control.answers():
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
    if not shots:
        raise BadUsage(f"{contract.profile} has no request without a reference image", "choose another profile")
    payers: tuple[Payer, ...]
    if control is not None:
        count = max(2, min(options.users, _MOST_ACCOUNTS))
        payers = opened(control, contract, count, max(shot.price for shot in shots))
    else:
        payers = _payers(target)
    return LoadPlan(
        base_url=target.base_url,
        contract=contract.profile,
        shots=shots,
        payers=payers,
        record=str((options.report_dir / RECORD).resolve()),
        users=options.users,
        seed=options.seed,
        rate=options.rate,
        requests=options.requests,
        duration_s=options.duration_s,
        shape=options.shape,
        timeout_s=options.timeout_s,
        headers=target.headers,
        map=target.map,
    )


def _payers(target: Target) -> tuple[Payer, ...]:
    default = target.keys.get("default") or (_LOCAL_KEY if target.loopback else None)
    if default is None:
        raise BadUsage("no key for the target", "give --api-key-env VARIABLE, or keys: {default: …} in a target file")
    return tuple(Payer(name=f"payer-{number}", key=key) for number, key in enumerate((default, *target.pool)))


def _cap(options: LoadOptions, contract: Contract, target: Target) -> int | None:
    """Return the most that may be spent. Raises BadUsage without a cap off this machine."""
    text = options.max_cost or target.max_cost
    if text is not None:
        return parse_cap(text, contract.billing.currency)
    if not target.loopback:
        raise BadUsage("a load off this machine spends real money", 'add --max-cost, for example --max-cost "0.50 USD"')
    return None


def _admin_of(base_url: str) -> str:
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}/__admin"
