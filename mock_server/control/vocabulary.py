"""The words of a fault with their bounds: read by the control plane, and told to whoever builds a form of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ..faults import LONGEST_WAIT_S, Effect, Variant, When

if TYPE_CHECKING:
    from pixelproof.contract import Json

    from .forms import Form

#: Larger than any count that means something, and exact in every JSON library.
_MOST = 2**53


class Kind(StrEnum):
    """What is written into a field."""

    WHOLE = "whole"
    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One field of a fault: what it means to people, its bounds, and the effects that take it."""

    about: str
    kind: Kind
    least: int = 0
    most: int = _MOST
    choices: tuple[str, ...] = ()
    #: Empty for what every effect takes.
    takers: frozenset[Effect] = frozenset()


#: What every effect takes.
COMMON: Mapping[str, Argument] = {
    "times": Argument(about="requests that are hit; then they succeed", kind=Kind.WHOLE, least=1),
    "after": Argument(about="matching requests that pass first", kind=Kind.WHOLE),
    "probability": Argument(about="chance of being hit, from 0 to 1", kind=Kind.NUMBER, most=1),
    "seed": Argument(about="makes the chance reproducible", kind=Kind.WHOLE),
    "ttl_s": Argument(about="seconds on the clock until it is gone", kind=Kind.NUMBER, most=10**9),
    "message": Argument(about="text of the error", kind=Kind.TEXT),
}
#: What only some effects take.
ARGUMENTS: Mapping[str, Argument] = {
    "status": Argument(
        about="HTTP status, where the contract has several",
        kind=Kind.WHOLE,
        least=400,
        most=599,
        takers=frozenset({Effect.UPSTREAM_ERROR, Effect.UNAVAILABLE, Effect.SERVER_ERROR, Effect.TIMEOUT}),
    ),
    "retry_after_s": Argument(
        about="seconds that Retry-After asks for",
        kind=Kind.WHOLE,
        least=1,
        most=86_400,
        takers=frozenset({Effect.RATE_LIMITED}),
    ),
    "seconds": Argument(
        about="seconds that the answer takes longer",
        kind=Kind.NUMBER,
        most=int(LONGEST_WAIT_S),
        takers=frozenset({Effect.LATENCY}),
    ),
    "images": Argument(
        about="images that are delivered all the same", kind=Kind.WHOLE, most=100, takers=frozenset({Effect.PARTIAL})
    ),
    "when": Argument(
        about="before or after the work is done and paid",
        kind=Kind.CHOICE,
        choices=tuple(When),
        takers=frozenset({Effect.RESET}),
    ),
    "variant": Argument(
        about="what is wrong with the 200",
        kind=Kind.CHOICE,
        choices=tuple(Variant),
        takers=frozenset({Effect.BAD_SUCCESS}),
    ),
    "content_type": Argument(
        about="Content-Type that is sent", kind=Kind.TEXT, takers=frozenset({Effect.WRONG_CONTENT_TYPE})
    ),
}
_ALL = {**COMMON, **ARGUMENTS}


def whole(name: str, form: Form) -> int | None:
    """Return a whole number of a form within the bounds of its word. Raises Wrong."""
    return form.whole(name, least=_ALL[name].least, most=_ALL[name].most)


def number(name: str, form: Form) -> float | None:
    """Return a number of a form within the bounds of its word. Raises Wrong."""
    return form.number(name, least=_ALL[name].least, most=_ALL[name].most)


def vocabulary(statuses: Mapping[Effect, list[int]]) -> dict[str, Json]:
    """Return every effect with the arguments it takes, and every argument with its bounds."""
    effects: list[Json] = [
        {
            "name": effect.value,
            "arguments": [name for name, argument in ARGUMENTS.items() if effect in argument.takers],
            "statuses": [*statuses.get(effect, [])],
        }
        for effect in Effect
    ]
    return {
        "effects": effects,
        "fields": {name: _shown(argument) for name, argument in _ALL.items()},
        "common": [*COMMON],
    }


def _shown(argument: Argument) -> dict[str, Json]:
    bounded = argument.kind in {Kind.WHOLE, Kind.NUMBER}
    return {
        "about": argument.about,
        "kind": argument.kind.value,
        "least": argument.least if bounded else None,
        "most": argument.most if bounded and argument.most != _MOST else None,
        "choices": [*argument.choices],
    }
