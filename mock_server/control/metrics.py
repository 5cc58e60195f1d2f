"""Counters and gauges as Prometheus text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from flask import Response

from .forms import query

if TYPE_CHECKING:
    from flask import Blueprint

    from ..state.accounts import Account
    from ..state.world import World

_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: Labels and value of one line.
Sample = tuple[Mapping[str, str], object]


def add_routes(routes: Blueprint, world: World) -> None:
    """Add the route about metrics."""

    @routes.get("/metrics")
    def show_metrics() -> Response:
        query(())
        return Response("".join(_lines(world)), content_type=_TYPE)


def _lines(world: World) -> Iterator[str]:
    accounts = world.book.accounts()
    for account in accounts:
        world.settle(account)
    answers = [({"status": str(status)}, count) for status, count in sorted(world.journal.answers.items())]
    unbalanced = sum(not _is_balanced(account) for account in accounts)
    yield from _metric("requests_total", "counter", "Answers by HTTP status.", answers)
    yield from _metric("accounts", "gauge", "Accounts by profile.", _accounts(accounts))
    yield from _metric("wallet", "gauge", "Money of all accounts of a profile, in its currency.", _money(accounts))
    yield from _metric("unbalanced_ledgers", "gauge", "Accounts whose ledger does not balance.", [({}, unbalanced)])
    yield from _metric("tasks", "gauge", "Tasks by profile and state.", _tasks(accounts))
    yield from _metric("artifacts", "gauge", "Stored artifacts.", [({}, sum(len(a.artifacts) for a in accounts))])
    yield from _metric("faults", "gauge", "Standing faults.", [({}, len(world.faults.faults()))])
    yield from _metric("unexpected_errors", "gauge", "Errors of the mock itself.", [({}, len(world.unexpected))])


def _metric(name: str, kind: str, what: str, samples: Iterable[Sample]) -> Iterator[str]:
    full = f"pixelproof_{name}"
    yield f"# HELP {full} {what}\n# TYPE {full} {kind}\n"
    for labels, value in samples:
        inner = ",".join(f'{label}="{text}"' for label, text in labels.items())
        yield f"{full}{{{inner}}} {value}\n" if inner else f"{full} {value}\n"


def _accounts(accounts: Iterable[Account]) -> list[Sample]:
    counts = Counter(account.contract.profile for account in accounts)
    return [({"profile": profile}, count) for profile, count in sorted(counts.items())]


def _money(accounts: Iterable[Account]) -> list[Sample]:
    sums: Counter[tuple[str, str]] = Counter()
    currencies = {account.contract.profile: account.contract.billing.currency for account in accounts}
    for account in accounts:
        ledger, profile = account.ledger, account.contract.profile
        with account.lock:
            amounts = {
                "balance": ledger.balance,
                "held": ledger.held,
                "charged": ledger.charged,
                "refunded": ledger.refunded,
            }
        for kind, amount in amounts.items():
            sums[profile, kind] += amount
    return [
        ({"profile": profile, "kind": kind, "currency": currencies[profile].code}, currencies[profile].format(units))
        for (profile, kind), units in sorted(sums.items())
    ]


def _tasks(accounts: Iterable[Account]) -> list[Sample]:
    counts: Counter[tuple[str, str]] = Counter()
    for account in accounts:
        with account.lock:
            now = account.clock.now()
            counts.update((account.contract.profile, job.state(now).value) for job in account.jobs)
    return [({"profile": profile, "state": state}, count) for (profile, state), count in sorted(counts.items())]


def _is_balanced(account: Account) -> bool:
    with account.lock:
        return account.ledger.check().balanced
