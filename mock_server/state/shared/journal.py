"""The journal of all processes: one numbering, capped in entries and bytes, there as soon as the answer is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import orjson

from ..journal import BYTES, ENTRIES, Journal, Line
from .link import Note

if TYPE_CHECKING:
    from .link import Link

#: Lines and bytes that the store keeps.
ROOM = (ENTRIES, BYTES)


class SharedJournal(Journal):
    """Lines that are written together with what they tell of."""

    def __init__(self, link: Link) -> None:
        """Write through a link."""
        self._link = link
        super().__init__()

    def write(self, line: Line) -> None:
        """Add a line: with the section of its request, or at once when it has none."""
        note = Note(_encoded(line), line.status)
        seat = self._link.seat
        if seat.is_open:
            seat.note = note
        else:
            self._link.note(note)

    @property
    def last(self) -> int:
        """Return the number of the newest line ever written."""
        return int(self._link.connection.call("GET", self._named("seq")) or 0)

    def lines(self) -> tuple[Line, ...]:
        """Return what is kept, oldest first."""
        kept = self._link.connection.call("XRANGE", self._named("journal"), "-", "+")
        return tuple(_decoded(name, fields) for name, fields in kept)

    def forget(self, account: str | None = None) -> int:
        """Drop all lines, or those of one account; return how many."""
        call = self._link.connection.call
        if account is None:
            count = int(call("XLEN", self._named("journal")))
            call("UNLINK", self._named("journal"), self._named("size"))
            return count
        gone = [line for line in self.lines() if line.account == account]
        for line in gone:
            call("DECRBY", self._named("size"), len(_encoded(line)))
            call("XDEL", self._named("journal"), f"{line.seq}-0")
        return len(gone)

    @property
    def answers(self) -> Counter[int]:
        """Return how often each HTTP status was ever answered, by all processes."""
        pairs = self._link.connection.call("HGETALL", self._named("answers"))
        items = pairs.items() if isinstance(pairs, dict) else zip(pairs[::2], pairs[1::2], strict=True)
        return Counter({int(status): int(count) for status, count in items})

    @answers.setter
    def answers(self, _: Counter[int]) -> None:
        """Leave the counting to the store."""

    def _named(self, name: str) -> str:
        return f"{self._link.connection.prefix}{name}"


def _encoded(line: Line) -> bytes:
    # each byte becomes one character, and comes back as the same byte
    plain: list[Any] = [*line[1:]]
    plain[-2:] = [line.request.decode("latin-1"), line.response.decode("latin-1")]
    return orjson.dumps(plain)


def _decoded(name: bytes, fields: Any) -> Line:
    raw = fields[b"line"] if isinstance(fields, dict) else fields[1]
    values = dict(zip(Line._fields, [int(name.partition(b"-")[0]), *orjson.loads(raw)], strict=True))
    bodies = {part: values[part].encode("latin-1") for part in ("request", "response")}
    return Line(**{**values, "claim": tuple(values["claim"]), **bodies})
