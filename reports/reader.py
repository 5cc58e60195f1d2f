"""Texts and JSON values made fit to be shown: without secrets, bounded in size, every odd character visible."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from pixelproof.contract import Json
from pixelproof.findings.curl import REDACTED

from .redaction import Redaction, is_secret_name

#: Characters cleaned beyond what is kept: a secret at the edge must not survive by half.
_EDGE = 1_024
#: Bits of a number: one of a million digits is a text of a million characters.
_BITS = 256
#: Characters of a text that is remembered: most short ones stand in a record many times.
_REMEMBERED = 200
#: Characters kept of a text once the room for all of them is used up.
_SHORT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a record a report shows. Lengths in characters, unless they say otherwise."""

    #: A name; what was wanted and got; a curl; a text within a body; a body that is a text.
    name: int = 300
    said: int = 2_000
    command: int = 40_000
    value: int = 8_000
    body: int = 8_000
    #: Entries of one map or list, levels of a body, and values of a whole body.
    entries: int = 100
    depth: int = 12
    values: int = 10_000
    #: Claims of a record.
    claims: int = 5_000
    #: All texts together; what comes later is cut short.
    total: int = 24 << 20
    #: Whether headers are shown; secrets keep their names alone.
    headers: bool = False


def visible(text: str) -> str:
    """Return a text whose control, turning and half characters are written out; line ends and tabs stay."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\n\t" else repr(char)[1:-1] for char in text)


@dataclass(slots=True, kw_only=True)
class Reader:
    """Makes texts and values legible, with the secrets of one record in mind."""

    redaction: Redaction
    limits: Limits = field(default_factory=Limits)
    #: Characters kept so far of all texts.
    _kept: int = 0
    _known: dict[str, str] = field(default_factory=dict)

    def text(self, text: object, most: int | None = None) -> str:
        """Return a text without secrets and with every odd character visible, cut to ``most`` characters.

        Without ``most`` it is as long as a name may be.
        """
        whole = text if isinstance(text, str) else str(text)
        most = self.limits.name if most is None else most
        most = min(most, max(_SHORT, self.limits.total - self._kept))
        shown = self._remembered(whole) if len(whole) <= min(most, _REMEMBERED) else self._cut(whole, most)
        self._kept += len(shown)
        return shown

    def _remembered(self, whole: str) -> str:
        if whole not in self._known:
            self._known[whole] = visible(self.redaction.clean(whole))
        return self._known[whole]

    def _cut(self, whole: str, most: int) -> str:
        if len(whole) <= most:
            return visible(self.redaction.clean(whole))
        return f"{visible(self.redaction.clean(whole[: most + _EDGE])[:most])}… ({len(whole):,} characters)"

    def value(self, value: Json) -> Json:
        """Return a JSON value that is bounded in depth, in entries and in texts."""
        return self._value(value, _Room(self.limits.values), 0)

    def map(self, value: Mapping[str, Json], most: int | None = None) -> dict[str, Json]:
        """Return a map of such values, each with room of its own."""
        most = self.limits.entries if most is None else most
        kept: dict[str, Json] = {
            self.text(key): REDACTED if _is_secret(key, item) else self.value(item)
            for key, item in islice(value.items(), most)
        }
        return kept if len(value) <= most else {**kept, "…": f"{len(value) - most:,} more"}

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers, where they are shown at all; those that carry secrets keep their names alone."""
        shown = islice(headers.items(), self.limits.entries if self.limits.headers else 0)
        return {
            self.text(name): self.text(
                self.redaction.header(name, str(value)[: self.limits.value + _EDGE]), self.limits.value
            )
            for name, value in shown
        }

    def _value(self, value: Json, room: _Room, depth: int) -> Json:
        room.left -= 1
        if isinstance(value, str):
            return self.text(value, self.limits.value)
        if isinstance(value, dict | list):
            if depth >= self.limits.depth or self._kept >= self.limits.total:
                return f"… ({len(value):,} {'keys' if isinstance(value, dict) else 'items'})"
            return self._map(value, room, depth) if isinstance(value, dict) else self._list(value, room, depth)
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)
        return "… (a huge number)" if isinstance(value, int) and value.bit_length() > _BITS else value

    def _map(self, value: Mapping[str, Json], room: _Room, depth: int) -> Json:
        kept: dict[str, Json] = {}
        for key, item in islice(value.items(), self.limits.entries):
            if room.left <= 0:
                break
            kept[self.text(key)] = REDACTED if _is_secret(key, item) else self._value(item, room, depth + 1)
        if len(kept) < len(value):
            kept["…"] = f"{len(value) - len(kept):,} more keys"
        return kept

    def _list(self, value: list[Json], room: _Room, depth: int) -> Json:
        kept: list[Json] = []
        for item in islice(value, self.limits.entries):
            if room.left <= 0:
                break
            kept.append(self._value(item, room, depth + 1))
        return kept if len(kept) == len(value) else [*kept, f"… {len(value) - len(kept):,} more"]


def _is_secret(key: str, item: Json) -> bool:
    return isinstance(item, str) and bool(item) and is_secret_name(key)


@dataclass(slots=True)
class _Room:
    """How many values of one body may still be kept."""

    left: int
