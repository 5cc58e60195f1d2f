"""What ``specs diff`` says about requests holds against a mock of the second provider, its wallet included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import permutations
from typing import Any

import httpx
import pytest

from pixelproof import loading
from pixelproof.contract import Contract
from pixelproof.porting import Port, PortRequest, Trial, port
from pixelproof.settings import MockSettings
from pixelproof.verification.embedded import in_process

PAIRS = tuple(permutations(loading.profiles(), 2))
#: More than any request here costs, in every currency.
PLENTY = "1000000"

Send = Callable[[Trial], tuple[int, int]]


@cache
def ported(before: str, after: str) -> Port:
    """Compare two shipped contracts, models without a namesake mapped to the nearest."""
    request = PortRequest(before=loading.shipped(before), after=loading.shipped(after))
    nearest = {
        pair.before.id: pair.target.id for pair in port(request).pairs if pair.after is None and pair.target is not None
    }
    return port(PortRequest(before=request.before, after=request.after, models=nearest))


@pytest.fixture(scope="module")
def provider() -> Iterator[Callable[[str], httpx.Client]]:
    """Return a client of a provider's mock, one mock for each."""
    clients: dict[str, httpx.Client] = {}

    def client(profile: str) -> httpx.Client:
        if profile not in clients:
            transport = in_process(loading.shipped(profile), MockSettings())
            clients[profile] = httpx.Client(transport=transport, base_url="http://127.0.0.1")
        return clients[profile]

    yield client
    for each in clients.values():
        each.close()


def sent(client: httpx.Client, contract: Contract, found: Port, trial: Trial) -> tuple[int, str]:
    """Send a trial's request from an account of its own; return the status and what it cost."""
    account: dict[str, Any] = client.post("/__admin/accounts", json={"balance": PLENTY}).json()
    asked = found.request.before.operations[trial.operation]
    there = {operation.capability: operation for operation in contract.creating()}.get(asked.capability, asked)
    headers = {"Authorization": f"Bearer {account['key']}"}
    answer = client.post(f"/v1{there.path}", json=dict(trial.sent), headers=headers)
    left = client.get(f"/__admin/accounts/{account['id']}").json()["balance"]
    currency = contract.billing.currency
    return answer.status_code, currency.format(currency.parse(PLENTY) - currency.parse(left))


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=["-".join(pair) for pair in PAIRS])
def test_a_mock_of_the_second_provider_does_what_was_said(
    before: str, after: str, provider: Callable[[str], httpx.Client]
) -> None:
    found, contract = ported(before, after), loading.shipped(after)
    assert found.trials
    for trial in found.trials:
        status, cost = sent(provider(after), contract, found, trial)
        assert (200 <= status < 300) is trial.accepted, (status, trial)
        price = trial.after.units if trial.accepted and trial.after is not None else 0
        assert cost == contract.billing.currency.format(price), trial
        if trial.refusals and trial.refusals[0].statuses:
            assert status in {code for refused in trial.refusals for code in refused.statuses}, (status, trial)


@pytest.mark.parametrize("profile", loading.profiles())
def test_every_representative_request_works_where_it_comes_from(
    profile: str, provider: Callable[[str], httpx.Client]
) -> None:
    contract = loading.shipped(profile)
    found = port(PortRequest(before=contract, after=contract))
    for trial in found.trials:
        status, cost = sent(provider(profile), contract, found, trial)
        assert 200 <= status < 300, trial
        assert trial.before is not None
        assert cost == contract.billing.currency.format(trial.before.units), trial
