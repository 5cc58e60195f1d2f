"""Waivers written down: one row of YAML for each cause of findings, put behind those that are there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from pixelproof.documents.document import Document, parse
from pixelproof.findings.causes import Cause
from pixelproof.findings.waivers import PLACEHOLDER, Waiver, waivers_of
from pixelproof.problems import BadDocument, BadUsage
from pixelproof.verdict import Verdict

#: Every row needs a reason of a person; until then the file is refused, with the line.
_TODO = f"{PLACEHOLDER}: say why this finding is accepted"
_HEAD = (
    "# Findings that somebody accepted, each with a reason. A row that no longer fails makes the run fail.\nwaivers:\n"
)
_ROW = re.compile(r"^( *)- ", re.MULTILINE)
_EMPTY = re.compile(r"^waivers:[ \t]*\[[ \t]*\][ \t]*(#.*)?$", re.MULTILINE)
_GLOB = re.compile(r"([*?\[])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is said of every new waiver."""

    reason: str = ""
    ticket: str = ""
    expires: date | None = None


def open_causes(found: Iterable[Cause], known: tuple[Waiver, ...]) -> tuple[Cause, ...]:
    """Return the causes that the waivers do not cover already."""
    return tuple(
        cause for cause in found if not all(any(waiver.covers(line) for waiver in known) for line in cause.lines)
    )


def written(found: Iterable[Cause], terms: Terms, text: str = "", file: str = "waivers.yaml") -> str:
    """Return a waiver file with one more row for each cause; comments and rows of ``text`` stay.

    Raises BadUsage when the list of ``text`` is written in a way that cannot be added to.
    """
    causes = tuple(found)
    begun = _EMPTY.sub("waivers:", text) if text.strip() else _HEAD
    indent = _indent(begun)
    rows = "".join("".join(f"{indent}{line}\n" if line else "\n" for line in _row(cause, terms)) for cause in causes)
    merged = begun.rstrip("\n") + "\n" + rows
    before = len(waivers_of(_read(text, file), drafts=True)) if text.strip() else 0
    if causes and len(_read_back(merged, file)) != before + len(causes):
        raise BadUsage(f"{file}: rows cannot be added to this list", "write it as a block: one '- ' line a waiver")
    return merged if causes else text or _HEAD.rstrip("\n") + " []\n"


def _row(cause: Cause, terms: Terms) -> Iterator[str]:
    first = cause.shown[0]
    yield f"# {_comment(first.wanted)}; got {_comment(first.got)}"
    if len(cause.claims) > 1:
        yield f"# {', '.join(cause.claims)}"
    begin = "- "
    if len(cause.claims) == 1:
        yield f"- claim: {cause.claims[0]}"
        begin = "  "
    yield f"{begin}rule: {cause.rule}"
    if len(cause.cases) == 1:
        yield f"  case: {_literal(cause.cases[0])}"
    else:
        yield "  case:"
        yield from (f"    - {_literal(case)}" for case in sorted(cause.cases))
    yield f"  reason: {json.dumps(terms.reason or _TODO, ensure_ascii=False)}"
    yield f"  ticket: {json.dumps(terms.ticket, ensure_ascii=False)}" if terms.ticket else "  # ticket: OPS-1"
    yield f"  expires: {terms.expires.isoformat()}" if terms.expires else "  # expires: 2027-01-31"
    if cause.verdict is Verdict.WARN:
        yield "  # a warning: it fails a run with --strict only"


def _literal(case: str) -> str:
    """Return a case id as a quoted glob that matches it alone."""
    return json.dumps(_GLOB.sub(r"[\1]", case), ensure_ascii=False)


def _comment(text: str) -> str:
    line = " ".join(text.split())
    shown = "".join(char for char in line if char.isprintable())
    return shown if len(shown) <= 90 else shown[:89] + "…"  # noqa: PLR2004 - one line


def _indent(text: str) -> str:
    found = _ROW.search(text)
    return found[1] if found else "  "


def _read(text: str, file: str) -> Document:
    return parse(text.encode(), file)


def _read_back(text: str, file: str) -> tuple[Waiver, ...]:
    try:
        return waivers_of(_read(text, file), drafts=True)
    except BadDocument:
        return ()
