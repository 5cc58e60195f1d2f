"""Whether a value that was read back has the types that its class says: a state from outside may hold anything."""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

#: Whole numbers of JSON that everybody can read.
_LARGEST = 2**63 - 1


def misshapen(value: object, names: tuple[str, ...] | None = None) -> str | None:
    """Return the name of the first field whose value does not fit its annotation, None when all do.

    Only what JSON can hold is looked at; ``names`` limits it to some of the fields.
    """
    kind: Any = type(value)
    for name, hint in _hints(kind).items():
        if (names is None or name in names) and not _fits(getattr(value, name), hint):
            return name
    return None


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _fits(value: object, hint: Any) -> bool:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return any(_fits(value, each) for each in inner)
    if origin is tuple and inner[-1] is Ellipsis:
        return isinstance(value, tuple) and all(_fits(item, inner[0]) for item in value)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(_fits(item, inner[1]) for item in value.values())
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if hint is int:
        return type(value) is int and abs(value) <= _LARGEST
    return isinstance(value, hint) if isinstance(hint, type) else True
