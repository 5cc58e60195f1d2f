"""A record made fit to be shown: without secrets, bounded in size, every odd character visible.

Each format passes a record through here once, at its border. Behind it a text can be huge or
command a terminal no more, and a format only escapes what its own syntax knows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from pixelproof.contract import Json
from pixelproof.exchange import Exchange, Request, Response
from pixelproof.findings.curl import REDACTED
from pixelproof.record.recording import Record
from pixelproof.verdict import CaseVerdict

from .redaction import Redaction, is_secret_name, redaction_of

#: Characters of a name, of what was wanted and got, of a curl, and of a body in an exchange.
_NAME, _SAID, _COMMAND, _BODY = 300, 2_000, 40_000, 8_000
#: Characters of all verdicts and of all exchanges together; what comes later is cut shorter.
_ALL, _SHORT = 24 << 20, 200
#: Entries of a map or list, levels of a body, and claims of a record.
_ENTRIES, _DEPTH, _CLAIMS = 100, 12, 5_000
#: Characters cleaned beyond what is kept: a secret at the edge must not survive by half.
_EDGE = 1_024
#: Bits of a number: one of a million digits is a text of a million characters.
_BITS = 256


def legible(record: Record) -> Record:
    """Return a record as every format may show it."""
    reader = _Reader(redaction=redaction_of(record))
    return replace(
        record,
        header=reader.header(record.header),
        verdicts=tuple(map(reader.verdict, record.verdicts)),
        exchanges=tuple(map(reader.exchange, record.exchanges)),
        sent=tuple(reader.map(line) for line in record.sent),
        end=None if record.end is None else reader.end(record.end),
    )


def visible(text: str) -> str:
    """Return a text whose control, turning and half characters are written out; line ends and tabs stay."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\n\t" else repr(char)[1:-1] for char in text)


def told(line: CaseVerdict, text: Callable[..., str], said: int, command: int) -> CaseVerdict:
    """Return a verdict with each of its texts read by ``text``: sentences up to ``said`` characters, a curl longer."""
    return replace(
        line,
        claim=text(line.claim),
        rule=text(line.rule),
        case=text(line.case),
        level=text(line.level),
        wanted=text(line.wanted, said),
        got=text(line.got, said),
        curl=text(line.curl, command),
        reason=text(line.reason),
        hint=text(line.hint, said),
        waiver=text(line.waiver, said),
    )


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Makes the texts of one record legible, within the room that is left for all of them."""

    redaction: Redaction
    room: int = field(default=_ALL)

    def text(self, text: object, most: int = _NAME) -> str:
        whole = text if isinstance(text, str) else str(text)
        most = min(most, max(_SHORT, self.room))
        if len(whole) <= most:
            kept = visible(self.redaction.clean(whole))
        else:
            kept = f"{visible(self.redaction.clean(whole[: most + _EDGE])[:most])}… ({len(whole)} characters)"
        self.room -= len(kept)
        return kept

    def value(self, value: Json, depth: int = 0) -> Json:
        if isinstance(value, str):
            return self.text(value, _BODY)
        if isinstance(value, dict | list) and (depth >= _DEPTH or self.room <= 0):
            return f"… ({len(value)} {'keys' if isinstance(value, dict) else 'items'})"
        self.room -= 1
        if isinstance(value, dict):
            return self.map(value, depth)
        if isinstance(value, list):
            kept = [self.value(item, depth + 1) for item in value[:_ENTRIES]]
            return kept if len(kept) == len(value) else [*kept, f"… {len(value) - len(kept)} more"]
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)
        return "… (a huge number)" if isinstance(value, int) and value.bit_length() > _BITS else value

    def map(self, value: Mapping[str, Json], depth: int = 0, most: int = _ENTRIES) -> dict[str, Json]:
        kept: dict[str, Json] = {
            self.text(key): REDACTED
            if isinstance(item, str) and item and is_secret_name(key)
            else self.value(item, depth + 1)
            for key, item in islice(value.items(), most)
        }
        return kept if len(value) <= most else {**kept, "…": f"{len(value) - most} more"}

    def header(self, header: Mapping[str, Json]) -> dict[str, Json]:
        claims = header.get("claims")
        rest = self.map({key: item for key, item in header.items() if key != "claims"})
        return {**rest, "claims": self.map(claims, most=_CLAIMS)} if isinstance(claims, dict) else rest

    def end(self, end: Mapping[str, Json]) -> dict[str, Json]:
        unjudged = end.get("unjudged")
        told = self.map({key: item for key, item in end.items() if key != "claims"})
        named: list[Json] = [self.text(name) for name in unjudged[:_CLAIMS]] if isinstance(unjudged, list) else []
        return {**told, "unjudged": named}

    def verdict(self, line: CaseVerdict) -> CaseVerdict:
        return told(line, self.text, _SAID, _COMMAND)

    def exchange(self, exchange: Exchange) -> Exchange:
        response = exchange.response
        return replace(
            exchange,
            case=self.text(exchange.case),
            step=self.text(exchange.step),
            request=self._request(exchange.request),
            response=None if response is None else self._response(response),
            error=self.text(exchange.error, _SAID),
        )

    def _request(self, request: Request) -> Request:
        return replace(
            request,
            method=self.text(request.method),
            url=self.text(request.url, _SAID),
            headers={},
            body=self.value(request.body),
            raw=None if request.raw is None else self.text(request.raw, _BODY),
        )

    def _response(self, response: Response) -> Response:
        return replace(response, headers={}, body=self.value(response.body), text=self.text(response.text, _BODY))
