"""The verdict and its denominator, which stand before everything else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pixelproof.contract import Json
from pixelproof.record.recording import Record
from pixelproof.verdict import ClaimVerdict, claim_verdicts

from .marks import MARKS, Mark, mark

#: Verdicts of a claim of which all that was planned was judged.
_WHOLE = frozenset({"pass", "ambiguous", "warn", "fail", "waived"})
_OUTCOMES: Mapping[str, tuple[str, str]] = {
    "conformant": ("pass", "Conformant"),
    "findings": ("fail", "Promises broken"),
    "partial": ("partial", "Conformant as far as it was judged"),
    "inconclusive": ("not-run", "Inconclusive"),
    "interrupted": ("not-run", "Interrupted"),
    "unreachable": ("not-run", "The target could not be reached"),
    "broken": ("error", "pixelproof itself failed"),
}
_WORDS: Mapping[str, str] = {
    "error": "stopped by an error of pixelproof",
    "fail": "failed",
    "warn": "warned about",
    "waived": "waived",
    "ambiguous": "open in the document",
    "partial": "judged in part",
    "pass": "kept",
    "not-run": "not judged",
    "not-applicable": "not applicable",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """So many obligations came to one verdict; ``start`` and ``width`` are its place in the bar, in per mille."""

    mark: Mark
    count: int
    word: str
    start: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The top of the page."""

    mark: Mark
    #: What was judged, and where it is.
    place: str
    headline: str
    sentence: str
    parts: tuple[Part, ...]
    facts: tuple[tuple[str, str], ...]
    note: str
    incomplete: bool


def summary(record: Record, folded: Mapping[str, ClaimVerdict] | None = None) -> Summary:
    """Return what a run came to."""
    folded = folded if folded is not None else claim_verdicts(record.verdicts)
    end = record.end or {}
    counts = Counter(claim.verdict for claim in folded.values())
    counts["not-run"] += len(unplanned(record, folded))
    kind, headline = _headline(record, counts)
    return Summary(
        mark=mark(kind),
        headline=headline,
        sentence=_sentence(counts),
        parts=_parts(counts),
        facts=_facts(record),
        place=_place(record),
        note=str(end.get("note") or ""),
        incomplete=record.end is None,
    )


def unplanned(record: Record, folded: Mapping[str, ClaimVerdict]) -> tuple[str, ...]:
    """Return the obligations that no case of the run was planned for."""
    names = (record.end or {}).get("unjudged")
    return tuple(str(name) for name in names if str(name) not in folded) if isinstance(names, list) else ()


def _headline(record: Record, counts: Mapping[str, int]) -> tuple[str, str]:
    broken = counts.get("fail", 0)
    if record.end is None:
        found = f", {_promises(broken)} broken so far" if broken else ""
        return ("fail" if broken else "not-run"), f"Incomplete: the run was cut{found}"
    outcome = str(record.end.get("outcome", ""))
    kind, words = _OUTCOMES.get(outcome, ("not-run", outcome))
    if outcome == "findings":
        return kind, f"{_promises(broken)} broken" if broken else "A waiver is stale or expired"
    return kind, words


def _promises(count: int) -> str:
    return f"{count} promise{'s' if count != 1 else ''}"


def _sentence(counts: Mapping[str, int]) -> str:
    judged = sum(count for kind, count in counts.items() if kind in _WHOLE)
    told = ", ".join(f"{counts[kind]} {_WORDS[kind]}" for kind in MARKS if counts.get(kind))
    whole = f"{judged} of {sum(counts.values())} obligations judged"
    return f"{whole}: {told}." if told else f"{whole}."


def _parts(counts: Mapping[str, int]) -> tuple[Part, ...]:
    total = sum(counts.values()) or 1
    found: list[Part] = []
    start = 0.0
    for kind, sign in MARKS.items():
        if counts.get(kind):
            width = 1000 * counts[kind] / total
            found.append(
                Part(mark=sign, count=counts[kind], word=_WORDS[kind], start=round(start, 1), width=round(width, 1))
            )
            start += width
    return tuple(found)


def _facts(record: Record) -> tuple[tuple[str, str], ...]:
    header, end = record.header, record.end or {}
    spent = end.get("cost")
    amount = f"{trimmed(spent.get('amount'))} {spent.get('currency')}" if isinstance(spent, dict) else None
    rows: list[tuple[str, Json]] = [
        ("Tier, level", f"{header.get('tier')}, {header.get('level')}"),
        ("Traffic", _traffic(record)),
        ("Spent", amount),
        ("Took", f"{end['duration_s']} s" if "duration_s" in end else None),
        ("Started", str(header.get("started", ""))[:19].replace("T", " ")),
    ]
    return tuple((name, str(value)) for name, value in rows if value)


def _place(record: Record) -> str:
    header = record.header
    target = header.get("target")
    where = f" at {target}" if target and header.get("tier") != target else " under load" if target else ""
    return f"{header.get('profile')}{where}"


def _traffic(record: Record) -> str:
    if record.end is None:
        return f"{len(record.exchanges)} exchanges so far"
    downloads = record.end.get("downloads")
    return f"{record.end.get('requests')} requests" + (f", {downloads} downloads" if downloads else "")


def trimmed(amount: Json) -> str:
    """Return a decimal text without needless zeros: 0.040000 becomes 0.04."""
    text = str(amount)
    whole, dot, fraction = text.partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}" if dot else whole
