"""The whole state of a server as JSON, and back: keys as digests, so that whoever has one goes on.

The journal is left out: it tells what happened, not what is. Requests in flight are left
out too: their holds are given back when the state is restored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from pixelproof.ledger import Ledger
from pixelproof.tasks import Plan, Task, TaskState

from .accounts import Account, Key, Windows
from .artifacts import Artifact, Origin
from .clock import Timeline
from .faults import Effect, Fault, Match, Variant, When
from .jobs import Job
from .pictures import Format, Picture
from .windows import RollingWindow

if TYPE_CHECKING:
    from pixelproof.contract import Contract

    from .world import World

#: Form of a snapshot; another one is refused.
SCHEMA = "pixelproof.snapshot/1"
#: Fields of an account and of a key that JSON takes as they are.
_ACCOUNT_PLAIN = ("tier", "limits", "last_seen", "epoch", "task_polls", "usd_inr", "opened_by_key")
_KEY_PLAIN = ("tier", "limits", "budget", "spent", "billed", "revoked")
_JOB_PLAIN = (
    "id",
    "capability",
    "model",
    "key_id",
    "unit_price",
    "charged",
    "refunded",
    "artifact_ids",
    "references",
    "failure",
    "delivered",
)

State = Mapping[str, Any]


class BadSnapshot(ValueError):
    """A snapshot that does not fit this server; the message says why."""


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
    """Replace everything by a snapshot, or nothing. Raises BadSnapshot."""
    if state.get("schema") != SCHEMA:
        raise BadSnapshot(f"this is no snapshot of the form {SCHEMA}")
    contracts = {provider.profile: provider.contract for provider in world.providers}
    try:
        keys: dict[bytes, Key] = {}
        accounts = [_restored(world, item, contracts, keys) for item in state["accounts"]]
        faults = [(_fault(item["fault"]), int(item["met"]), int(item["hit"])) for item in state["faults"]]
        salt, url_secret = bytes.fromhex(state["salt"]), bytes.fromhex(state["url_secret"])
        ahead_s = float(state["now"]) - world.clock.now()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadSnapshot(f"this snapshot cannot be read: {error}") from None
    world.book.install(salt, accounts, keys)
    world.faults.restore(faults)
    world.journal.forget()
    world.url_secret, world.usd_inr = url_secret, state.get("usd_inr")
    _turn(world.clock, ahead_s, frozen=bool(state.get("frozen")))


def _turn(clock: Timeline, ahead_s: float, *, frozen: bool) -> None:
    # time never goes back: an older snapshot goes on in the present
    clock.resume()
    clock.advance(max(0.0, ahead_s))
    if frozen:
        clock.freeze()


def _account(world: World, account: Account, digests: Mapping[int, str]) -> dict[str, Any]:
    with account.lock:
        world.settle(account)
        return {
            "id": account.id,
            "profile": account.contract.profile,
            "seed": account.seed.hex(),
            "clock": account.clock.state(),
            **{name: _plain(getattr(account, name)) for name in _ACCOUNT_PLAIN},
            "windows": _windows(account.windows),
            "ordinals": {fingerprint.hex(): number for fingerprint, number in account.ordinals.items()},
            "failures": [[name, fingerprint.hex(), count] for (name, fingerprint), count in account.failures.items()],
            "keys": [_key(key, digests[id(key)]) for key in account.keys.values() if id(key) in digests],
            "ledger": account.ledger.state(),
            "tasks": [_job(job) for job in account.jobs],
            "artifacts": [_artifact(item) for item in account.artifacts],
        }


def _key(key: Key, digest: str) -> dict[str, Any]:
    plain = {name: _plain(getattr(key, name)) for name in _KEY_PLAIN}
    scopes = sorted(key.scopes) if key.scopes is not None else None
    return {"id": key.id, "digest": digest, "scopes": scopes, **plain, "windows": _windows(key.windows)}


def _job(job: Job) -> dict[str, Any]:
    return {
        **{name: _plain(getattr(job, name)) for name in _JOB_PLAIN},
        "task": asdict(job.task),
        "pictures": [
            {**picture._asdict(), "colour": picture.colour.hex(), "tint": picture.tint.hex()}
            for picture in job.pictures
        ],
        "spoiling": asdict(job.spoiling) if job.spoiling is not None else None,
        "final": job.final,
    }


def _artifact(artifact: Artifact) -> dict[str, Any]:
    pair = [part.hex() for part in artifact.drawn] if artifact.drawn is not None else None
    return {**asdict(artifact), "sampled": artifact.sampled.hex(), "drawn": pair}


def _windows(windows: Windows) -> dict[str, Any]:
    return {name: {"length_s": window.length_s, "entries": window.state()} for name, window in windows.items()}


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _restored(world: World, state: State, contracts: Mapping[str, Contract], keys: dict[bytes, Key]) -> Account:
    contract = contracts.get(state["profile"])
    if contract is None:
        raise BadSnapshot(f"the profile '{state['profile']}' is not served here")
    account = Account(
        id=str(state["id"]),
        raw_id=bytes.fromhex(state["id"].removeprefix("acc_")),
        contract=contract,
        ledger=Ledger.restored(state["ledger"]),
        clock=Timeline(world.clock.now),
        seed=bytes.fromhex(state["seed"]),
        **{name: state[name] for name in _ACCOUNT_PLAIN},
        windows=_windows_of(state["windows"]),
        ordinals={bytes.fromhex(name): int(number) for name, number in state["ordinals"].items()},
        failures={(name, bytes.fromhex(text)): int(count) for name, text, count in state["failures"]},
    )
    account.clock.restore(*state["clock"])
    _fill(account, state, keys)
    return account


def _fill(account: Account, state: State, keys: dict[bytes, Key]) -> None:
    account.keep_to(account.ledger.cap)
    for hold in account.ledger.open_holds():
        account.ledger.release(hold, account.clock.now())
    for item in state["keys"]:
        key = _key_of(account, item)
        account.keys[key.id] = keys[bytes.fromhex(item["digest"])] = key
    for item in state["tasks"]:
        account.jobs.file(_job_of(item))
    for item in state["artifacts"]:
        account.artifacts.keep(_artifact_of(item))


def _key_of(account: Account, state: State) -> Key:
    scopes = frozenset(state["scopes"]) if state["scopes"] is not None else None
    plain = {name: state[name] for name in _KEY_PLAIN}
    return Key(id=str(state["id"]), account=account, scopes=scopes, **plain, windows=_windows_of(state["windows"]))


def _windows_of(state: State) -> Windows:
    found: Windows = {}
    for name, item in state.items():
        found[name] = RollingWindow(float(item["length_s"]))
        found[name].restore(item["entries"])
    return found


def _job_of(state: State) -> Job:
    plain = {name: state[name] for name in _JOB_PLAIN}
    plain["artifact_ids"], plain["references"] = tuple(plain["artifact_ids"]), tuple(plain["references"])
    return Job(
        **plain,
        task=_task_of(state["task"]),
        pictures=tuple(_picture_of(item) for item in state["pictures"]),
        spoiling=_fault(state["spoiling"]) if state["spoiling"] is not None else None,
        final=_state_of(state["final"]),
    )


def _artifact_of(state: State) -> Artifact:
    pair = None
    if state["drawn"] is not None:
        colour, tint = state["drawn"]
        pair = bytes.fromhex(colour), bytes.fromhex(tint)
    own = {"origin": Origin(state["origin"]), "sampled": bytes.fromhex(state["sampled"]), "drawn": pair}
    return Artifact(**{**state, **own})


def _task_of(state: State) -> Task:
    plan = Plan(**{**state["plan"], "outcome": TaskState(state["plan"]["outcome"])})
    own = {"plan": plan, "held_in": _state_of(state["held_in"]), "forced": _state_of(state["forced"])}
    return Task(**{**state, **own})


def _state_of(word: str | None) -> TaskState | None:
    return None if word is None else TaskState(word)


def _picture_of(state: State) -> Picture:
    colour, tint = bytes.fromhex(state["colour"]), bytes.fromhex(state["tint"])
    return Picture(**{**state, "format": Format(state["format"]), "colour": colour, "tint": tint})


def _fault(state: State) -> Fault:
    known = {field.name for field in fields(Fault)}
    if not known.issuperset(state):
        raise BadSnapshot("a fault has unknown fields")
    own = {
        "effect": Effect(state["effect"]),
        "match": Match(**state["match"]),
        "when": When(state["when"]),
        "variant": Variant(state["variant"]),
    }
    return Fault(**{**state, **own})
