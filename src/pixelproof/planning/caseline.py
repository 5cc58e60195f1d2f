"""A case as a line of ``run.jsonl``: what was planned and what it checks, so that it can be judged again.

Steps keep their kind under ``step``; fields at their defaults are left out. Raw bodies are
written as latin-1 text, one character a byte.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from enum import Enum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from pixelproof.contract import Json
from pixelproof.deviation import Tier
from pixelproof.planning.case import (
    Advance,
    Cancel,
    Case,
    Check,
    Key,
    Poll,
    ReadBalance,
    Refetch,
    Send,
    SetRate,
    Step,
    Together,
    Upload,
)

_KINDS: Mapping[str, type[Any]] = {
    "send": Send,
    "refetch": Refetch,
    "read-balance": ReadBalance,
    "advance": Advance,
    "upload": Upload,
    "poll": Poll,
    "cancel": Cancel,
    "together": Together,
    "set-rate": SetRate,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def case_line(case: Case, resolution: int = 0) -> dict[str, object]:
    """Return the line of a case that was conducted; ``resolution`` is the finest difference its wallet showed."""
    line: dict[str, object] = {"kind": "case", "case": case.id, "tier": case.tier.value, "resolution": resolution}
    if case.model is not None:
        line["model"] = case.model
    steps = [_step(step) for step in case.steps]
    checks = [{"rule": check.rule, "claim": check.claim, "args": dict(check.args)} for check in case.checks]
    return {**line, "steps": steps, "checks": checks}


def read_case(line: Mapping[str, Json]) -> Case:
    """Return the case of a line. Raises KeyError, TypeError or ValueError for a line that is none of ours."""
    steps, checks, model = line["steps"], line["checks"], line.get("model")
    if not isinstance(steps, list) or not isinstance(checks, list):
        raise TypeError("a case needs the lists 'steps' and 'checks'")
    return Case(
        id=str(line["case"]),
        steps=tuple(_read_step(step) for step in steps),
        checks=tuple(Check(**check) for check in checks if isinstance(check, dict)),  # type: ignore[arg-type]  # the schema of the record fixes the types
        tier=Tier(str(line["tier"])),
        model=None if model is None else str(model),
    )


def _step(step: Step) -> dict[str, object]:
    return {"step": _NAMES[type(step)], **_written(step)}


def _written(value: Any) -> dict[str, object]:
    """Return the fields of a step or key that differ from their defaults."""
    told = ((field, getattr(value, field.name)) for field in fields(value))
    return {field.name: _plain(item) for field, item in told if item != _default(field)}


def _plain(value: Any) -> object:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Key):
        return _written(value)
    if isinstance(value, tuple):
        return [_step(item) if isinstance(item, Send) else item for item in value]
    return dict(value) if isinstance(value, Mapping) else value


def _default(field: Field[Any]) -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default  # MISSING, which nothing equals, where the field is required


def _read_step(value: Json) -> Any:
    if not isinstance(value, dict):
        raise TypeError("a step must be a map")
    given = {name: item for name, item in value.items() if name != "step"}
    return _read(_KINDS[str(value["step"])], given)


def _read(kind: type[Any], given: Mapping[str, Json]) -> Any:
    hints = _hints()[kind]
    return kind(**{name: _valued(hints[name], item) for name, item in given.items()})


@cache
def _hints() -> Mapping[type[Any], Mapping[str, Any]]:
    return {kind: get_type_hints(kind) for kind in (*_KINDS.values(), Key)}


def _valued(hint: Any, value: Json) -> Any:
    """Return a JSON value as the type that a field has."""
    if get_origin(hint) is types.UnionType:
        hint = next(part for part in get_args(hint) if part is not types.NoneType)
    if hint is bytes:
        return str(value).encode("latin-1")
    if hint is Key and isinstance(value, dict):
        return _read(Key, value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if get_origin(hint) is tuple and isinstance(value, list):
        return tuple(_read_step(item) if isinstance(item, dict) else item for item in value)
    return value
