"""A record made fit for a page: bounded in size, without secrets, every odd character visible.

Everything that a page shows passes here once, at the border; behind it a text can be huge,
hostile or broken no more, and templates only escape.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from pixelproof.contract import Json
from pixelproof.exchange import Exchange, Request, Response
from pixelproof.findings.curl import REDACTED
from pixelproof.record.recording import Record
from pixelproof.verdict import CaseVerdict

from ..legible import told, visible
from ..redaction import Redaction, is_secret_name

#: Characters kept of one text: of a name, of what was wanted and got, of a curl, of a value in a body.
NAME, SAID, COMMAND, VALUE = 200, 1_500, 12_000, 600
#: Characters of a text or raw body.
BODY = 3_000
#: Entries kept of one map or list, depth of a body, and values of a whole body.
_ENTRIES, _DEPTH, _VALUES = 60, 8, 400
#: Characters cleaned beyond what is kept: a secret at the edge must not survive by half.
_EDGE = 256
#: Items in the headers of a record: its claims.
_CLAIMS = 2_000


@dataclass(slots=True)
class _Room:
    """How many values of one body may still be kept."""

    left: int = _VALUES


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Makes texts and values legible, with the secrets of one record in mind."""

    redaction: Redaction
    #: What was read already: most texts of a record stand in it many times.
    _known: dict[str, str] = field(default_factory=dict)

    def text(self, text: object, most: int = NAME) -> str:
        """Return a text without secrets and with every odd character visible, cut to ``most`` characters."""
        whole = text if isinstance(text, str) else str(text)
        if len(whole) > NAME or len(whole) > most:
            return self._cut(whole, most)
        if whole not in self._known:
            self._known[whole] = visible(self.redaction.clean(whole))
        return self._known[whole]

    def _cut(self, whole: str, most: int) -> str:
        kept = self.redaction.clean(whole[: most + _EDGE])[:most]
        more = f"… ({len(whole):,} characters)" if len(whole) > most + _EDGE or len(kept) == most < len(whole) else ""
        return visible(kept) + more

    def value(self, value: Json, room: _Room | None = None, depth: int = 0) -> Json:
        """Return a JSON value that is bounded in depth, in entries and in texts."""
        room = room or _Room()
        room.left -= 1
        if isinstance(value, str):
            return self.text(value, VALUE)
        if isinstance(value, dict):
            return self._map(value, room, depth)
        if isinstance(value, list):
            return self._list(value, room, depth)
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)
        # a number of a million digits is a text of a million characters
        return value if not isinstance(value, int) or value.bit_length() < VALUE else "… (a huge number)"

    def _map(self, value: Mapping[str, Json], room: _Room, depth: int) -> Json:
        if depth >= _DEPTH:
            return f"… ({len(value):,} keys)"
        kept: dict[str, Json] = {}
        for key, item in islice(value.items(), _ENTRIES):
            if room.left <= 0:
                break
            secret = isinstance(item, str) and bool(item) and is_secret_name(key)
            kept[self.text(key, NAME)] = REDACTED if secret else self.value(item, room, depth + 1)
        if len(kept) < len(value):
            kept["…"] = f"{len(value) - len(kept):,} more keys"
        return kept

    def _list(self, value: list[Json], room: _Room, depth: int) -> Json:
        if depth >= _DEPTH:
            return f"… ({len(value):,} items)"
        kept: list[Json] = []
        for item in islice(value, _ENTRIES):
            if room.left <= 0:
                break
            kept.append(self.value(item, room, depth + 1))
        return kept if len(kept) == len(value) else [*kept, f"… {len(value) - len(kept):,} more"]

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers; those that carry secrets keep their names alone."""
        return {
            self.text(name): self.text(self.redaction.header(name, str(value)[: VALUE + _EDGE]), VALUE)
            for name, value in islice(headers.items(), _ENTRIES)
        }

    def exchange(self, exchange: Exchange) -> Exchange:
        """Return an exchange with everything in it legible; its images stay."""
        response = exchange.response
        return replace(
            exchange,
            case=self.text(exchange.case),
            step=self.text(exchange.step),
            request=self._request(exchange.request),
            response=None if response is None else self._response(response),
            error=self.text(exchange.error, SAID),
            at=self.text(exchange.at),
            images=tuple(
                replace(facts, media_type=self.text(facts.media_type), problem=self.text(facts.problem))
                for facts in islice(exchange.images, _ENTRIES)
            ),
            facts={key: self.value(item) for key, item in islice(exchange.facts.items(), _ENTRIES)},
        )

    def _request(self, request: Request) -> Request:
        return replace(
            request,
            method=self.text(request.method),
            url=self.text(request.url, VALUE),
            headers=self.headers(request.headers),
            body=self.value(request.body),
            raw=None if request.raw is None else self.text(request.raw, BODY),
        )

    def _response(self, response: Response) -> Response:
        return replace(
            response,
            headers=self.headers(response.headers),
            body=self.value(response.body),
            text=self.text(response.text, BODY),
        )

    def verdict(self, line: CaseVerdict) -> CaseVerdict:
        """Return a verdict with every text of it legible."""
        return told(line, self.text, SAID, COMMAND)

    def header(self, header: Mapping[str, Json]) -> dict[str, Json]:
        """Return the first line: what each claim says is kept, however many there are."""
        told = header.get("claims")
        claims: dict[str, Json] = {
            self.text(name): self.value(row)
            for name, row in islice(told.items() if isinstance(told, dict) else (), _CLAIMS)
        }
        rest = {key: self.value(item) for key, item in islice(header.items(), _ENTRIES) if key != "claims"}
        return {**rest, "claims": claims} if claims else rest


def legible(record: Record, reader: Reader) -> Record:
    """Return a record that a page can show as it is."""
    end = record.end
    return replace(
        record,
        header=reader.header(record.header),
        exchanges=tuple(map(reader.exchange, record.exchanges)),
        verdicts=tuple(map(reader.verdict, record.verdicts)),
        sent=tuple({key: reader.value(item) for key, item in line.items()} for line in record.sent),
        end=None if end is None else {**{key: reader.value(item) for key, item in end.items()}, **_lists(reader, end)},
    )


def _lists(reader: Reader, end: Mapping[str, Json]) -> dict[str, Json]:
    """Return what of the last line names claims: all of them are needed for the denominator."""
    names = end.get("unjudged")
    return {"unjudged": [reader.text(name) for name in islice(names, _CLAIMS)]} if isinstance(names, list) else {}
