"""Faults on demand: one vocabulary for the control plane, the header and the magic prompt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from threading import RLock
from typing import TYPE_CHECKING

from pixelproof.documents.document import nearest

if TYPE_CHECKING:
    from .call import Call

#: Nothing waits longer than this, whatever a fault asks for.
LONGEST_WAIT_S = 60.0
#: Faults kept at once.
MOST_FAULTS = 1_000


class Effect(StrEnum):
    """What goes wrong."""

    CONTENT_POLICY = "content_policy"
    INVALID_REQUEST = "invalid_request"
    UNAUTHORIZED = "unauthorized"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    UPSTREAM_ERROR = "upstream_error"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    LATENCY = "latency"
    RESET = "reset"
    TRUNCATED_BODY = "truncated_body"
    WRONG_CONTENT_TYPE = "wrong_content_type"
    LOST_RESPONSE = "lost_response"
    PARTIAL = "partial"
    TASK_FAILURE = "task_failure"
    MODEL_RETIRED = "model_retired"
    BAD_SUCCESS = "bad_success"


#: Other names of effects.
ALIASES: Mapping[str, Effect] = {"slow": Effect.LATENCY, "fail": Effect.TASK_FAILURE}
#: Refused before anything is generated, each with the row of the same name.
REFUSALS = frozenset(
    {
        Effect.INVALID_REQUEST,
        Effect.UNAUTHORIZED,
        Effect.INSUFFICIENT_FUNDS,
        Effect.FORBIDDEN,
        Effect.RATE_LIMITED,
        Effect.MODEL_RETIRED,
    }
)
#: Fail while generating: nothing is made and nothing kept.
BREAKDOWNS = frozenset({Effect.SERVER_ERROR, Effect.UPSTREAM_ERROR, Effect.UNAVAILABLE, Effect.TIMEOUT})
#: Effects that end in an error of the table, or in a failed task: a number after their name means
#: "so many times, then succeed".
ERRORS = REFUSALS | BREAKDOWNS | {Effect.CONTENT_POLICY, Effect.TASK_FAILURE}


class Variant(StrEnum):
    """The ways of ``bad_success``."""

    ERROR_BODY = "error_body"
    EMPTY = "empty"
    HTML = "html"
    TEXT_PLAIN = "text_plain"
    NO_CREATED = "no_created"
    CREATED_STRING = "created_string"
    NO_DATA = "no_data"
    EMPTY_DATA = "empty_data"
    NULL_ITEMS = "null_items"


#: Variants about the images: in a provider with tasks they wait for the finished one.
IMAGE_VARIANTS = frozenset({Variant.NO_DATA, Variant.EMPTY_DATA, Variant.NULL_ITEMS})


class When(StrEnum):
    """Whether a reset comes before or after the work is done and paid."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which requests a fault meets; None meets all. ``prompt`` is a part of the prompt."""

    account: str | None = None
    path: str | None = None
    model: str | None = None
    prompt: str | None = None
    trace: str | None = None

    def meets(self, call: Call) -> bool:
        """Tell whether a request is meant. Without ``path`` only requests that make images are."""
        return (
            (self.account is None or self.account == call.account.id)
            and self._meets_path(call)
            and (self.model is None or self.model == call.model)
            and (self.prompt is None or self.prompt in call.prompt)
            and (self.trace is None or self.trace == call.trace)
        )

    def _meets_path(self, call: Call) -> bool:
        if self.path is None:
            return call.operation.capability is not None
        return self.path in {call.operation.path, call.environ.get("PATH_INFO")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: its effect, whom it meets, how often, and the arguments of the effect."""

    effect: Effect
    id: str = ""
    match: Match = field(default_factory=Match)
    times: int | None = None
    #: Matching requests that pass before the first one is hit.
    after: int = 0
    probability: float = 1.0
    seed: int = 0
    expires_at: float | None = None
    status: int | None = None
    retry_after_s: int = 1
    message: str | None = None
    seconds: float = 1.0
    images: int | None = None
    when: When = When.BEFORE
    variant: Variant = Variant.ERROR_BODY
    content_type: str = "text/html"


class UnknownFault(ValueError):
    """A fault that does not exist, or an argument it does not take."""


def effect_named(name: str) -> Effect:
    """Return the effect of a name or alias. Raises UnknownFault with the nearest one."""
    try:
        return ALIASES.get(name) or Effect(name)
    except ValueError:
        hint = nearest(name, [*Effect, *ALIASES])
        raise UnknownFault(f"there is no fault '{name[:60]}'; {hint}") from None


_MAGIC = re.compile(r"mock:([A-Za-z_]+)(?:=(\S*))?(?:\s|$)")


def from_prompt(prompt: str) -> Fault | None:
    """Return the fault of a magic prompt, None of an ordinary one. Raises UnknownFault."""
    found = _MAGIC.match(prompt)
    return from_words(found[1], found[2]) if found else None


def from_header(text: str) -> Fault:
    """Return the fault of ``X-Mock-Fault: name[=value]``. Raises UnknownFault."""
    name, sign, value = text.strip().partition("=")
    return from_words(name, value if sign else None)


def from_words(name: str, value: str | None) -> Fault:
    """Build a fault from its name and its one argument. Raises UnknownFault."""
    effect = effect_named(name)
    if value is None:
        return Fault(effect=effect)
    try:
        return _with_argument(effect, value)
    except ValueError:
        raise UnknownFault(f"the fault '{name}' cannot have the value '{value[:60]}'") from None


def _with_argument(effect: Effect, value: str) -> Fault:
    if effect in ERRORS:
        return Fault(effect=effect, times=_count(value, least=1))
    if effect is Effect.LATENCY:
        return Fault(effect=effect, seconds=_seconds(value))
    if effect is Effect.PARTIAL:
        return Fault(effect=effect, images=_count(value, least=0))
    if effect is Effect.BAD_SUCCESS:
        return Fault(effect=effect, variant=Variant(value))
    if effect is Effect.RESET:
        return Fault(effect=effect, when=When(value))
    raise ValueError(value)


def _count(value: str, *, least: int) -> int:
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else -1  # noqa: PLR2004
    if number < least:
        raise ValueError(value)
    return number


def _seconds(value: str) -> float:
    seconds = float(value)
    if not 0 <= seconds <= LONGEST_WAIT_S:
        raise ValueError(value)
    return seconds


@dataclass(slots=True)
class _Standing:
    fault: Fault
    met: int = 0
    hit: int = 0


class FaultBook:
    """The faults that the control plane has put up."""

    def __init__(self) -> None:
        """Begin without any."""
        #: Another one where several processes share the faults.
        self.lock: AbstractContextManager[object] = RLock()
        #: The number of the newest fault.
        self.number = 0
        self._standing: dict[str, _Standing] = {}

    def __bool__(self) -> bool:
        """Tell whether any fault stands."""
        return bool(self._standing)

    def next_id(self) -> str:
        """Return the id for a new fault."""
        with self.lock:
            self.number += 1
            return f"flt_{self.number}"

    def put(self, fault: Fault) -> None:
        """Let a fault stand. Raises ValueError when there are too many."""
        with self.lock:
            if len(self._standing) >= MOST_FAULTS:
                raise ValueError(f"{MOST_FAULTS} faults stand already")
            self._standing[fault.id] = _Standing(fault)

    def faults(self) -> list[tuple[Fault, int]]:
        """Return the standing faults, each with how often it hit."""
        with self.lock:
            return [(standing.fault, standing.hit) for standing in self._standing.values()]

    def standings(self) -> list[tuple[Fault, int, int]]:
        """Return the standing faults, each with how many requests it met and hit."""
        with self.lock:
            return self.standings_now()

    def standings_now(self) -> list[tuple[Fault, int, int]]:
        """Return the same, for those who are inside the lock already."""
        return [(standing.fault, standing.met, standing.hit) for standing in self._standing.values()]

    def restore(self, standings: Iterable[tuple[Fault, int, int]]) -> None:
        """Let exactly these faults stand; the next one gets a number that none of them has."""
        found = list(standings)
        with self.lock:
            self.adopt(found)
            self.number += max((int(fault.id.rpartition("_")[2]) for fault, _, _ in found), default=0)

    def adopt(self, standings: Iterable[tuple[Fault, int, int]]) -> None:
        """Let exactly these faults stand. Call under the lock."""
        self._standing = {fault.id: _Standing(fault, met, hit) for fault, met, hit in standings}

    def recount(self, counts: Mapping[str, tuple[int, int]]) -> None:
        """Write how many requests each fault met and hit. Call under the lock."""
        for fault_id, (met, hit) in counts.items():
            self._standing[fault_id].met, self._standing[fault_id].hit = met, hit

    def take_down(self, fault_id: str | None = None) -> int:
        """Remove one fault, or all; return how many."""
        with self.lock:
            if fault_id is not None:
                return 0 if self._standing.pop(fault_id, None) is None else 1
            count = len(self._standing)
            self._standing.clear()
            return count

    def strike(self, call: Call, now: float) -> list[Fault]:
        """Return the faults that hit this request, and count them: latencies and one other."""
        struck: list[Fault] = []
        with self.lock:
            for standing in tuple(self._standing.values()):
                fault = standing.fault
                if fault.expires_at is not None and now >= fault.expires_at:
                    del self._standing[fault.id]
                elif not (fault.effect is not Effect.LATENCY and any(f.effect is not Effect.LATENCY for f in struck)):
                    struck += [fault] if _hits(standing, call) else []
        return struck


def _hits(standing: _Standing, call: Call) -> bool:
    fault = standing.fault
    if not fault.match.meets(call):
        return False
    standing.met += 1
    spent = fault.times is not None and standing.hit >= fault.times
    if spent or standing.met <= fault.after or not _chance(fault, call):
        return False
    standing.hit += 1
    return True


def _chance(fault: Fault, call: Call) -> bool:
    if fault.probability >= 1:
        return True
    # a function of the request and its ordinal, so that a seed holds under any concurrency
    text = b"%d:%s:%d" % (fault.seed, call.fingerprint, call.ordinal)
    drawn = int.from_bytes(blake2b(text, digest_size=4).digest(), "big")
    return drawn / 2**32 < fault.probability
