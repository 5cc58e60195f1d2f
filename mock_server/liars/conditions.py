"""Servers that take the wrong money under conditions: of some requests only, or of refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..seams import Seams
from .catalogue import liar
from .edits import fined

if TYPE_CHECKING:
    from ..call import Call

TWICE, REFUSED = "charged twice", "charged refusals"
_SEVERAL = 3
_CENT = 10_000


@liar("perf-several-charged-twice", claim="PRF-25", family=TWICE, intent="from three images on, all are charged twice")
def several_charged_twice(honest: Seams) -> Seams:
    """Charge again for many images."""
    return _charging(honest, lambda call: 2 * call.billable if call.billable >= _SEVERAL else call.billable)


@liar("perf-several-charged-as-one", claim="PRF-25", family=TWICE, intent="several images cost what one costs")
def several_charged_as_one(honest: Seams) -> Seams:
    """Charge the request."""
    return _charging(honest, lambda call: min(1, call.billable))


@liar("perf-base64-charged-twice", claim="PRF-25", family=TWICE, intent="an image in base64 is charged twice")
def base64_charged_twice(honest: Seams) -> Seams:
    """Charge again for images inline."""
    return _twice(honest, lambda call: call.values.get("response_format") == "b64_json")


@liar("perf-natural-charged-twice", claim="PRF-25", family=TWICE, intent="the style natural costs double")
def natural_charged_twice(honest: Seams) -> Seams:
    """Charge again for a style."""
    return _twice(honest, lambda call: call.body.get("style") == "natural")


@liar("perf-custom-charged-twice", claim="PRF-25", family=TWICE, intent="a custom size costs double")
def custom_charged_twice(honest: Seams) -> Seams:
    """Charge again for a size of one's own."""
    return _twice(honest, lambda call: str(call.values.get("size")) in {"768x1344", "1344x768"})


@liar("perf-foreign-letters-charged-twice", claim="PRF-25", family=TWICE, intent="a prompt beyond ASCII costs double")
def foreign_letters_charged_twice(honest: Seams) -> Seams:
    """Charge again for what another service translates."""
    return _twice(honest, lambda call: not call.prompt.isascii())


@liar("perf-policy-charged", claim="PRF-25", family=REFUSED, intent="a prompt against the policy is charged")
def policy_charged(honest: Seams) -> Seams:
    """Take a cent for a prompt that was turned down."""
    return fined(honest, _CENT, "content_policy")


@liar("perf-refusals-charged", claim="PRF-25", family=REFUSED, intent="a request that is refused is charged")
def refusals_charged(honest: Seams) -> Seams:
    """Take a cent for a bad request."""
    return fined(honest, _CENT, "invalid_request")


@liar("perf-turned-away-charged", claim="PRF-25", family=REFUSED, intent="a request beyond the limit is charged")
def turned_away_charged(honest: Seams) -> Seams:
    """Take a cent for a 429."""
    return fined(honest, _CENT, "rate_limited")


def _twice(honest: Seams, is_dear: Callable[[Call], bool]) -> Seams:
    return _charging(honest, lambda call: call.billable * (2 if is_dear(call) else 1))


def _charging(honest: Seams, images: Callable[[Call], int]) -> Seams:
    """Charge for another number of images than were made, beside what is held."""

    def charge(call: Call) -> None:
        made, wanted = call.billable, images(call)
        call.billable = min(made, wanted)
        honest.charge(call)
        call.billable = wanted - call.billable
        if call.billable > 0:
            honest.charge(call)
        call.billable = made

    return replace(honest, charge=charge)
