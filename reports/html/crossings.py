"""A gateway from both ends: what its caller got, what the upstream was asked, what that cost, how long it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pixelproof.exchange import Exchange, Role
from pixelproof.record.recording import Record
from pixelproof.verdict import Verdict

from .marks import Mark, anchor, gravity, joined
from .traffic import brief, written

#: Rows of the page, and calls shown of one.
_ROWS, _CALLS = 400, 8
#: What is written into a request by the harness itself.
_OWN = frozenset({"prompt"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call as the upstream saw it."""

    status: str
    fault: str
    charged: str
    body: str
    #: What the gateway changed on the way: ``n: 0 → 1``.
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """One request through the gateway."""

    case: str
    anchor: str
    step: str
    mark: Mark
    got: str
    ms: str
    calls: tuple[Call, ...]
    count: int
    leaks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Everything that went through the gateway with its upstream in hand."""

    crossings: tuple[Crossing, ...]
    more: int


def gateway(record: Record) -> Gateway | None:
    """Return the crossings of a record, None where no upstream was in hand."""
    verdicts: dict[str, list[Verdict]] = {}
    for line in record.verdicts:
        verdicts.setdefault(line.case, []).append(line.verdict)
    found = [
        item for item in record.exchanges if item.role is Role.API and isinstance(item.facts.get("upstream"), list)
    ]
    if not found:
        return None
    rows = sorted((_crossing(item, verdicts) for item in found), key=lambda row: gravity(row.mark.kind))
    return Gateway(crossings=tuple(rows[:_ROWS]), more=max(0, len(rows) - _ROWS))


def _crossing(exchange: Exchange, verdicts: Mapping[str, list[Verdict]]) -> Crossing:
    seen, leaks = exchange.facts.get("upstream"), exchange.facts.get("leaks")
    calls = [row for row in seen if isinstance(row, dict)] if isinstance(seen, list) else []
    return Crossing(
        case=exchange.case,
        anchor=anchor("case", exchange.case),
        step=exchange.step,
        mark=joined(verdicts.get(exchange.case, ())),
        got=brief(exchange),
        ms=f"{exchange.elapsed_s * 1000:,.0f} ms",
        calls=tuple(_call(row, exchange) for row in calls[:_CALLS]),
        count=len(calls),
        leaks=tuple(str(leak) for leak in leaks) if isinstance(leaks, list) else (),
    )


def _call(row: Mapping[str, Any], exchange: Exchange) -> Call:
    body = row.get("request")
    charged = row.get("charged")
    return Call(
        status=str(row.get("status") or "no answer"),
        fault=str(row.get("fault") or ""),
        charged=f"{charged:,} units" if isinstance(charged, int) and charged else "nothing",
        body=written(body),
        changed=_changed(exchange.request.body, body),
    )


def _changed(asked: object, received: object) -> tuple[str, ...]:
    if not isinstance(asked, dict) or not isinstance(received, dict):
        return ()
    names = [name for name in dict.fromkeys((*asked, *received)) if name not in _OWN]
    return tuple(
        f"{name}: {_told(asked, name)} → {_told(received, name)}"
        for name in names
        if asked.get(name) != received.get(name)
    )


def _told(body: Mapping[str, Any], name: str) -> str:
    text = written(body[name]) if name in body else "absent"
    return text if len(text) <= 60 else text[:59] + "…"  # noqa: PLR2004 - one line
