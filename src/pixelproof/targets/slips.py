"""Slips in a target file that would read as faults of the target, or as levers that are not there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from pixelproof.contract import Json
from pixelproof.documents.document import Document, nearest

#: What a prompt can be said to provoke, and what the limited key can be limited in.
EFFECTS = frozenset(
    {
        "content_policy",
        "forbidden",
        "server_error",
        "upstream_error",
        "unavailable",
        "timeout",
        "partial",
        "task_failure",
        "latency",
    }
)
LIMITS = frozenset({"requests_per_minute", "images_per_minute", "images_per_day", "in_flight"})
_AMOUNT = re.compile(r"[0-9]+(\.[0-9]+)?( [A-Za-z]{3})?")
_PAIR = re.compile(r"[a-z]{3}_[a-z]{3}")
_KEY = re.compile(r"[\x21-\x7e]+")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e\t]*")

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What a value must be: a test, and what a person is told otherwise."""

    holds: Callable[[Json], bool]
    problem: str
    hint: str


def hold_sound(document: Document, value: Mapping[str, Json]) -> None:
    """Check the values of a target file whose keys are known already. Raises BadDocument with the line."""
    for path, sound in _SINGLE.items():
        _hold(document, path, _found(value, path), sound)
    for key, sound in _EACH.items():
        for name, item in _map(value.get(key)).items():
            _hold(document, (key, name), item, sound)
    _hold_names(document, value)
    _hold_address(document, str(value.get("base_url")))
    for path, item in _mapped(value):
        _hold(document, path, item, _STATE if "states" in path else _POINTER)


def _hold_names(document: Document, value: Mapping[str, Json]) -> None:
    for key, known in (("prompts", EFFECTS), ("limits", LIMITS)):
        for name in _map(value.get(key)):
            if name not in known:
                raise document.broken((key, name), f"'{name}' is unknown here", nearest(name, known))
    for key, pattern, hint in (("rate", _PAIR, "for example usd_inr"), ("headers", _HEADER_NAME, "for example x-a")):
        for name in _map(value.get(key)):
            if not pattern.fullmatch(name):
                raise document.broken((key, name), f"'{name}' is no name for this", hint)


def _hold(document: Document, path: Path, item: Json, sound: Sound) -> None:
    if item is not None and not sound.holds(item):
        raise document.broken(path, sound.problem, sound.hint)


def _hold_address(document: Document, address: str) -> None:
    try:
        parts = urlsplit(address)
        plain = not (parts.query or parts.fragment or parts.username or parts.password) and parts.port != 0
    except ValueError:
        plain = False
    if not plain:
        problem = "must be a plain address: no user, password, '?' or '#', and a port up to 65535"
        raise document.broken(("base_url",), problem, "what is secret belongs under keys: or headers:")


def _mapped(value: Mapping[str, Json]) -> list[tuple[Path, Json]]:
    """Return the pointers and the names of states under ``map``, with their paths."""
    mapped = _map(value.get("map"))
    task, models, upload = (_map(mapped.get(name)) for name in ("task", "models", "upload"))
    pointers: list[tuple[Path, Json]] = [
        *((("map", "models", name), models.get(name)) for name in ("pointer", "id")),
        *((("map", "task", name), item) for name, item in task.items() if name not in {"states", "longest_s"}),
        (("map", "upload", "artifact_id"), upload.get("artifact_id")),
    ]
    return [*pointers, *((("map", "task", "states", name), item) for name, item in _map(task.get("states")).items())]


def _found(value: Mapping[str, Json], path: Path) -> Json:
    found: Json = dict(value)
    for part in path:
        found = _map(found).get(part)
    return found


def _map(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _is_url(value: Json) -> bool:
    # that it is text at all is held elsewhere
    return not isinstance(value, str) or re.fullmatch(r"https?://[^/\s]\S*", value) is not None


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_at_least_one(value: Json) -> bool:
    # that it is a number at all is held elsewhere
    return not isinstance(value, int | float) or value >= 1


def _is_rate(value: Json) -> bool:
    try:
        rate = Decimal(str(value))
    except InvalidOperation:
        return False
    return rate.is_finite() and rate > 0


def _matches(pattern: re.Pattern[str]) -> Callable[[Json], bool]:
    return lambda value: pattern.fullmatch(str(value)) is not None


def _are_texts(value: Json) -> bool:
    texts = value if isinstance(value, list) else [value]
    return all(isinstance(item, str) for item in texts)


_URL = Sound(holds=_is_url, problem="is no http(s) URL", hint="for example http://127.0.0.1:8765/__admin")
_MONEY = Sound(holds=_matches(_AMOUNT), problem="is no amount", hint='for example "0.50 USD"')
_POINTER = Sound(
    holds=lambda value: isinstance(value, str) and value.startswith("/"),
    problem="must be a JSON pointer",
    hint="for example /data",
)
_STATE = Sound(holds=_are_texts, problem="must be a word or a list of words", hint="for example [pending]")
#: One value each, where it stands.
_SINGLE: Mapping[Path, Sound] = {
    ("control",): _URL,
    ("reference_url",): _URL,
    ("max_cost",): _MONEY,
    ("balance", "request"): Sound(
        holds=_matches(re.compile(r"[A-Z]+ /\S*")), problem="must read 'METHOD /path'", hint="for example GET /credits"
    ),
    ("balance", "unit"): Sound(
        holds=lambda value: isinstance(value, str), problem="must be text", hint='for example USD, or "0.01 USD"'
    ),
    ("balance", "settle_s"): Sound(holds=_is_number, problem="must be seconds", hint="for example 5"),
    ("balance", "exclusive"): Sound(
        holds=lambda value: isinstance(value, bool), problem="must be true or false", hint="write it without quotes"
    ),
    ("balance", "resolution"): Sound(
        holds=lambda value: _matches(_AMOUNT)(value) and _is_rate(str(value).partition(" ")[0]),
        problem="is no amount",
        hint='for example "0.01"',
    ),
}
#: Every value of a map.
_EACH: Mapping[str, Sound] = {
    "keys": Sound(
        holds=_matches(_KEY),
        problem="cannot be sent: it has a line break, a blank or a letter beyond ASCII",
        hint="look at where it was copied from",
    ),
    "headers": Sound(
        holds=_matches(_HEADER_VALUE),
        problem="cannot be sent: it has a line break or a letter beyond ASCII",
        hint="write it on one line",
    ),
    "prices": _MONEY,
    "rate": Sound(holds=_is_rate, problem="is no rate", hint='for example "87.50"'),
    "limits": Sound(holds=_is_at_least_one, problem="must be at least 1", hint="for example 60"),
}
