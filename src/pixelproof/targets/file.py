"""The target file: what a server under test lets the harness do, beyond its public API."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pixelproof.contract import Json
from pixelproof.documents.document import Document, nearest, read
from pixelproof.problems import BadDocument
from pixelproof.targets.slips import hold_sound

#: Keys that a target file may have; anything else is a mistake worth a suggestion.
TOP_KEYS = frozenset(
    {
        "profile",
        "base_url",
        "keys",
        "pool",
        "balance",
        "prompts",
        "rate",
        "prices",
        "reference_url",
        "limits",
        "control",
        "control_token",
        "map",
        "headers",
        "waivers",
        "max_cost",
    }
)
KEY_ROLES = frozenset({"default", "other", "second", "broke", "unscoped", "test", "limited", "budget"})
_BALANCE_KEYS = frozenset({"request", "pointer", "unit", "settle_s", "exclusive", "resolution"})
_MAP_KEYS = frozenset({"models", "task", "media", "upload", "cancel"})
#: What may stand under each key of ``map``; a cancel route is no map.
_MAPPED: Mapping[str, frozenset[str]] = {
    "models": frozenset({"request", "pointer", "id"}),
    "task": frozenset(
        {
            "id",
            "status",
            "states",
            "images",
            "image_url",
            "image_artifact_id",
            "references",
            "reference_artifact_id",
            "charged",
            "refunded",
            "error",
            "longest_s",
        }
    ),
    "media": frozenset({"url", "artifact", "data_uri"}),
    "upload": frozenset({"field", "artifact_id"}),
}
_STATES = frozenset({"queued", "running", "succeeded", "failed", "canceled"})
_ROUTE = re.compile(r"[A-Z]+ /")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceLever:
    """How the wallet of a key is read: a request, and a JSON pointer to the amount."""

    method: str
    path: str
    pointer: str
    unit: str = ""
    settle_s: float = 0.0
    #: False: others spend from the same wallet, so a disagreement is only a warning.
    exclusive: bool = False
    #: The finest difference it shows, as a decimal string; empty when it is exact.
    resolution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server under test and its levers."""

    base_url: str
    profile: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    #: Further default keys for ``--workers``, each of an account of its own.
    pool: tuple[str, ...] = ()
    balance: BalanceLever | None = None
    prompts: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, str] = field(default_factory=dict)
    rate: Mapping[str, str] = field(default_factory=dict)
    reference_url: str | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    control: str | None = None
    control_token: str | None = None
    map: Mapping[str, Json] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    waivers: str | None = None
    max_cost: str | None = None

    @property
    def loopback(self) -> bool:
        """Tell whether the target is on this machine."""
        try:
            name = urlsplit(self.base_url).hostname or ""
            # a name such as 127.example.com is elsewhere: only addresses count, and localhost
            return name == "localhost" or ip_address(name).is_loopback
        except ValueError:
            return False

    def with_url(self, base_url: str) -> Target:
        """Return the same levers for another address."""
        return replace(self, base_url=base_url)

    def secrets(self) -> tuple[str, ...]:
        """Return everything that must not reach a record."""
        return tuple(value for value in (*self.keys.values(), *self.pool, self.control_token) if value)


def load_target(path: Path, environment: Mapping[str, str] = os.environ) -> Target:
    """Read a target file. Raises BadDocument with file, line and what to do."""
    return target_of(read(path), environment)


def target_of(document: Document, environment: Mapping[str, str] = os.environ) -> Target:
    """Return the target of a document. Raises BadDocument with file, line and what to do."""
    _known(document, (), document.value, TOP_KEYS)
    value = {key: _expanded(document, (key,), item, environment) for key, item in document.value.items()}
    keys = _texts(document, value, "keys")
    _known(document, ("keys",), keys, KEY_ROLES)
    for role, key in keys.items():
        if not key.strip():
            raise document.broken(("keys", role), "is empty", "fill the variable it comes from, or leave it out")
    mapping = value.get("map")
    if mapping is not None:
        _mapping(document, _map(document, ("map",), mapping))
    base_url = _text(document, value, "base_url")
    if not re.match(r"https?://[^/]", base_url):
        raise document.broken(("base_url",), f"'{base_url}' is no http(s) URL", "for example http://127.0.0.1:9001/v1")
    hold_sound(document, value)
    return Target(
        base_url=base_url.rstrip("/"),
        profile=_optional(document, value, "profile"),
        keys=keys,
        pool=_pool(document, value.get("pool"), keys),
        balance=_balance(document, value),
        prompts=_texts(document, value, "prompts"),
        prices=_texts(document, value, "prices"),
        rate=_texts(document, value, "rate"),
        reference_url=_optional(document, value, "reference_url"),
        limits=_numbers(document, value, "limits"),
        control=_optional(document, value, "control"),
        control_token=_optional(document, value, "control_token"),
        map=_map(document, ("map",), mapping) if mapping is not None else {},
        headers=_texts(document, value, "headers"),
        waivers=_optional(document, value, "waivers"),
        max_cost=_optional(document, value, "max_cost"),
    )


def _known(document: Document, path: tuple[str, ...], value: Mapping[str, object], known: frozenset[str]) -> None:
    for key in value:
        if key not in known:
            raise document.broken((*path, key), f"'{key}' is unknown here", nearest(key, known))


def _mapping(document: Document, mapping: Mapping[str, Json]) -> None:
    """Check what ``map`` says: a slip there would read as a fault of the target."""
    _known(document, ("map",), mapping, _MAP_KEYS)
    for name, known in _MAPPED.items():
        if name in mapping:
            _known(document, ("map", name), _map(document, ("map", name), mapping[name]), known)
    _task(document, mapping.get("task"))
    cancel = mapping.get("cancel", "POST /tasks/{task_id}/cancel")
    if not isinstance(cancel, str) or not _ROUTE.match(cancel) or "{task_id}" not in cancel:
        how = "for example DELETE /tasks/{task_id}"
        raise document.broken(("map", "cancel"), "must read 'METHOD /path' with {task_id} in it", how)


def _task(document: Document, task: Json) -> None:
    if not isinstance(task, dict):
        return
    states = task.get("states", {})
    _known(document, ("map", "task", "states"), _map(document, ("map", "task", "states"), states), _STATES)
    longest = task.get("longest_s", 1)
    if isinstance(longest, bool) or not isinstance(longest, int | float) or longest <= 0:
        raise document.broken(("map", "task", "longest_s"), "must be seconds", "for example 90")


def _expanded(document: Document, path: tuple[str | int, ...], value: Json, environment: Mapping[str, str]) -> Json:
    if isinstance(value, dict):
        return {key: _expanded(document, (*path, key), item, environment) for key, item in value.items()}
    if isinstance(value, list):
        return [_expanded(document, (*path, index), item, environment) for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in environment:
            raise document.broken(path, f"the environment has no variable {name}", f"export {name}=… first")
        return environment[name]

    return _VARIABLE.sub(fill, value)


def _map(document: Document, path: tuple[str, ...], value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise document.broken(path, "must be a map", "write 'key: value' lines")
    return value


def _text(document: Document, value: Mapping[str, Json], key: str) -> str:
    found = value.get(key)
    if not isinstance(found, str):
        raise document.broken((key,), "must be text" if key in value else f"'{key}' is missing", "write a string")
    return found


def _optional(document: Document, value: Mapping[str, Json], key: str) -> str | None:
    return _text(document, value, key) if value.get(key) is not None else None


def _texts(document: Document, value: Mapping[str, Json], key: str) -> dict[str, str]:
    found = _map(document, (key,), value.get(key) or {})
    for name, item in found.items():
        if isinstance(item, dict | list | bool) or item is None:
            raise document.broken((key, name), "must be text", "quote it")
    return {name: str(item) for name, item in found.items()}


def _pool(document: Document, value: Json, keys: Mapping[str, str]) -> tuple[str, ...]:
    """Read the keys of further workers: two workers with one key would move each other's wallet."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise document.broken(("pool",), "must be a list of keys", 'for example ["${KEY_A}", "${KEY_B}"]')
    found: list[str] = []
    for index, key in enumerate(value):
        if not isinstance(key, str) or not key.strip():
            raise document.broken(("pool", index), "is no key", "fill the variable it comes from, or leave it out")
        if key in found or key in keys.values():
            raise document.broken(("pool", index), "is a key that stands here twice", "each worker needs its own")
        found.append(key)
    return tuple(found)


def _numbers(document: Document, value: Mapping[str, Json], key: str) -> dict[str, int]:
    found = _map(document, (key,), value.get(key) or {})
    numbers: dict[str, int] = {}
    for name, item in found.items():
        if not isinstance(item, int) or isinstance(item, bool):
            raise document.broken((key, name), "must be a whole number", "for example 60")
        numbers[name] = item
    return numbers


def _balance(document: Document, value: Mapping[str, Json]) -> BalanceLever | None:
    if value.get("balance") is None:
        return None
    found = _map(document, ("balance",), value["balance"])
    _known(document, ("balance",), found, _BALANCE_KEYS)
    method, _, path = str(found.get("request", "")).partition(" ")
    if not path.startswith("/"):
        raise document.broken(("balance", "request"), "must read 'METHOD /path'", "for example GET /credits")
    pointer = found.get("pointer")
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        raise document.broken(("balance", "pointer"), "must be a JSON pointer", "for example /balance")
    settle = found.get("settle_s", 0)
    return BalanceLever(
        method=method,
        path=path,
        pointer=pointer,
        unit=str(found.get("unit", "")),
        settle_s=float(settle) if isinstance(settle, int | float) else 0.0,
        exclusive=found.get("exclusive") is True,
        resolution=str(found.get("resolution") or ""),
    )


__all__ = ["BadDocument", "BalanceLever", "Target", "load_target", "target_of"]
