"""The gate file: a gateway, how it is started, and the target that it then is.

``{port}``, ``{upstream_url}`` and their like are filled when upstream and gateway have their ports;
``${NAME}`` comes from the environment, when the file is read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from pixelproof.contract import Json
from pixelproof.documents.document import Document, JsonPath, nearest, read
from pixelproof.targets.file import Target, target_of

#: What may stand in braces, and what it becomes.
PLACES: Mapping[str, str] = {
    "port": "the free port that the gateway shall listen on",
    "upstream_url": "the mock behind it, with /v1",
    "upstream_origin": "the same without its path",
    "upstream_key": "the key of the account there",
    "here": "the folder of the gate file",
    "folder": "the folder the gateway runs in",
    "user": "who runs the gateway, for servers that change their user",
}
_TOP = frozenset({"auth", "upstream", "gateway", "target", "maps", "timeout_s", "hang_s", "cost_basis"})
_TOP_LATER = frozenset({"load", "idempotency", "tier"})
_UPSTREAM = frozenset({"profile", "balance", "port", "key"})
_GATEWAY = frozenset({"command", "env", "env_pass", "files", "ready"})
_READY = frozenset({"path", "timeout_s"})
_MAPS = frozenset({"models", "params"})
_LOAD = frozenset({"requests"})
_BRACED = re.compile(r"(?<!\$)\{([a-z_]+)\}")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HEADER = re.compile(r"[A-Za-z0-9-]+")
_TIERS = frozenset({"smoke", "core", "full", "none"})


class Auth(StrEnum):
    """Whose keys callers use."""

    OWN = "own"
    PASSTHROUGH = "passthrough"


class CostBasis(StrEnum):
    """What the cost that a caller is told must be: the profile's price, or what the upstream took."""

    PROFILE = "profile"
    UPSTREAM = "upstream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """The mock behind the gateway. ``port`` 0 is a free one; a fixed port and key are for gateways that run already."""

    profile: str
    balance: str = "1000000.00"
    port: int = 0
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How the gateway is started: without a command it runs already."""

    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    env_pass: tuple[str, ...] = ()
    #: Name in the folder it runs in → template beside the gate file.
    files: Mapping[str, Path] = field(default_factory=dict)
    ready_path: str = "/"
    ready_timeout_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFile:
    """Everything a gate file says. The target still has its braces: see :func:`target_at`."""

    document: Document
    folder: Path
    auth: Auth
    upstream: Upstream
    launch: Launch
    models: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 60.0
    hang_s: float = 3.0
    cost_basis: CostBasis = CostBasis.PROFILE
    #: Header that makes a repeated request the same one; empty when the gateway knows none.
    idempotency: str = ""
    #: Tier of the profile's suites; "none" leaves them out.
    tier: str = "core"
    load_requests: int = 0


def load_gate(path: Path, environment: Mapping[str, str] = os.environ) -> GateFile:
    """Read a gate file. Raises BadDocument with file, line and what to do."""
    document = _expanded(read(path), environment)
    value = document.value
    _known(document, (), value, _TOP | _TOP_LATER)
    _hold_braces(document, (), dict(value))
    upstream = _upstream(document, _map(document, ("upstream",)))
    gate = GateFile(
        document=document,
        folder=path.resolve().parent,
        auth=Auth(_choice(document, ("auth",), value.get("auth", Auth.OWN.value), Auth)),
        upstream=upstream,
        launch=_launch(document, path.resolve().parent),
        models=_texts(document, ("maps", "models")),
        params=_texts(document, ("maps", "params")),
        timeout_s=_seconds(document, ("timeout_s",), 60.0),
        hang_s=_seconds(document, ("hang_s",), 3.0),
        cost_basis=CostBasis(_choice(document, ("cost_basis",), value.get("cost_basis", "profile"), CostBasis)),
        idempotency=_header(document),
        tier=_choice(document, ("tier",), value.get("tier", "core"), _TIERS),
        load_requests=_load(document),
    )
    _known(document, ("maps",), _map(document, ("maps",)), _MAPS)
    target_at(gate, _ANY_PLACES)  # what is wrong with the target is said before anything is started
    return gate


#: Stand in while a file is read: any port and address will do to find slips.
_ANY_PLACES: Mapping[str, str] = {
    **dict.fromkeys(PLACES, "x"),
    "port": "1",
    "upstream_url": "http://127.0.0.1:1/v1",
    "upstream_origin": "http://127.0.0.1:1",
}


def target_at(gate: GateFile, places: Mapping[str, str]) -> Target:
    """Return the target with its braces filled. Raises BadDocument."""
    found = gate.document.value.get("target")
    if not isinstance(found, dict):
        raise gate.document.broken(
            ("target",), "'target' is missing", 'give at least base_url: "http://127.0.0.1:{port}/v1"'
        )
    lines = {path[1:]: line for path, line in gate.document.lines.items() if path[:1] == ("target",) and path[1:]}
    value = _filled_value({"profile": gate.upstream.profile, **found}, places)
    inner = Document(file=gate.document.file, value=value if isinstance(value, dict) else {}, lines=lines)
    # the environment was read already: what is left of ${…} came from a variable's own text
    target = target_of(inner, {})
    waivers = target.waivers and str(gate.folder / target.waivers)
    return target if waivers is None else _with_waivers(target, waivers)


def filled(text: str, places: Mapping[str, str]) -> str:
    """Return a text with every brace that is one of ours filled; others, as configurations have them, stay."""
    return _BRACED.sub(lambda match: places.get(match[1], match[0]), text)


def _with_waivers(target: Target, path: str) -> Target:
    from dataclasses import replace

    return replace(target, waivers=path)


def _filled_value(value: Json, places: Mapping[str, str]) -> Json:
    if isinstance(value, dict):
        return {key: _filled_value(item, places) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled_value(item, places) for item in value]
    return filled(value, places) if isinstance(value, str) else value


def _expanded(document: Document, environment: Mapping[str, str]) -> Document:
    def walk(path: JsonPath, value: Json) -> Json:
        if isinstance(value, dict):
            return {key: walk((*path, key), item) for key, item in value.items()}
        if isinstance(value, list):
            return [walk((*path, index), item) for index, item in enumerate(value)]
        return _from_environment(document, path, value, environment) if isinstance(value, str) else value

    value = walk((), dict(document.value))
    return Document(file=document.file, value=value if isinstance(value, dict) else {}, lines=document.lines)


def _from_environment(document: Document, path: JsonPath, text: str, environment: Mapping[str, str]) -> str:
    for name in _VARIABLE.findall(text):
        if name not in environment:
            raise document.broken(path, f"the environment has no variable {name}", f"export {name}=… first")
    return _VARIABLE.sub(lambda match: environment[match[1]], text)


def _hold_braces(document: Document, path: JsonPath, value: Json) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            # a target's own maps have words in braces that are filled much later
            if path[:2] != ("target", "map"):
                _hold_braces(document, (*path, key), item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _hold_braces(document, (*path, index), item)
    elif isinstance(value, str):
        unknown = next((name for name in _BRACED.findall(value) if name not in PLACES), None)
        if unknown is not None:
            raise document.broken(path, f"nothing fills '{{{unknown}}}'", nearest(unknown, PLACES))


def _upstream(document: Document, found: Mapping[str, Json]) -> Upstream:
    _known(document, ("upstream",), found, _UPSTREAM)
    profile = found.get("profile")
    if not isinstance(profile, str):
        raise document.broken(
            ("upstream", "profile"), "must name the profile of the mock behind it", "see `pixelproof specs list`"
        )
    port = found.get("port", 0)
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port < 1 << 16:
        raise document.broken(("upstream", "port"), "is no port", "leave it out for a free one")
    key = found.get("key")
    return Upstream(
        profile=profile,
        balance=str(found.get("balance", "1000000.00")),
        port=port,
        key=None if key is None else str(key),
    )


def _launch(document: Document, folder: Path) -> Launch:
    found = _map(document, ("gateway",))
    _known(document, ("gateway",), found, _GATEWAY)
    ready = _map(document, ("gateway", "ready"))
    _known(document, ("gateway", "ready"), ready, _READY)
    command = _list(document, ("gateway", "command"))
    return Launch(
        command=command,
        env=_texts(document, ("gateway", "env")),
        env_pass=_list(document, ("gateway", "env_pass")),
        files={
            name: _template(document, name, folder / text)
            for name, text in _texts(document, ("gateway", "files")).items()
        },
        ready_path=str(ready.get("path", "/")),
        ready_timeout_s=_seconds(document, ("gateway", "ready", "timeout_s"), 60.0),
    )


def _template(document: Document, name: str, path: Path) -> Path:
    where = ("gateway", "files", name)
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise document.broken(where, "must be a name below the folder the gateway runs in", "for example gateway.yaml")
    if not path.is_file():
        raise document.broken(where, f"there is no file {path}", "templates are named relative to the gate file")
    return path


def _load(document: Document) -> int:
    found = _map(document, ("load",))
    _known(document, ("load",), found, _LOAD)
    requests = found.get("requests", 0)
    if isinstance(requests, bool) or not isinstance(requests, int) or requests < 0:
        raise document.broken(("load", "requests"), "must be a whole number", "for example 500")
    return requests


def _header(document: Document) -> str:
    name = document.value.get("idempotency", "")
    if not isinstance(name, str) or (name and not _HEADER.fullmatch(name)):
        raise document.broken(("idempotency",), "must be the name of a header", "for example Idempotency-Key")
    return name


def _known(document: Document, path: JsonPath, value: Iterable[str], known: Iterable[str]) -> None:
    for key in value:
        if key not in frozenset(known):
            raise document.broken((*path, key), f"'{key}' is unknown here", nearest(key, known))


def _choice(document: Document, path: JsonPath, value: Json, known: Iterable[str]) -> str:
    names = [str(name) for name in known]
    if value not in names:
        raise document.broken(path, f"'{value}' is none of {', '.join(sorted(names))}", nearest(str(value), names))
    return str(value)


def _at(document: Document, path: JsonPath) -> Json:
    value: Json = dict(document.value)
    for part in path:
        value = value.get(str(part)) if isinstance(value, dict) else None
    return value


def _map(document: Document, path: JsonPath) -> dict[str, Json]:
    value = _at(document, path)
    if value is not None and not isinstance(value, dict):
        raise document.broken(path, "must be a map", "write 'key: value' lines")
    return value or {}


def _list(document: Document, path: JsonPath) -> tuple[str, ...]:
    value = _at(document, path)
    if value is None:
        return ()
    if not isinstance(value, list) or not value or any(isinstance(item, dict | list) for item in value):
        raise document.broken(path, "must be a list of words", 'for example [nginx, -c, "{folder}/nginx.conf"]')
    return tuple(str(item) for item in value)


def _texts(document: Document, path: JsonPath) -> dict[str, str]:
    found = _map(document, path)
    for name, item in found.items():
        if isinstance(item, dict | list | bool) or item is None:
            raise document.broken((*path, name), "must be text", "quote it")
    return {name: str(item) for name, item in found.items()}


def _seconds(document: Document, path: JsonPath, default: float) -> float:
    value = _at(document, path)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise document.broken(path, "must be seconds", "for example 60")
    return float(value)
