"""Rules about the shape of errors, whatever their status."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof.contract import Json
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, moot, names, passed, rule, text
from pixelproof.verdict import Outcome

_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}


@rule
def error_envelope(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """An error is the documented object: every key there, every value of its type."""
    step = text(args, "step")
    exchange = evidence.of(step)
    if exchange.ok or exchange.response is None:
        return moot("no error came back")
    inner = exchange.error_object()
    shielded = names(args, "shielded")
    documented = evidence.contract.errors.envelope.keys
    keys = {key: kinds for key, kinds in documented.items() if key not in shielded}
    wanted = "an object 'error' with " + ", ".join(f"{key} ({' or '.join(kinds)})" for key, kinds in keys.items())
    if inner is None:
        return failed(wanted, _body(exchange.response.text, exchange.response.body), step)
    wrong = misshapen(inner, keys)
    return passed() if wrong is None else failed(wrong[0] or wanted, wrong[1], step)


def misshapen(inner: Mapping[str, Json], keys: Mapping[str, tuple[str, ...]]) -> tuple[str, str] | None:
    """Return what was wanted of an error object and what was got, None when it has every key as documented.

    What was wanted is empty where it is the whole object: a key is missing.
    """
    for key, kinds in keys.items():
        if key not in inner:
            return "", f"'{key}' is missing: {dict(inner)!r}"[:200]
        if not any(_is(inner[key], kind) for kind in kinds):
            return f"'{key}' of type {' or '.join(kinds)}", repr(inner[key])[:120]
    return None


def _is(value: Json, kind: str) -> bool:
    if isinstance(value, bool) and kind != "boolean":
        return False
    return isinstance(value, _KINDS[kind])


def _body(text_body: str, body: Json) -> str:
    return repr(body)[:200] if body is not None else f"no JSON object: {text_body[:120]!r}"
