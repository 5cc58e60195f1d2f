"""A case: one planned request or sequence, as data, with the checks that judge it.

Strategies make cases from a contract, the conductor sends their steps, rules judge
what came back. A case is a value: it can be listed, priced, repeated and re-judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pixelproof.contract import Json
from pixelproof.deviation import Tier
from pixelproof.money import Units


class KeyRole(StrEnum):
    """Whose key a request carries; all but ``default`` may be missing at a third party."""

    DEFAULT = "default"
    NONE = "none"
    INVALID = "invalid"
    OTHER = "other"
    SECOND = "second"
    BROKE = "broke"
    UNSCOPED = "unscoped"
    LIMITED = "limited"
    BUDGET = "budget"
    TEST = "test"
    #: An account of this case alone: money and clock can be watched undisturbed.
    FRESH = "fresh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A demand for a key; what stands beside the role is what a control plane must set up."""

    role: KeyRole = KeyRole.DEFAULT
    balance: Units | None = None
    limit_per_minute: int | None = None
    budget: Units | None = None
    scopes: tuple[str, ...] | None = None
    tier: str | None = None
    #: With the limits of a new key, as the document has them: nothing widened for the run's sake.
    as_documented: bool = False


class Fetch(StrEnum):
    """Which image URLs of a response are downloaded."""

    NONE = "none"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Send one API request. ``positive``: bad luck (5xx, timeout, 429) is tried once more."""

    name: str
    operation: str
    body: Mapping[str, Json] | None = None
    raw: bytes | None = None
    media_type: str = "application/json"
    #: Bytes of white space to send behind the JSON of ``body``.
    padding: int = 0
    key: Key = field(default_factory=Key)
    fetch: Fetch = Fetch.NONE
    positive: bool = False
    #: What makes the target misbehave on purpose; it replaces the prompt.
    provoke: str | None = None
    #: What this request costs by the contract: nothing when it must be refused.
    price: Units = Units(0)
    #: What it costs when a server wrongly serves it; the budget reckons with this.
    worst: Units = Units(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refetch:
    """Download an image URL of an earlier step once more."""

    name: str
    of: str
    index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBalance:
    """Read the wallet of a key. An ``optional`` reading is left out where there is no lever.

    ``settled``: more than one move may be on its way, so a slow wallet gets all its time.
    """

    name: str
    key: Key = field(default_factory=Key)
    optional: bool = False
    settled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """Move the clock of a key's account; ``retry_after_of`` takes the wait from a response.

    With ``unseen`` it is about a task that nobody looks at: where there is no clock, a real
    wait of the length that tasks take at this target does as well. ``brief`` is a wait that
    where there is no clock is really waited for.
    """

    name: str
    key: Key
    seconds: float = 0
    retry_after_of: str | None = None
    unseen: bool = False
    brief: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Store a small reference image."""

    name: str
    key: Key = field(default_factory=Key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """Look at the task of an earlier step: once, or until it is final.

    Only an accepted request has a task; for a refused one nothing is sent. With ``ended``
    the task was waited for unseen: if it still runs in real time, the wait was too short.
    """

    name: str
    of: str
    key: Key = field(default_factory=Key)
    until_final: bool = True
    fetch: Fetch = Fetch.NONE
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Cancel the task of an earlier step, by the contract's route or the one a target file maps."""

    name: str
    of: str
    key: Key = field(default_factory=Key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Send several requests at the same time; each keeps its own name."""

    name: str
    sends: tuple[Send, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRate:
    """Set what one unit of the foreign currency costs a key's account, as a decimal string."""

    name: str
    key: Key
    rate: str


Step = Send | Refetch | ReadBalance | Advance | Upload | Poll | Cancel | Together | SetRate

#: Key of a placeholder in a planned body; the conductor puts a reference image in its place.
REFERENCE_KEY = "$reference"


def reference(kind: str, *, of: str = "", index: int = 0) -> dict[str, Json]:
    """Return the placeholder of a reference image.

    ``kind`` is url, artifact or data_uri; an artifact is the one that step ``of`` stored
    (an upload) or delivered (a polled task's image ``index``, or an ingested reference
    when ``of`` ends in ``/input``).
    """
    return {REFERENCE_KEY: kind, "of": of, "index": index}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule applied to one case for one claim."""

    rule: str
    claim: str
    args: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A planned sequence with its checks. ``id`` is stable: ``errors/unauthorized/missing-key``."""

    id: str
    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    tier: Tier = Tier.CORE
    model: str | None = None

    @property
    def price(self) -> Units:
        """Return the most this case can cost."""
        return Units(sum(step.price for step in self.sends()))

    @property
    def capability(self) -> str:
        """Return the first part of the id: the suite that runs it."""
        return self.id.partition("/")[0]

    def sends(self) -> tuple[Send, ...]:
        """Return the API requests in order."""
        found: list[Send] = []
        for step in self.steps:
            found += step.sends if isinstance(step, Together) else (step,) if isinstance(step, Send) else ()
        return tuple(found)

    def step(self, name: str) -> Step:
        """Return a step by name. Raises KeyError."""
        for step in (*self.sends(), *self.steps):
            if step.name == name:
                return step
        raise KeyError(name)

    def claims(self) -> tuple[str, ...]:
        """Return the claims this case judges, in order, once each."""
        return tuple(dict.fromkeys(check.claim for check in self.checks))
