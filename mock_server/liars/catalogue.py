"""The registry of deviations: declared in one line, found by name, applied at start."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from pixelproof import loading
from pixelproof.deviation import Deviation, Nature, Tier
from pixelproof.documents.document import nearest
from pixelproof.problems import BadUsage

from ..seams import Seams
from ..steps.honest import honest

if TYPE_CHECKING:
    from pixelproof.contract import Contract

Change = Callable[[Seams], Seams]
#: claim → what deviates from it, by name without its prefix
Retellings = Mapping[str, Mapping[str, Change]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Declared:
    """A deviation as declared: the profile is known once the contracts are read."""

    name: str
    nature: Nature
    profile: str | None
    claim: str
    tier: Tier
    family: str
    intent: str
    change: Change


_SHELF: dict[str, _Declared] = {}


def liar(  # noqa: PLR0913 - the columns of the catalogue
    name: str, *, claim: str, family: str, intent: str, tier: Tier = Tier.CORE, profile: str | None = None
) -> Callable[[Change], Change]:
    """Declare a server that breaks ``claim``; ``tier`` is the cheapest that must find it.

    ``profile`` is needed only when no served contract carries the claim.
    """
    return _declare(name, Nature.LIAR, claim, family, intent, tier, profile)


def variation(
    name: str, *, claim: str, family: str, intent: str, profile: str | None = None
) -> Callable[[Change], Change]:
    """Declare an honest server that differs where ``claim`` (a permission or an X row) lets it."""
    return _declare(name, Nature.VARIATION, claim, family, intent, Tier.CORE, profile)


def retold(prefix: str, retellings: Retellings, *, early: frozenset[str] = frozenset()) -> None:
    """Declare deviations of the shelf for another profile, each in the words of its first telling.

    ``prefix`` makes the names the profile's own; ``early`` names those that the smoke tier finds.
    Raises KeyError for what is not on the shelf yet.
    """
    first = {declared.change: declared for declared in reversed(_SHELF.values())}
    for claim, changes in retellings.items():
        for name, change in changes.items():
            known, tier = first[change], Tier.SMOKE if name in early else Tier.CORE
            declare = _declare(prefix + name, known.nature, claim, known.family, known.intent, tier, None)
            declare(change)


@cache
def catalogue() -> tuple[Deviation, ...]:
    """Return every deviation, by profile and name."""
    found = (_deviation(declared, _profile(declared)) for declared in _shelf().values())
    return tuple(sorted(found, key=lambda deviation: (deviation.profile, deviation.name)))


def applied(name: str | None, contracts: Sequence[Contract], kept: Mapping[str, Seams]) -> dict[str, Seams]:
    """Return the seams of every profile, with the named deviation where it belongs.

    Raises BadUsage for an unknown name, or one whose profile is not served.
    """
    seams = dict(kept)
    if name is None:
        return seams
    declared = _shelf().get(name)
    if declared is None:
        raise BadUsage(f"there is no liar '{name}'", nearest(name, _shelf()))
    concerned = [c.profile for c in contracts if declared.profile == c.profile or declared.claim in c.claims]
    if not concerned:
        raise BadUsage(f"the liar '{name}' breaks {declared.claim}, which is not served here", "serve its profile")
    for profile in concerned:
        seams[profile] = declared.change(seams[profile])
    return seams


def _declare(  # noqa: PLR0913, PLR0917 - the columns of the catalogue
    name: str, nature: Nature, claim: str, family: str, intent: str, tier: Tier, profile: str | None
) -> Callable[[Change], Change]:
    def declare(change: Change) -> Change:
        if name in _SHELF:
            raise ValueError(f"two deviations are called '{name}'")
        _SHELF[name] = _Declared(
            name=name,
            nature=nature,
            profile=profile,
            claim=claim,
            tier=tier,
            family=family,
            intent=intent,
            change=change,
        )
        return change

    return declare


@cache
def _shelf() -> dict[str, _Declared]:
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules(import_module(package).__path__):
        import_module(f"{package}.{module.name}")
    return _SHELF


def _profile(declared: _Declared) -> str:
    if declared.profile is not None:
        return declared.profile
    for profile in loading.profiles():
        if declared.claim in loading.shipped(profile).claims:
            return profile
    raise BadUsage(f"the liar '{declared.name}' breaks {declared.claim}, which no contract has", "name its profile")


def _deviation(declared: _Declared, profile: str) -> Deviation:
    return Deviation(
        name=declared.name,
        nature=declared.nature,
        profile=profile,
        claim=declared.claim,
        tier=declared.tier,
        family=declared.family,
        intent=declared.intent,
        steps=_replaced(declared, profile),
    )


def _replaced(declared: _Declared, profile: str) -> tuple[str, ...]:
    before = honest(loading.shipped(profile))
    after = declared.change(before)
    return tuple(step.name for step in fields(Seams) if getattr(after, step.name) is not getattr(before, step.name))
