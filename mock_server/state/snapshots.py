"""The whole state of a server as JSON, and back: keys as digests, so that whoever has one goes on.

The journal is left out: it tells what happened, not what is. Requests in flight are left
out too: their holds are given back when the state is restored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson

from pixelproof.ledger import Ledger

from .accounts import Account, Key
from .clock import LAST_INSTANT, Timeline
from .shapes import misshapen
from .states import (
    ACCOUNT_PLAIN,
    KEY_PLAIN,
    BadState,
    State,
    account_state,
    artifact_of,
    fault_of,
    job_of,
    key_of,
    windows_of,
)

if TYPE_CHECKING:
    from pixelproof.contract import Contract

    from .world import World

#: Form of a snapshot; another one is refused.
SCHEMA = "pixelproof.snapshot/1"


def snapshot(world: World) -> dict[str, Any]:
    """Return everything that a server knows, each account settled and whole in itself."""
    digests = {id(key): digest.hex() for digest, key in world.book.keys().items()}
    return {
        "schema": SCHEMA,
        "salt": world.book.salt.hex(),
        "url_secret": world.url_secret.hex(),
        "now": world.clock.now(),
        "frozen": world.clock.frozen,
        "usd_inr": world.usd_inr,
        "accounts": [_account(world, account, digests) for account in world.book.accounts()],
        "faults": [{"fault": asdict(fault), "met": met, "hit": hit} for fault, met, hit in world.faults.standings()],
    }


def restore(world: World, state: State) -> None:
    """Replace everything by a snapshot, or nothing. Raises BadState."""
    if state.get("schema") != SCHEMA:
        raise BadState(f"this is no snapshot of the form {SCHEMA}")
    contracts = {provider.profile: provider.contract for provider in world.providers}
    try:
        keys: dict[bytes, Key] = {}
        accounts = [_restored(world, item, contracts, keys) for item in state["accounts"]]
        faults = [(fault_of(item["fault"]), int(item["met"]), int(item["hit"])) for item in state["faults"]]
        salt, url_secret = bytes.fromhex(state["salt"]), bytes.fromhex(state["url_secret"])
        ahead_s = _present(float(state["now"])) - world.clock.now()
        orjson.dumps([account_state(account) for account in accounts])  # what cannot be said again was not from here
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadState(f"this snapshot cannot be read: {error}") from None
    for fault, _, _ in faults:
        _check(fault)
        _check(fault.match)
    if not isinstance(state.get("usd_inr"), str | None):
        raise BadState("this snapshot cannot be read: 'usd_inr' is of another kind")
    with world.common:
        world.faults.restore(faults)
        world.url_secret, world.usd_inr = url_secret, state.get("usd_inr")
        _turn(world.clock, ahead_s, frozen=bool(state.get("frozen")))
        world.book.install(salt, accounts, keys)
    world.journal.forget()
    world.gallery.forget()


def _present(instant: float) -> float:
    if not 0 <= instant <= LAST_INSTANT:
        raise ValueError("a clock stands outside of all time")
    return instant


def _turn(clock: Timeline, ahead_s: float, *, frozen: bool) -> None:
    # time never goes back: an older snapshot goes on in the present
    clock.resume()
    clock.advance(max(0.0, ahead_s))
    if frozen:
        clock.freeze()


def _account(world: World, account: Account, digests: Mapping[int, str]) -> dict[str, Any]:
    with account.lock:
        world.settle(account)
        state = account_state(account)
        known = {key.id: digests[id(key)] for key in account.keys.values() if id(key) in digests}
    keys = [{**key, "digest": known[key["id"]]} for key in state["keys"] if key["id"] in known]
    return {**state, "keys": keys}


def _restored(world: World, state: State, contracts: Mapping[str, Contract], keys: dict[bytes, Key]) -> Account:
    contract = contracts.get(state["profile"])
    if contract is None:
        raise BadState(f"the profile '{state['profile']}' is not served here")
    account = Account(
        id=str(state["id"]),
        raw_id=bytes.fromhex(state["id"].removeprefix("acc_")),
        contract=contract,
        ledger=Ledger.restored(state["ledger"]),
        clock=Timeline(world.clock.now),
        seed=bytes.fromhex(state["seed"]),
        **{name: state[name] for name in ACCOUNT_PLAIN},
        windows=windows_of(state["windows"]),
        ordinals={bytes.fromhex(name): int(number) for name, number in state["ordinals"].items()},
        failures={(name, bytes.fromhex(text)): int(count) for name, text, count in state["failures"]},
    )
    offset, frozen_at = state["clock"]
    account.clock.restore(float(offset), None if frozen_at is None else float(frozen_at))
    _present(account.clock.now())
    _fill(account, state, keys)
    _check(account, ACCOUNT_PLAIN)
    return account


def _check(value: object, names: tuple[str, ...] | None = None) -> None:
    wrong = misshapen(value, names)
    if wrong is not None:
        raise BadState(f"this snapshot cannot be read: '{wrong}' of {type(value).__name__.lower()} is of another kind")


def _fill(account: Account, state: State, keys: dict[bytes, Key]) -> None:
    account.keep_to(account.ledger.cap)
    for hold in account.ledger.open_holds():
        account.ledger.release(hold, account.clock.now())
    for item in state["keys"]:
        key = key_of(account, item)
        _check(key, KEY_PLAIN)
        account.keys[key.id] = keys[bytes.fromhex(item["digest"])] = key
    for item in state["tasks"]:
        job = job_of(item)
        for part in (job, job.task, job.task.plan, *job.pictures):
            _check(part)
        account.jobs.file(job)
    for item in state["artifacts"]:
        artifact = artifact_of(item)
        _check(artifact)
        account.artifacts.keep(artifact)
