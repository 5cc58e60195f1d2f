"""Markdown, as ``$GITHUB_STEP_SUMMARY`` takes it: the broken promise first, and never more than one MiB.

Whatever a server said stands in a fenced block, or in a cell in which every sign that Markdown
knows is written as an entity: no table breaks, nobody is mentioned, and nothing becomes a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pixelproof.findings.causes import Cause, causes
from pixelproof.findings.curl import located
from pixelproof.record.recording import Record
from pixelproof.verdict import Verdict, claim_verdicts

from .absences import absences
from .headline import Headline, headline
from .legible import legible
from .statements import known_claims, names, source, statement

#: Bytes that GitHub takes of one step; what is longer it drops as a whole.
MOST_BYTES = 1 << 20
#: Bytes kept free for the sentence that says what was left out, and for the last line.
_SPARE = 4_096
#: Characters of one cell, and findings of a kind that are told in full.
_CELL, _FULL = 300, 50
_SPECIAL = re.compile(r"[&<>|`*_\[\]()!~#\\:@${}\"'^=]")
_FENCE = re.compile(r"`{3,}")
_MARKS = {"conformant": "✅", "partial": "🟡", "findings": "❌"}
_SECTIONS = (
    (Verdict.ERROR, "Errors of pixelproof itself"),
    (Verdict.FAIL, "Broken promises"),
    (Verdict.WARN, "Warnings"),
)


def render(record: Record, *, most: int = MOST_BYTES) -> str:
    """Return the summary within ``most`` bytes of UTF-8; what does not fit is left out, and said."""
    shown = legible(record)
    told = headline(shown)
    page = _Page(most - _SPARE)
    page.take(_title(told))
    blocks = [block for kind, title in _SECTIONS for block in _findings(shown, kind, title)]
    for block in (*blocks, *_asides(shown), *_claims(shown)):
        page.take(block)
    return page.text(
        f"\n{cell(told.profile)} {cell(told.tier)} · {told.judged} of {told.total} obligations judged whole"
        f" · {cell(told.figures())} · **{cell(told.outcome)}**\n"
    )


def cell(text: str, most: int = _CELL) -> str:
    """Return a text for a table or a line: one line, no sign of Markdown in it, nobody mentioned."""
    flat = " ".join(text.split())
    cut = flat if len(flat) <= most else f"{flat[: most - 1]}…"
    inert = _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", cut)
    # a mention, an issue and a bare address are found in the text behind the entities: an empty sign parts them
    return re.sub(r"(?i)(&#64;|&#35;|www)(?=.)", "\\1&#8203;", inert)


def fenced(text: str, language: str = "") -> str:
    """Return a text as a block of code that nothing in it can end."""
    longest = max((len(run) for run in _FENCE.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table; its cells are made inert."""
    heads = list(headings)
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(cell, row))} |" for row in rows)])


class _Page:
    """Takes blocks while there is room."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._blocks: list[str] = []
        self._dropped = 0

    def take(self, block: str) -> None:
        """Add a block, or count it as left out."""
        size = len(block.encode()) + 2
        if size > self._room:
            self._dropped += 1
            return
        self._room -= size
        self._blocks.append(block)

    def text(self, last: str) -> str:
        """Return everything that had room, what had none, and the last line."""
        more = f"\n_{self._dropped} more sections had no room here: the whole of it stands in the other reports._\n"
        return "\n\n".join(self._blocks) + "\n" + (more if self._dropped else "") + last


def _title(told: Headline) -> str:
    counts = ", ".join(f"{count} {name}" for name, count in told.counts.items() if count) or "none"
    sign = _MARKS.get(told.outcome, "⚪")
    return f"## {sign} pixelproof: {cell(told.profile)}: {cell(told.sentence())}\n\nChecks: {counts}"


def _findings(record: Record, kind: Verdict, title: str) -> Iterator[str]:
    found = causes(record.verdicts, record.exchanges, kind)
    if not found:
        return
    known = known_claims(record)
    rows = (
        (
            ", ".join(cause.claims),
            statement(known, cause.claims[0]),
            cause.said(),
            cause.shown[0].wanted,
            cause.shown[0].got,
        )
        for cause in found[:_FULL]
    )
    more = f"\n\n… and {len(found) - _FULL} more" if len(found) > _FULL else ""
    yield f"### {title}\n\n{table(('claim', 'promise', 'cases', 'wanted', 'got'), rows)}{more}"
    for cause in found[:_FULL]:
        yield _details(record, cause, source(known, cause.claims[0]))


def _details(record: Record, cause: Cause, page: str) -> str:
    first = cause.shown[0]
    cases = ", ".join(cause.cases)
    told = [
        f"source: {page}",
        f"case:   {first.case} ({first.rule})",
        f"wanted: {first.wanted}",
        f"got:    {first.got}",
    ]
    if len(cause.cases) > 1:
        told.append(f"cases:  {cases}")
    blocks = [fenced("\n".join(told))]
    if first.curl:
        blocks.append(fenced(located(first.curl, str(record.path.parent)), "sh"))
    return _folded(f"{', '.join(cause.claims)}: {first.case}", "\n\n".join(blocks))


def _folded(title: str, inside: str) -> str:
    return f"<details><summary>{cell(title)}</summary>\n\n{inside}\n\n</details>"


def _asides(record: Record) -> Iterator[str]:
    readings = sorted({(line.claim, line.got) for line in record.verdicts if line.verdict is Verdict.AMBIGUOUS})
    if readings:
        yield _folded("Readings of what the documents leave open", table(("claim", "reading"), readings))
    waivers = (record.end or {}).get("waivers")
    rows = [
        (name, kind.replace("_", " "))
        for kind in ("stale", "expired", "not_exercised")
        for name in names(waivers.get(kind) if isinstance(waivers, dict) else None)
    ]
    if rows:
        yield f"### Waivers\n\n{table(('waiver', 'is'), rows)}"
    missing = [(one.reason, one.what, one.hint, ", ".join(one.claims)) for one in absences(record)]
    if missing:
        yield _folded("Not run", table(("reason", "what", "supply it", "claims"), missing))


def _claims(record: Record) -> Iterator[str]:
    known = known_claims(record)
    folded = claim_verdicts(record.verdicts)
    rows = [
        (claim.claim, claim.verdict, f"{claim.judged}/{claim.planned}", statement(known, claim.claim))
        for claim in folded.values()
    ]
    absent = [name for name in names((record.end or {}).get("unjudged")) if name not in folded]
    rows += [(name, "not planned", "", statement(known, name)) for name in absent]
    if rows:
        yield _folded(f"All {len(rows)} claims", table(("claim", "verdict", "judged", "promise"), rows))
