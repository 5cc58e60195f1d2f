"""What a gateway made of one request: four facts, and the words for them.

The facts are what the caller got, how many upstream calls it cost, the body that the upstream
received, and the time. The upstream's lines stand in ``facts["upstream"]`` of an exchange.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pixelproof.contract import Json
from pixelproof.exchange import Exchange
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import text

#: Parameters whose arrival is judged by its effect, or that are judged apart.
BY_EFFECT = frozenset({"prompt", "response_format", "user", "model", "n"})
#: Changes of one body that are told; the rest is counted.
_TOLD = 4
_TOO_MANY, _SERVER_ERROR = 429, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One call that the upstream saw: a line of its journal, and what its ledger says of it."""

    id: str = ""
    status: int = 0
    fault: str | None = None
    account: str | None = None
    request: Json = None
    response: Json = None
    #: What was taken for it and kept, in smallest units.
    charged: int = 0
    #: Digest of the pixels of each image that it made.
    images: tuple[str, ...] = ()
    #: How the task ended that it made, empty where it made none.
    state: str = ""

    @property
    def body(self) -> Mapping[str, Json]:
        """Return the body that the upstream received, empty when it was no map."""
        return self.request if isinstance(self.request, dict) else {}

    @property
    def n(self) -> int:
        """Return how many images were asked for."""
        n = self.body.get("n")
        return n if isinstance(n, int) and not isinstance(n, bool) else 1

    @property
    def served(self) -> bool:
        """Tell whether the upstream answered with a success."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the 2xx class


def upstream(exchange: Exchange) -> tuple[Line, ...]:
    """Return the calls that the upstream saw for this request, oldest first."""
    found = exchange.facts.get("upstream")
    return tuple(_line(item) for item in found if isinstance(item, dict)) if isinstance(found, list) else ()


def unasked(exchange: Exchange) -> bool:
    """Tell whether a gateway turned a request away by itself, as a cooldown or a circuit breaker does."""
    overloaded = exchange.status == _TOO_MANY or exchange.status >= _SERVER_ERROR
    return overloaded and not upstream(exchange)


def told(exchange: Exchange, asked: Mapping[str, Json], names: Mapping[str, str] | None = None) -> str:
    """Say the four facts in one sentence; ``names`` maps a caller's parameter to the upstream's name of it."""
    lines = upstream(exchange)
    return f"{exchange.brief()}; {_meaning(exchange, lines, asked, names or {})}; {exchange.elapsed_s:.1f} s"


def changes(line: Line, asked: Mapping[str, Json], names: Mapping[str, str]) -> list[str]:
    """Say how the body that the upstream received differs from what the caller asked."""
    renamed = {names.get(name, name): value for name, value in asked.items()}
    found = []
    for name in dict.fromkeys((*renamed, *line.body)):
        if name not in renamed:
            found.append(f"added {name} {line.body[name]!r}")
        elif name not in line.body:
            found.append(f"dropped {name}")
        elif line.body[name] != renamed[name]:
            word = "clamped" if name == "n" else "changed"
            found.append(f"{word} {name} from {_short(renamed[name])} to {_short(line.body[name])}")
    return found


def crossed(evidence: Evidence, args: Mapping[str, Json]) -> tuple[str, Exchange, Mapping[str, Json], tuple[Line, ...]]:
    """Return the step that a check is about: its name, its exchange, what was asked, and the upstream's calls."""
    step = text(args, "step")
    exchange = evidence.of(step)
    body = exchange.request.body
    return step, exchange, body if isinstance(body, dict) else {}, upstream(exchange)


def retold(evidence: Evidence, args: Mapping[str, Json]) -> str:
    """Say the four facts about the step that a check is about."""
    _, exchange, asked, _ = crossed(evidence, args)
    return told(exchange, asked, renamed(args))


def unreached(lines: tuple[Line, ...]) -> bool:
    """Tell whether a fault that was put up behind a gateway met none of its calls."""
    return not any(line.fault for line in lines)


def count_of(asked: Mapping[str, Json]) -> int:
    """Return how many images were asked for."""
    n = asked.get("n")
    return n if isinstance(n, int) and not isinstance(n, bool) else 1


def renamed(args: Mapping[str, Json]) -> dict[str, str]:
    """Return what callers' parameters are called upstream, as the gate file maps them."""
    value = args.get("params")
    return {str(key): str(item) for key, item in value.items()} if isinstance(value, dict) else {}


def _meaning(exchange: Exchange, lines: tuple[Line, ...], asked: Mapping[str, Json], names: Mapping[str, str]) -> str:
    if not lines:
        return _without_upstream(exchange)
    said = ["1 upstream call" if len(lines) == 1 else f"retried: {len(lines)} upstream calls"]
    if len(lines) > 1 and all(line.served for line in lines):
        said = [f"{len(lines)} upstream calls, all served"]
    said[0] += f" ({', '.join(str(line.status) for line in lines[:6])})"
    found = changes(lines[-1], asked, names)
    said.append(", ".join(found[:_TOLD]) if found else "body passed on unchanged")
    if exchange.ok and not any(line.served for line in lines):
        said.append("made its success up")
    if not exchange.ok and any(line.served and line.charged for line in lines):
        said.append("threw a paid image away")
    return ", ".join(said)


def _without_upstream(exchange: Exchange) -> str:
    if exchange.ok:
        return "made it up: the upstream was never asked"
    if unasked(exchange):
        return "never asked the upstream: a cooldown or circuit breaker of its own"
    if exchange.response is None:
        return "never asked the upstream, and never answered"
    return "validated it itself: the upstream was never asked"


def _short(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"  # noqa: PLR2004 - a finding is one line


def _line(item: Mapping[str, Json]) -> Line:
    images, charged, status = item.get("images"), item.get("charged"), item.get("status")
    fault, account = item.get("fault"), item.get("account")
    return Line(
        id=str(item.get("id", "")),
        status=status if isinstance(status, int) else 0,
        fault=None if fault is None else str(fault),
        account=None if account is None else str(account),
        request=item.get("request"),
        response=item.get("response"),
        charged=charged if isinstance(charged, int) else 0,
        images=tuple(str(image) for image in images) if isinstance(images, list) else (),
        state=str(item.get("state") or ""),
    )
