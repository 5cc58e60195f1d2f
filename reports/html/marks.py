"""How a verdict looks and reads: a sign, a word and a kind, so that colour is never the only difference."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pixelproof.verdict import Verdict, worst

#: What an address within the page may consist of; anything else is named by its digest.
_PLAIN = re.compile(r"[\w./,:=+@-]{1,120}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One kind of verdict as it is shown."""

    #: Also the name of its style.
    kind: str
    sign: str
    #: What it says of a claim.
    word: str


#: From grave to harmless: the order in which they are listed.
MARKS: Mapping[str, Mark] = {
    mark.kind: mark
    for mark in (
        Mark(kind="error", sign="E", word="error of pixelproof"),
        Mark(kind="fail", sign="✕", word="broken"),
        Mark(kind="warn", sign="!", word="warned"),
        Mark(kind="waived", sign="W", word="waived"),
        Mark(kind="ambiguous", sign="?", word="open in the document"),
        Mark(kind="partial", sign="◐", word="judged in part"),
        Mark(kind="not-run", sign="-", word="not run"),
        Mark(kind="not-applicable", sign="·", word="not applicable"),
        Mark(kind="pass", sign="✓", word="kept"),
    )
}
_GRAVITY = {kind: place for place, kind in enumerate(MARKS)}


def mark(verdict: str) -> Mark:
    """Return the mark of a verdict."""
    return MARKS.get(verdict, MARKS["not-run"])


def gravity(verdict: str) -> int:
    """Return a sort key: grave verdicts first."""
    return _GRAVITY.get(verdict, len(_GRAVITY))


def joined(verdicts: Iterable[Verdict]) -> Mark:
    """Return the mark of the worst of these verdicts."""
    return mark(worst(verdicts).value)


def anchor(kind: str, name: str) -> str:
    """Return the id of an element; a name that no address can hold is replaced by its digest."""
    if _PLAIN.fullmatch(name):
        return f"{kind}-{name}"
    return f"{kind}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
