"""Where an entry of a contract applies: values of parameters, as the document spells them."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof.contract.json import Json

#: parameter → the values of it that are meant, spelled as in the contract
When = Mapping[str, tuple[str, ...]]


def spelled(value: Json) -> str:
    """Return a value as a contract spells it: ``true``, ``null``, and 5 for 5.0, which JSON does not tell apart."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def holds(when: When, values: Mapping[str, Json]) -> bool:
    """Tell whether request values meet every part of a condition; a value that is absent or null meets none."""
    return all((value := values.get(name)) is not None and spelled(value) in meant for name, meant in when.items())
