"""Claims about gateways: the rules that judge them, and the lying gateways that prove the rules.

The liars are servers of this project's tests; ``specs/gateway/liars.yaml`` lists them, and a
test holds that every one of them is found out by the claim it stands at.
"""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof import loading
from pixelproof.contract import Claim, Json
from pixelproof.coverage import Carried
from pixelproof.document import Document, read
from pixelproof.gate.casebook import LOG_CASE, Terms, gate_cases

#: The folder in ``specs`` that is no provider's.
GATEWAY = "gateway"


def gateway_coverage() -> tuple[Carried, ...]:
    """Return every claim about gateways with what stands behind it, in order."""
    folder = loading.specs_folder() / GATEWAY
    written = read(folder / "claims.yaml")
    liars = _liars(read(folder / "liars.yaml"))
    rules = _rules()
    return tuple(_carried(claim, written, rules, liars) for claim in loading.gateway_claims().values())


def _carried(claim: Claim, written: Document, rules: Mapping[str, set[str]], liars: Mapping[str, list[str]]) -> Carried:
    return Carried(
        claim=claim.id,
        profile=GATEWAY,
        level=claim.level.value,
        kind=claim.kind.value,
        contract=f"specs/{GATEWAY}/claims.yaml:{written.line(('claims', claim.id))}",
        mock=(),
        rules=tuple(sorted(rules.get(claim.id, ()))),
        liars=tuple(sorted(liars.get(claim.id, ()))),
        variations=(),
        statement=claim.statement,
    )


def _rules() -> dict[str, set[str]]:
    """Return the rules that the cases of any shipped profile apply to each claim."""
    found: dict[str, set[str]] = {}
    for profile in loading.profiles():
        cases = gate_cases(loading.shipped(profile), Terms(idempotency="Idempotency-Key"))
        for check in (*LOG_CASE.checks, *(check for case in cases for check in case.case.checks)):
            found.setdefault(check.claim, set()).add(check.rule)
    return found


def _liars(document: Document) -> dict[str, list[str]]:
    rows = document.value.get("liars")
    found: dict[str, list[str]] = {}
    for name, row in rows.items() if isinstance(rows, dict) else ():
        claim: Json = row.get("claim") if isinstance(row, dict) else None
        found.setdefault(str(claim), []).append(name)
    return found
