"""A record as one JSON document for scripts: what came of it, why, and what it cost."""

from __future__ import annotations

import json

from pixelproof.contract import Json
from pixelproof.findings.causes import Cause, causes
from pixelproof.record.recording import Record
from pixelproof.verdict import CaseVerdict, Verdict, claim_verdicts

from .absences import Absence, absences
from .headline import headline
from .legible import legible
from .statements import known_claims, names, source, statement

#: Raised when a field changes its meaning or goes away.
_SCHEMA = "pixelproof.report/1"
_HEADER = ("tool_version", "rules_version", "contract_sha256", "profile", "target", "tier", "level", "seed", "started")
_KINDS = (Verdict.ERROR, Verdict.FAIL, Verdict.WARN, Verdict.AMBIGUOUS, Verdict.WAIVED)


def render(record: Record) -> str:
    """Return the document, indented."""
    shown = legible(record)
    told, end = headline(shown), shown.end or {}
    value = {
        "schema": _SCHEMA,
        "run": {name: shown.header.get(name) for name in _HEADER},
        "complete": shown.end is not None,
        "outcome": told.outcome,
        "exit_code": end.get("exit_code"),
        "counts": told.counts,
        "judged": {"whole": told.judged, "of": told.total},
        "requests": end.get("requests"),
        "downloads": end.get("downloads"),
        "cost": end.get("cost"),
        "duration_s": end.get("duration_s"),
        "note": end.get("note", ""),
        "claims": _claims(shown),
        "causes": [_cause(cause) for kind in _KINDS for cause in causes(shown.verdicts, shown.exchanges, kind)],
        "not_run": [_absence(one) for one in absences(shown)],
        "unjudged": list(names(end.get("unjudged"))),
        "waivers": end.get("waivers"),
    }
    return json.dumps(value, indent=1) + "\n"


def _claims(record: Record) -> dict[str, Json]:
    known = known_claims(record)
    return {
        name: {
            "verdict": claim.verdict,
            "judged": claim.judged,
            "planned": claim.planned,
            "statement": statement(known, name),
            "source": source(known, name),
        }
        for name, claim in claim_verdicts(record.verdicts).items()
    }


def _cause(cause: Cause) -> dict[str, Json]:
    return {
        "verdict": cause.verdict.value,
        "rule": cause.rule,
        "claims": list(cause.claims),
        "shared": dict(cause.shared),
        "cases": [_line(line) for line in cause.shown],
    }


def _line(line: CaseVerdict) -> dict[str, Json]:
    told = {"wanted": line.wanted, "got": line.got, "curl": line.curl, "waiver": line.waiver}
    return {"case": line.case, **{name: text for name, text in told.items() if text}, "exchanges": list(line.exchanges)}


def _absence(absence: Absence) -> dict[str, Json]:
    claims: list[Json] = [*absence.claims]
    return {"reason": absence.reason, "what": absence.what, "hint": absence.hint, "claims": claims}
