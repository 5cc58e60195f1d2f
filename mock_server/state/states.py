"""The parts of an account as JSON, and back: what snapshots and a shared store have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from pixelproof.tasks import Plan, Task, TaskState

from ..faults import Effect, Fault, Match, Variant, When
from ..images.pictures import Format, Picture
from .accounts import Account, Key
from .artifacts import Artifact, Origin
from .jobs import Job
from .windows import Windows

#: Fields of an account and of a key that JSON takes as they are.
ACCOUNT_PLAIN = ("tier", "limits", "last_seen", "epoch", "task_polls", "usd_inr", "opened_by_key")
KEY_PLAIN = ("tier", "limits", "budget", "spent", "billed", "revoked")
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
    "ended_at",
)

State = Mapping[str, Any]


class BadState(ValueError):
    """A state that does not fit this server; the message says why."""


def account_state(account: Account) -> dict[str, Any]:
    """Return a whole account as plain JSON. Call under the account's lock."""
    return {
        "id": account.id,
        "profile": account.contract.profile,
        "seed": account.seed.hex(),
        "clock": account.clock.state(),
        **{name: plain_of(getattr(account, name)) for name in ACCOUNT_PLAIN},
        "windows": windows_state(account.windows),
        "ordinals": {fingerprint.hex(): number for fingerprint, number in account.ordinals.items()},
        "failures": [[name, fingerprint.hex(), count] for (name, fingerprint), count in account.failures.items()],
        "keys": [key_state(key) for key in account.keys.values()],
        "ledger": account.ledger.state(),
        "tasks": [job_state(job) for job in account.jobs],
        "artifacts": [artifact_state(item) for item in account.artifacts],
    }


def key_state(key: Key) -> dict[str, Any]:
    """Return a key without its text, which nobody has."""
    plain = {name: plain_of(getattr(key, name)) for name in KEY_PLAIN}
    scopes = sorted(key.scopes) if key.scopes is not None else None
    return {"id": key.id, "scopes": scopes, **plain, "windows": windows_state(key.windows)}


def job_state(job: Job) -> dict[str, Any]:
    """Return a task as plain JSON."""
    return {
        **{name: plain_of(getattr(job, name)) for name in _JOB_PLAIN},
        "task": asdict(job.task),
        "pictures": [picture_state(picture) for picture in job.pictures],
        "spoiling": asdict(job.spoiling) if job.spoiling is not None else None,
        "final": job.final,
    }


def artifact_state(artifact: Artifact) -> dict[str, Any]:
    """Return an artifact as plain JSON."""
    pair = [part.hex() for part in artifact.drawn] if artifact.drawn is not None else None
    return {**asdict(artifact), "sampled": artifact.sampled.hex(), "drawn": pair}


def windows_state(windows: Windows) -> dict[str, Any]:
    """Return windows as plain JSON."""
    return {name: {"length_s": window.length_s, "entries": window.state()} for name, window in windows.items()}


def plain_of(value: Any) -> Any:
    """Return a value that JSON takes as it is."""
    return dict(value) if isinstance(value, Mapping) else value


def key_of(account: Account, state: State) -> Key:
    """Return the key of a state."""
    scopes = frozenset(state["scopes"]) if state["scopes"] is not None else None
    plain = {name: state[name] for name in KEY_PLAIN}
    return Key(id=str(state["id"]), account=account, scopes=scopes, **plain, windows=windows_of(state["windows"]))


def windows_of(state: State) -> Windows:
    """Return the windows of their state."""
    found = Windows()
    for name, item in state.items():
        found.opened(name, float(item["length_s"])).restore(item["entries"])
    return found


def job_of(state: State) -> Job:
    """Return the task of a state."""
    plain = {name: state[name] for name in _JOB_PLAIN}
    plain["artifact_ids"], plain["references"] = tuple(plain["artifact_ids"]), tuple(plain["references"])
    return Job(
        **plain,
        task=_task_of(state["task"]),
        pictures=tuple(picture_of(item) for item in state["pictures"]),
        spoiling=fault_of(state["spoiling"]) if state["spoiling"] is not None else None,
        final=_state_of(state["final"]),
    )


def artifact_of(state: State) -> Artifact:
    """Return the artifact of a state."""
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


def picture_state(picture: Picture) -> dict[str, Any]:
    """Return a picture as plain JSON."""
    return {**picture._asdict(), "colour": picture.colour.hex(), "tint": picture.tint.hex()}


def picture_of(state: State) -> Picture:
    """Return the picture of a state."""
    colour, tint = bytes.fromhex(state["colour"]), bytes.fromhex(state["tint"])
    return Picture(**{**state, "format": Format(state["format"]), "colour": colour, "tint": tint})


def fault_of(state: State) -> Fault:
    """Return the fault of a state. Raises BadState for fields nobody knows."""
    known = {field.name for field in fields(Fault)}
    if not known.issuperset(state):
        raise BadState("a fault has unknown fields")
    own = {
        "effect": Effect(state["effect"]),
        "match": Match(**state["match"]),
        "when": When(state["when"]),
        "variant": Variant(state["variant"]),
    }
    return Fault(**{**state, **own})
