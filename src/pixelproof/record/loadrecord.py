"""What a load came to as a record, so that every format of a report can show it as well."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from pixelproof.contract import Json
from pixelproof.record.recording import SCHEMA, BadRecord, Record
from pixelproof.verdict import CaseVerdict, Reason, Tally, Verdict, claim_verdicts

#: The result of a load, in its folder.
RESULT = "load.json"
_MONEY, _THRESHOLDS = "load-money", "load-thresholds"
#: What is held of every load, whichever document it is priced by.
_CLAIMS: Mapping[str, tuple[str, str]] = {
    _MONEY: ("The ledgers took what the answers say, to the last unit", "pixelproof load, Reconciliation"),
    _THRESHOLDS: ("No threshold was missed", "pixelproof load, Thresholds"),
}
_OUTCOMES = {0: "conformant", 1: "findings", 5: "inconclusive", 130: "interrupted"}
_WANTED = "every request finds its money, and every movement of money its request"


def read_load(folder: Path) -> Record:
    """Return the record of a load by its folder. Raises BadRecord."""
    path = folder / RESULT
    try:
        figures = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadRecord(f"{path}: cannot be read: {error}", "run the load again") from None
    if not isinstance(figures, dict) or not isinstance(figures.get("reconciliation"), dict):
        raise BadRecord(f"{path}: is no result of a load", "run the load again")
    return load_record(path, figures)


def load_record(path: Path, figures: Mapping[str, Json]) -> Record:
    """Return the record of a load from its figures; what it broke are verdicts, each with its count and examples."""
    verdicts = (*_money(figures), *_thresholds(figures))
    code = figures.get("exit_code")
    return Record(
        path=path,
        header={
            "kind": "run",
            "schema": SCHEMA,
            "profile": str(figures.get("profile")),
            "target": str(figures.get("target") or "load"),
            "tier": "load",
            "level": "documented",
            "seed": figures.get("seed"),
            "claims": {name: {"statement": says, "source": page} for name, (says, page) in _CLAIMS.items()},
        },
        verdicts=verdicts,
        end={
            "kind": "end",
            "outcome": _OUTCOMES.get(code if isinstance(code, int) else -1, "broken"),
            "exit_code": code,
            "counts": dict(Tally.of(verdicts).counts),
            "claims": {
                name: {"verdict": claim.verdict, "judged": claim.judged, "planned": claim.planned}
                for name, claim in claim_verdicts(verdicts).items()
            },
            "unjudged": [],
            "requests": figures.get("requests"),
            "duration_s": figures.get("seconds"),
            "note": _speed(figures),
        },
    )


def _speed(figures: Mapping[str, Json]) -> str:
    shares = ", ".join(f"{name} {figures.get(f'{name}_ms')} ms" for name in ("p50", "p95", "p99"))
    return f"{figures.get('throughput')} requests a second, {shares}, {figures.get('errors')} not served"


def _money(figures: Mapping[str, Json]) -> Iterator[CaseVerdict]:
    found = figures.get("reconciliation")
    money = found if isinstance(found, dict) else {}
    offences = money.get("offences")
    for offence in offences if isinstance(offences, list) else []:
        if isinstance(offence, dict):
            yield from _offence(offence)
    if money.get("exact") is None:
        what = "neither a ledger nor a wallet could be read"
        yield replace(_line(_MONEY, Verdict.NOT_RUN), got=what, reason=Reason.LEVER.value)
    else:
        verdict = Verdict.PASS if money["exact"] is True else Verdict.FAIL
        difference = f"{money.get('difference')} units off, by {money.get('by')}"
        yield replace(_line(_MONEY, verdict), wanted=_WANTED, got=difference)


def _offence(offence: Mapping[str, Json]) -> Iterator[CaseVerdict]:
    claims, examples = offence.get("claims"), offence.get("examples")
    told = "; ".join(map(str, examples)) if isinstance(examples, list) else ""
    got = f"{offence.get('count')} times: {offence.get('what')}: {told}"
    for claim in claims if isinstance(claims, list) and claims else [_MONEY]:
        yield replace(_line(str(claim), Verdict.FAIL), case=f"load/{offence.get('what')}", wanted=_WANTED, got=got)


def _thresholds(figures: Mapping[str, Json]) -> Iterator[CaseVerdict]:
    missed = figures.get("missed")
    for sentence in missed if isinstance(missed, list) else []:
        yield replace(_line(_THRESHOLDS, Verdict.FAIL), wanted="every threshold kept", got=str(sentence))
    if not missed:
        yield _line(_THRESHOLDS, Verdict.PASS)


def _line(claim: str, verdict: Verdict) -> CaseVerdict:
    return CaseVerdict(claim=claim, rule="reconciled", case="load", level="D", verdict=verdict)
