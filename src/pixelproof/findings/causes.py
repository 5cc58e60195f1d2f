"""Findings grouped by what is behind them: one cause, however many cases it breaks.

Two findings have one cause when the same rule names the same difference. What only varies with
the request, such as sizes, amounts and ids, does not count; a status does, and so does whether
too much or too little came.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from pixelproof.contract import Json
from pixelproof.exchange import Exchange, Role
from pixelproof.verdict import CaseVerdict, Verdict

_URL = re.compile(r"https?://[^\s'\"]+")
#: What a server makes up: letters and digits mixed, or long hexadecimal.
_ID = re.compile(r"\b(?=[\w-]*\d)[A-Za-z]+_[\w-]{6,}\b|\b(?=[0-9a-f]*\d)[0-9a-f-]{12,}\b")
_PARAM = re.compile(r"'param': (?:'[^']*'|None)")
_AMOUNT = re.compile(r"-?\d+(?:\.\d+)?(?= [A-Za-z]*[A-Z]{2,}\b)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
#: A number that stands alone and may be an HTTP status says what went wrong: it is kept.
_STATUS = re.compile(r"(?<![\w.-])[1-5]\d\d(?![\w.]|x\d)")
_KEPT = re.compile("\x00(\\d+)\x00")
_PLURAL = re.compile(r"\b(image|item|request)s\b")
#: Which one of several it was.
_WHICH = re.compile(r"\b(image|item|request)[ -]\d+\b")
#: Parameters that differ from request to request by themselves.
_FREE = frozenset({"prompt", "user"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Findings that one defect explains. Lines stand with the shortest request first."""

    verdict: Verdict
    rule: str
    lines: tuple[CaseVerdict, ...]
    #: Parameters that all its requests share, and not all requests that kept the promise.
    shared: Mapping[str, Json] = field(default_factory=dict)

    @property
    def claims(self) -> tuple[str, ...]:
        """Return the claims that it breaks, once each."""
        return tuple(dict.fromkeys(line.claim for line in self.lines))

    @property
    def cases(self) -> tuple[str, ...]:
        """Return the cases that show it, the shortest request first."""
        return tuple(dict.fromkeys(line.case for line in self.lines))

    @property
    def shown(self) -> tuple[CaseVerdict, ...]:
        """Return one line for each case, the shortest request first."""
        return tuple({line.case: line for line in reversed(self.lines)}[case] for case in self.cases)

    def said(self) -> str:
        """Return in how many cases it shows, and what they share."""
        count = f"{len(self.cases)} case{'s' if len(self.cases) != 1 else ''}"
        shared = ", ".join(f"{name}={_told(value)}" for name, value in self.shared.items())
        return f"{count}: {shared}" if shared else count


def causes(
    verdicts: Iterable[CaseVerdict], exchanges: Iterable[Exchange] = (), kind: Verdict = Verdict.FAIL
) -> tuple[Cause, ...]:
    """Return the causes behind all verdicts of a kind, in the order in which they showed."""
    lines = tuple(verdicts)
    bodies = _bodies(exchanges)
    grouped: dict[tuple[str, ...], list[CaseVerdict]] = {}
    for line in lines:
        if line.verdict is kind:
            grouped.setdefault((line.rule, *difference(line.wanted, line.got)), []).append(line)
    return tuple(
        Cause(
            verdict=kind,
            rule=rule,
            lines=tuple(sorted(found, key=lambda line: len(line.curl))),
            shared=_shared(found, lines, bodies),
        )
        for (rule, *_), found in grouped.items()
    )


def difference(wanted: str, got: str) -> tuple[str, str, str]:
    """Return what two findings of one cause have in common: both patterns, and which way they differ."""
    told = got if "'param'" in wanted else _PARAM.sub("'param': *", got)
    return _pattern(wanted), _pattern(told), _direction(wanted, got)


def _pattern(text: str) -> str:
    found = _WHICH.sub(r"\1", _ID.sub("<id>", _URL.sub("<url>", text)))
    found = _STATUS.sub("\x00\\g<0>\x00", _AMOUNT.sub("#", found))
    parts = _KEPT.split(found)
    found = "".join(part if index % 2 else _NUMBER.sub("#", part) for index, part in enumerate(parts))
    return _PLURAL.sub(r"\1", found)


def _direction(wanted: str, got: str) -> str:
    """Return whether more or less came than was wanted, or nothing; empty where no amounts are named."""
    one, other = _first(wanted), _first(got)
    if one is None or other is None:
        return ""
    nothing = " nothing" if other == 0 else ""
    return ("more" if other > one else "less" if other < one else "same") + nothing


def _first(text: str) -> Decimal | None:
    amount = _AMOUNT.search(text)
    if amount is not None:
        return Decimal(amount[0])
    found = _NUMBER.search(_STATUS.sub(" ", _WHICH.sub(" ", _ID.sub(" ", _URL.sub(" ", text)))))
    return Decimal(found[0]) if found else None


def _bodies(exchanges: Iterable[Exchange]) -> dict[str, Mapping[str, Json]]:
    """Return what each case sent last, by case."""
    return {
        item.case: item.request.body
        for item in exchanges
        if item.role is Role.API and isinstance(item.request.body, dict)
    }


def _shared(
    found: list[CaseVerdict], lines: tuple[CaseVerdict, ...], bodies: Mapping[str, Mapping[str, Json]]
) -> dict[str, Json]:
    broken = [bodies[case] for case in dict.fromkeys(line.case for line in found) if case in bodies]
    if len(broken) < 2:  # noqa: PLR2004 - one request shares everything with itself
        return {}
    rule, own = found[0].rule, {line.case for line in found}
    passed = {line.case for line in lines if line.rule == rule and line.verdict is Verdict.PASS}
    compared = passed or set(bodies) - own
    kept = [body for case, body in bodies.items() if case in compared]
    same = {
        name: value
        for name, value in broken[0].items()
        if name not in _FREE and all(body.get(name) == value for body in broken)
    }
    return {name: value for name, value in same.items() if not kept or any(body.get(name) != value for body in kept)}


def _told(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:39] + "…"  # noqa: PLR2004 - one line for all of them
