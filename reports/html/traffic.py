"""Exchanges as a page shows them: what was sent and what came back, as text, within a budget."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pixelproof.contract import Json
from pixelproof.exchange import Exchange, Role

#: Characters of one body as it is shown.
_BODY = 3_000
#: Characters of all exchanges of a page: what is beyond stays in the record.
BUDGET = 460_000
#: Characters around each exchange.
_FRAME = 500
#: Characters of one line about an answer.
_LINE = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One exchange on the page."""

    seq: int
    step: str
    role: str
    brief: str
    status: int
    ms: str
    at: str
    request: str
    response: str


class Desk:
    """Shows exchanges until the page is full; who asks first gets the room."""

    def __init__(self, exchanges: Iterable[Exchange], budget: int = BUDGET) -> None:
        """Know the exchanges of a record by number and by case."""
        self.by_number: dict[int, Exchange] = {}
        self.by_case: dict[str, list[Exchange]] = {}
        self._left = budget
        self._given: dict[int, Shown | None] = {}
        for exchange in exchanges:
            self.by_number[exchange.seq] = exchange
            self.by_case.setdefault(exchange.case, []).append(exchange)

    def shown(self, seq: int) -> Shown | None:
        """Return an exchange for the page; None where there is no room, or no such number."""
        if seq not in self._given:
            exchange = self.by_number.get(seq)
            self._given[seq] = self._fitted(exchange) if exchange is not None and self._left > 0 else None
        return self._given[seq]

    def _fitted(self, exchange: Exchange) -> Shown:
        request, response = asked(exchange), answered(exchange)
        self._left -= len(request) + len(response) + _FRAME
        return Shown(
            seq=exchange.seq,
            step=exchange.step,
            role=exchange.role.value,
            brief=brief(exchange),
            status=exchange.status,
            ms=f"{exchange.elapsed_s * 1000:,.1f} ms" if exchange.elapsed_s else "",
            at=exchange.at[11:23] if len(exchange.at) > len("2026-11-21T") else exchange.at,
            request=request,
            response=response,
        )


def brief(exchange: Exchange) -> str:
    """Say what came back in one line."""
    if exchange.role is Role.BALANCE:
        return "the wallet was read"
    if exchange.role is Role.IMAGE and exchange.response is not None:
        facts = exchange.images[0] if exchange.images else None
        what = (
            (facts.problem or f"{facts.media_type} {facts.width}x{facts.height}") if facts is not None else "no image"
        )
        return f"{exchange.status}, {what}"
    if exchange.response is None and not exchange.error:
        return "read"
    return _said(exchange)[:_LINE]


def _said(exchange: Exchange) -> str:
    """Say what an API answered: its error by type, code and parameter, or what it delivered."""
    inner = exchange.error_object()
    if exchange.response is not None and inner is not None:
        told = [str(inner[key]) for key in ("type", "code") if inner.get(key)]
        param = f", about {inner['param']}" if inner.get("param") else ""
        return f"{exchange.status} {', '.join(told) or 'error'}{param}"
    items = exchange.items()
    if items and not any("url" in item or "b64_json" in item for item in items):
        return f"{exchange.status} with {len(items)} item{'s' if len(items) != 1 else ''}"
    task = exchange.task()
    return f"{exchange.status}, task {task['state']}" if task.get("state") else exchange.brief()


def asked(exchange: Exchange) -> str:
    """Return the request as text: first line, headers, body."""
    request = exchange.request
    lines = [f"{request.method} {request.url}", *_headers(request.headers)]
    if request.body is not None:
        lines += ["", written(request.body)]
    elif request.raw is not None:
        lines += ["", request.raw]
    if request.padding:
        lines.append(f"(and {request.padding:,} bytes of white space)")
    return "\n".join(lines)


def answered(exchange: Exchange) -> str:
    """Return the answer as text; what a lever read where there was none."""
    response = exchange.response
    if response is None:
        return f"no answer: {exchange.error}" if exchange.error else written(dict(exchange.facts))
    lines = [str(response.status), *_headers(response.headers)]
    if response.is_json:
        lines += ["", written(response.body)]
    elif response.text:
        lines += ["", response.text]
    elif response.size:
        lines += ["", f"({response.size:,} bytes)"]
    return "\n".join(lines)


def written(value: Json) -> str:
    """Return a JSON value for a person, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return text if len(text) <= _BODY else f"{text[:_BODY]}\n… (cut here; the record has the rest)"


def _headers(headers: Mapping[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]
