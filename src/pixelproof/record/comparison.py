"""Several runs side by side: claims and rules by target, what requests cost and took, and drift over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from urllib.parse import urlsplit

from pixelproof.contract import Json
from pixelproof.porting import Port
from pixelproof.record.drift import Drift, drift
from pixelproof.record.measuring import Figure, figures
from pixelproof.record.recording import Record
from pixelproof.verdict import ClaimVerdict, claim_verdicts

#: Hosts of this machine: their ports are other ones in every run.
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One run in the table."""

    record: Record
    #: A letter, from A.
    letter: str
    #: Who was asked, and where more runs of it are compared also when.
    label: str
    figures: tuple[Figure, ...]

    @property
    def profile(self) -> str:
        """Return the profile that it was judged by."""
        return str(self.record.header.get("profile"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A claim or a rule in every run; None where a run has nothing about it."""

    name: str
    statement: str
    cells: tuple[ClaimVerdict | None, ...]

    @property
    def differs(self) -> bool:
        """Whether the runs that speak of it disagree, or only some of them judged it."""
        told = [cell.verdict for cell in self.cells if cell is not None]
        return len(set(told)) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Runs side by side, in the order in which they were named."""

    columns: tuple[Column, ...]
    claims: tuple[Row, ...]
    #: By rule, the common language of profiles: empty where all runs have one profile.
    rules: tuple[Row, ...]
    #: Each run against the one before it of the same target.
    drifts: tuple[tuple[Column, Column, Drift], ...]
    #: From the first run's contract to each other one, for runs of other profiles.
    ports: tuple[Port, ...] = ()


def compared(records: Sequence[Record], ports: Iterable[Port] = ()) -> Comparison:
    """Put records side by side."""
    columns = _columns(records)
    profiles = {column.profile for column in columns}
    return Comparison(
        columns=columns,
        claims=_rows(columns, [claim_verdicts(record.verdicts) for record in records]),
        rules=_rows(columns, [_by_rule(record) for record in records]) if len(profiles) > 1 else (),
        drifts=tuple(_drifts(columns)),
        ports=tuple(ports),
    )


def identity(record: Record) -> tuple[str, ...]:
    """Return what makes two runs runs of the same target: profile and address, or profile and embedded mock."""
    header = record.header
    profile = str(header.get("profile"))
    if isinstance(header.get("mock"), dict):
        return profile, "mock"
    target = str(header.get("target", ""))
    try:
        parts = urlsplit(target)
        host, port = parts.hostname or "", str(parts.port or "")
    except ValueError:  # no address at all: the same words are the same target
        return profile, target
    return profile, host, "" if host in _LOOPBACK and _is_gate(record) else port, parts.path.rstrip("/")


def _is_gate(record: Record) -> bool:
    # a gateway that we started ourselves listens on another port in every run
    return any(line.case.startswith("gate/") for line in record.verdicts)


def _columns(records: Sequence[Record]) -> tuple[Column, ...]:
    kinds = [identity(record) for record in records]
    return tuple(
        Column(
            record=record,
            letter=chr(ord("A") + index) if index < 26 else f"#{index + 1}",  # noqa: PLR2004 - letters of the alphabet
            label=_label(record, dated=kinds.count(kind) > 1),
            figures=figures(record),
        )
        for index, (record, kind) in enumerate(zip(records, kinds, strict=True))
    )


def _label(record: Record, *, dated: bool) -> str:
    header = record.header
    mock = header.get("mock")
    target = str(header.get("target", ""))
    who = target.partition("://")[2].partition("/")[0] or target
    if isinstance(mock, dict):
        who = f"mock ({mock['liar']})" if mock.get("liar") else "mock"
    when = f" {str(header.get('started', ''))[:16].replace('T', ' ')}" if dated else ""
    return f"{header.get('profile')} {who}{when}"


def _by_rule(record: Record) -> dict[str, ClaimVerdict]:
    return claim_verdicts(replace(line, claim=line.rule) for line in record.verdicts if line.rule)


def _rows(columns: tuple[Column, ...], folded: Sequence[Mapping[str, ClaimVerdict]]) -> tuple[Row, ...]:
    names = sorted({name for found in folded for name in found})
    said = {name: text for column in reversed(columns) for name, text in _statements(column.record).items()}
    return tuple(
        Row(name=name, statement=said.get(name, ""), cells=tuple(found.get(name) for found in folded)) for name in names
    )


def _statements(record: Record) -> dict[str, str]:
    told: Json = record.header.get("claims")
    rows = told.items() if isinstance(told, dict) else ()
    return {name: str(row.get("statement", "")) for name, row in rows if isinstance(row, dict)}


def _drifts(columns: tuple[Column, ...]) -> Iterable[tuple[Column, Column, Drift]]:
    grouped: dict[tuple[str, ...], list[Column]] = {}
    for column in columns:
        grouped.setdefault(identity(column.record), []).append(column)
    for found in grouped.values():
        for before, after in pairwise(found):
            yield before, after, drift(before.record, after.record)
