"""What was asked and what answered, and why: capped in entries and bytes, without keys."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import orjson

from ..redaction import redacted_bytes

if TYPE_CHECKING:
    from pixelproof.contract import ClaimIds, Json

#: Entries and bytes kept; the oldest go first.
ENTRIES, BYTES = 10_000, 16 * 1024 * 1024
#: Longest body kept whole, and what is left of a longer text.
_BODY, _TEXT = 4096, 200


class Line(NamedTuple):
    """One answered request. Bodies are raw bytes; they are parsed when somebody reads them."""

    seq: int
    id: str
    at: float
    account: str | None
    trace: str | None
    method: str
    path: str
    status: int
    step: str
    claim: ClaimIds
    fault: str | None
    request: bytes
    response: bytes


class Journal:
    """A ring of lines, numbered from 1."""

    def __init__(self, entries: int = ENTRIES, size: int = BYTES) -> None:
        """Keep at most ``entries`` lines and ``size`` bytes of bodies."""
        self._entries = entries
        self._bytes = size
        self._lines: deque[Line] = deque()
        self._kept = 0
        self._seq = 0
        #: HTTP status → answers ever given, kept or not.
        self.answers: Counter[int] = Counter()
        self._lock = Lock()

    def write(self, line: Line) -> None:
        """Add a line; its ``seq`` is given here."""
        with self._lock:
            self._seq += 1
            self.answers[line.status] += 1
            self._lines.append(Line._make((self._seq, *line[1:])))
            self._kept += len(line.request) + len(line.response)
            while len(self._lines) > self._entries or self._kept > self._bytes:
                old = self._lines.popleft()
                self._kept -= len(old.request) + len(old.response)

    @property
    def last(self) -> int:
        """Return the number of the newest line ever written."""
        return self._seq

    def lines(self) -> tuple[Line, ...]:
        """Return what is kept, oldest first."""
        with self._lock:
            return tuple(self._lines)

    def forget(self, account: str | None = None) -> int:
        """Drop all lines, or those of one account; return how many."""
        with self._lock:
            before = len(self._lines)
            kept = [line for line in self._lines if account is not None and line.account != account]
            self._lines = deque(kept)
            self._kept = sum(len(line.request) + len(line.response) for line in kept)
            return before - len(kept)


def keepable(body: bytes, secret: str | None) -> bytes:
    """Return a body fit for the journal: without keys, and not too long."""
    body = redacted_bytes(body, secret) if len(body) <= _BODY else redacted_bytes(shortened(body), secret)
    # a key can hide behind escapes, which whoever reads the journal would undo
    body = body if b"\\" not in body else redacted_bytes(_unescaped(body), secret)
    # orjson's bytes keep the four kilobytes that they were written into: a copy has its own length
    return bytes(memoryview(body))


def _unescaped(body: bytes) -> bytes:
    try:
        return orjson.dumps(orjson.loads(body))
    except (ValueError, TypeError):
        return body


def shortened(body: bytes) -> bytes:
    """Return a long JSON body with its long texts cut, or the beginning of anything else."""
    try:
        short = orjson.dumps(_cut(orjson.loads(body), 0))
    except (ValueError, TypeError):
        short = body
    return short if len(short) <= _BODY else short[:_TEXT] + b" (cut)"


def _cut(value: Json, depth: int) -> Json:
    if isinstance(value, str):
        return value if len(value) <= _TEXT else f"{value[:_TEXT]}… ({len(value)} characters)"
    if depth > 8:  # noqa: PLR2004 - deeper than any body we know
        return "…"
    if isinstance(value, list):
        return [_cut(item, depth + 1) for item in value[:20]]
    if isinstance(value, dict):
        return {key[:_TEXT]: _cut(item, depth + 1) for key, item in value.items()}
    return value


def shown(body: bytes) -> Json:
    """Return a kept body as JSON, or as text when it is none."""
    if not body:
        return None
    try:
        value: Json = _cut(orjson.loads(body), 0)
    except ValueError:
        return body[:_TEXT].decode("utf-8", "replace")
    return value


def matching(lines: tuple[Line, ...], wanted: Mapping[str, str | int]) -> Iterator[Line]:
    """Yield the lines whose columns have the wanted values; ``after`` compares numbers."""
    after = wanted.get("after", 0)
    columns = [(name, value) for name, value in wanted.items() if name != "after"]
    for line in lines:
        if line.seq > int(after) and all(getattr(line, name) == value for name, value in columns):
            yield line
