"""A record whose fields have the types of a record: one that was changed by hand is refused, not stumbled over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pixelproof.exchange import Exchange
from pixelproof.record.recording import BadRecord, Record
from pixelproof.verdict import CaseVerdict

_HINT = "it was changed by hand, or written by another version"
_VERDICT = ("claim", "rule", "case", "level", "wanted", "got", "curl", "reason", "hint", "waiver")
_IMAGE = ("sha256", "media_type", "pixels", "thumbnail", "problem")


def sound(record: Record) -> Record:
    """Return a record every field of which has its type; fields may be missing. Raises BadRecord."""
    for number, line in enumerate(record.verdicts, start=1):
        if not _verdict(line):
            raise BadRecord(f"{record.path}: verdict {number} is none of ours", _HINT)
    for exchange in record.exchanges:
        if not all(_exchange(exchange)):
            raise BadRecord(f"{record.path}: exchange {str(exchange.seq)[:40]} is none of ours", _HINT)
    return record


def _verdict(line: CaseVerdict) -> bool:
    texts = all(type(getattr(line, name)) is str for name in _VERDICT)
    return texts and all(type(number) is int for number in (*line.exchanges, line.shown))


def _exchange(exchange: Exchange) -> Iterator[bool]:
    request, response = exchange.request, exchange.response
    yield type(exchange.seq) is int and isinstance(exchange.facts, Mapping)
    yield _texts(exchange.case, exchange.step, exchange.error, exchange.at)
    yield isinstance(exchange.elapsed_s, int | float)
    yield _texts(request.method, request.url, request.raw_encoding) and isinstance(request.raw, str | None)
    yield _headers(request.headers) and type(request.padding) is int
    yield response is None or (type(response.status) is int and type(response.size) is int)
    yield response is None or (_headers(response.headers) and _texts(response.text))
    for facts in exchange.images:
        yield _texts(*(getattr(facts, name) for name in _IMAGE))
        yield all(type(number) is int for number in (facts.bytes, facts.width, facts.height))


def _headers(headers: object) -> bool:
    return isinstance(headers, Mapping) and all(map(_texts, headers, headers.values()))


def _texts(*values: object) -> bool:
    return all(type(value) is str for value in values)
