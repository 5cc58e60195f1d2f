"""A record made fit to be shown: without secrets, bounded in size, every odd character visible.

Each format passes a record through here once, at its border. Behind it a text can be huge or
command a terminal no more, and a format only escapes what its own syntax knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

from pixelproof.contract import Json
from pixelproof.exchange import Exchange, Request, Response
from pixelproof.record.recording import Record
from pixelproof.verdict import CaseVerdict

from .reader import Limits, Reader
from .redaction import redaction_of


def legible(record: Record, limits: Limits | None = None) -> Record:
    """Return a record as a format may show it; without ``limits`` as a text does."""
    return read(record, reader_of(record, limits))


def reader_of(record: Record, limits: Limits | None = None) -> Reader:
    """Return what reads this record, with its secrets in mind."""
    return Reader(redaction=redaction_of(record), limits=limits or Limits())


def read(record: Record, reader: Reader) -> Record:
    """Return a record with everything in it read; the images stay."""
    return replace(
        record,
        header=_header(record.header, reader),
        verdicts=tuple(_verdict(line, reader) for line in record.verdicts),
        exchanges=tuple(_exchange(exchange, reader) for exchange in record.exchanges),
        sent=tuple(reader.map(line) for line in record.sent),
        end=None if record.end is None else _end(record.end, reader),
    )


def _header(header: Mapping[str, Json], reader: Reader) -> dict[str, Json]:
    """Return the first line: what each claim says is kept, however many there are."""
    claims = header.get("claims")
    rest = reader.map({key: item for key, item in header.items() if key != "claims"})
    return {**rest, "claims": reader.map(claims, reader.limits.claims)} if isinstance(claims, dict) else rest


def _end(end: Mapping[str, Json], reader: Reader) -> dict[str, Json]:
    """Return the last line: all names of claims in it are needed for the denominator."""
    shown = reader.map(end)
    names = end.get("unjudged")
    if isinstance(names, list):
        shown["unjudged"] = [reader.text(name) for name in islice(names, reader.limits.claims)]
    return shown


def _verdict(line: CaseVerdict, reader: Reader) -> CaseVerdict:
    text, said = reader.text, reader.limits.said
    return replace(
        line,
        claim=text(line.claim),
        rule=text(line.rule),
        case=text(line.case),
        level=text(line.level),
        wanted=text(line.wanted, said),
        got=text(line.got, said),
        curl=text(line.curl, reader.limits.command),
        reason=text(line.reason),
        hint=text(line.hint, said),
        waiver=text(line.waiver, said),
    )


def _exchange(exchange: Exchange, reader: Reader) -> Exchange:
    response = exchange.response
    images = islice(exchange.images, reader.limits.entries)
    return replace(
        exchange,
        case=reader.text(exchange.case),
        step=reader.text(exchange.step),
        request=_request(exchange.request, reader),
        response=None if response is None else _response(response, reader),
        error=reader.text(exchange.error, reader.limits.said),
        at=reader.text(exchange.at),
        images=tuple(
            replace(facts, media_type=reader.text(facts.media_type), problem=reader.text(facts.problem))
            for facts in images
        ),
        facts=reader.map(exchange.facts),
    )


def _request(request: Request, reader: Reader) -> Request:
    return replace(
        request,
        method=reader.text(request.method),
        url=reader.text(request.url, reader.limits.said),
        headers=reader.headers(request.headers),
        body=reader.value(request.body),
        raw=None if request.raw is None else reader.text(request.raw, reader.limits.body),
    )


def _response(response: Response, reader: Reader) -> Response:
    return replace(
        response,
        headers=reader.headers(response.headers),
        body=reader.value(response.body),
        text=reader.text(response.text, reader.limits.body),
    )
