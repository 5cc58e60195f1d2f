"""SARIF 2.1.0, as code scanning reads it: rules are claims, results are checks that were not simply kept."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pixelproof import __version__, loading
from pixelproof.contract import Claim, Json
from pixelproof.findings.claimplaces import Place, claim_places, gateway_places
from pixelproof.problems import Problem
from pixelproof.record.recording import Record
from pixelproof.verdict import CaseVerdict, Verdict

from .legible import legible
from .statements import Told, known_claims, source, statement

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#: Verdicts that are results, and how grave each is; what was accepted was found all the same.
_LEVELS: Mapping[Verdict, str] = {
    Verdict.FAIL: "error",
    Verdict.WAIVED: "error",
    Verdict.WARN: "warning",
    Verdict.AMBIGUOUS: "note",
}
#: Raised when what goes into a fingerprint changes: old alerts are then new ones.
_FINGERPRINT = "pixelproofCheck/v1"
#: Folder under which shipped contracts are named, as in the repository of pixelproof.
_SPECS = "specs"


def render(record: Record) -> str:
    """Return the record as one SARIF log with one run."""
    shown = legible(record)
    found = [line for line in shown.verdicts if line.verdict in _LEVELS]
    claims = list(dict.fromkeys(line.claim for line in shown.verdicts))
    known = known_claims(shown)
    rules = [_rule(claim, known, str(shown.header.get("profile"))) for claim in claims]
    places = _Places(shown, set(claims))
    run = {
        "tool": {
            "driver": {"name": "pixelproof", "semanticVersion": __version__, "version": __version__, "rules": rules}
        },
        "automationDetails": {"id": f"pixelproof/{shown.header.get('profile')}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(shown)],
        "results": list(_results(shown, found, {claim: index for index, claim in enumerate(claims)}, places)),
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rule(claim: str, known: Mapping[str, Claim | Told], profile: str) -> dict[str, Json]:
    says, page = statement(known, claim) or claim, source(known, claim)
    where = next((word for word in page.split() if word.startswith(("https://", "http://"))), None)
    rule: dict[str, Json] = {
        "id": claim,
        "shortDescription": {"text": _plain(says)},
        "fullDescription": {"text": _plain(f"{says}. {page}" if page else says)},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["conformance", profile]},
    }
    return {**rule, "helpUri": where.rstrip(",;)")} if where else rule


def _results(
    record: Record, found: Iterable[CaseVerdict], index: Mapping[str, int], places: _Places
) -> Iterator[dict[str, Json]]:
    profile = str(record.header.get("profile"))
    seen: Counter[tuple[str, str, str]] = Counter()
    for line in found:
        key = (line.claim, line.rule, line.case)
        seen[key] += 1
        place = places.of(line.claim)
        physical: dict[str, Json] = {"artifactLocation": {"uri": place.file}, "region": {"startLine": place.line}}
        result: dict[str, Json] = {
            "ruleId": line.claim,
            "ruleIndex": index[line.claim],
            "kind": "fail",
            "level": _LEVELS[line.verdict],
            "message": {"text": _plain(_said(line))},
            "locations": [
                {
                    "physicalLocation": physical,
                    "logicalLocations": [{"name": line.case, "fullyQualifiedName": f"{profile}/{line.case}"}],
                }
            ],
            "partialFingerprints": {_FINGERPRINT: _digest(profile, *key, str(seen[key]))},
            "properties": {"verdict": line.verdict.value, "rule": line.rule, "case": line.case, "curl": line.curl},
        }
        if line.verdict is Verdict.WAIVED:
            result["suppressions"] = [
                {"kind": "external", "status": "accepted", "justification": _plain(line.waiver or "waived")}
            ]
        yield result


def _said(line: CaseVerdict) -> str:
    told = (("wanted", line.wanted), ("got", line.got), ("case", f"{line.case} ({line.rule})"))
    return "\n".join(f"{name}: {text}" for name, text in told if text)


def _plain(text: str) -> str:
    """Return a text in which no viewer sees an embedded link: SARIF reads ``[words](target)`` in plain messages."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _digest(*parts: str) -> str:
    # of what names a check and of nothing that was measured: the same finding is the same alert in every run
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _invocation(record: Record) -> dict[str, Json]:
    """Return how the run went: an error of ours is told here, and is no result about the target."""
    broken: list[Json] = [
        {"level": "error", "message": {"text": _plain(f"{line.claim} {line.case}: {line.got}")}}
        for line in record.verdicts
        if line.verdict is Verdict.ERROR
    ]
    if record.end is None:
        broken.append({"level": "error", "message": {"text": "the run was cut: its record has no last line"}})
    told: dict[str, Json] = {"executionSuccessful": not broken, "toolExecutionNotifications": broken}
    code = (record.end or {}).get("exit_code")
    started = str(record.header.get("started", ""))
    return {
        **told,
        **({"exitCode": code} if isinstance(code, int) else {}),
        **({"startTimeUtc": started.replace("+00:00", "Z")} if started.endswith("+00:00") else {}),
    }


class _Places:
    """Where claims stand, by addresses that are relative to a checkout."""

    def __init__(self, record: Record, claims: set[str]) -> None:
        """Look the claims of a record up, in the contract that it was made with."""
        own = record.header.get("contract")
        profile = str(record.header.get("profile"))
        self._fallback = own if isinstance(own, str) else f"{_SPECS}/{profile}/contract.yaml"
        self._known: dict[str, Place] = {}
        path = Path(own) if isinstance(own, str) else loading.specs_folder() / profile / "contract.yaml"
        if path.is_file():  # a pipe or a device that a record names is not waited for
            self._learn(path)
        if claims - set(self._known):
            self._known = {**gateway_places(), **self._known}

    def of(self, claim: str) -> Place:
        """Return the place of a claim, the beginning of its contract where it is not known."""
        place = self._known.get(claim, Place(file=self._fallback, line=1))
        return Place(file=_relative(place.file), line=place.line)

    def _learn(self, path: Path) -> None:
        try:
            self._known = dict(claim_places(path))
        except (Problem, OSError):  # the contract is gone: its name is still in the record
            self._known = {}


def _relative(file: str) -> str:
    """Return the address of a file as code scanning wants it: relative to where we stand, with forward slashes."""
    from urllib.parse import quote

    path = Path(file)
    for base, prefix in ((Path.cwd(), ""), (loading.specs_folder(), f"{_SPECS}/")):
        if path.is_absolute() and path.is_relative_to(base):
            return quote(prefix + path.relative_to(base).as_posix())
    parts = [part for part in path.parts if part not in {path.anchor, "..", "."}]
    # one from elsewhere is named by its folder and itself: no path of this machine stands in a report
    return quote("/".join(parts[-2:] if path.is_absolute() or ".." in path.parts else parts))
